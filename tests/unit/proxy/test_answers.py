"""Short answers of our own parse under a strict reader and say what they must."""

import h11
import pytest

from proxy.answers import answer


@pytest.mark.parametrize("status", [400, 404, 408, 413, 414, 421, 431, 500, 501, 502, 503, 504, 505, 508])
@pytest.mark.parametrize("keep_alive", [True, False])
def test_answer_is_a_whole_response(status: int, keep_alive: bool) -> None:
    reader = h11.Connection(h11.CLIENT)
    reader.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    reader.send(h11.EndOfMessage())
    reader.receive_data(answer(status, keep_alive=keep_alive))
    head, body, end = reader.next_event(), reader.next_event(), reader.next_event()
    assert isinstance(head, h11.Response)
    assert head.status_code == status
    assert isinstance(body, h11.Data)
    assert bytes(body.data).startswith(str(status).encode())
    assert isinstance(end, h11.EndOfMessage)
    assert (reader.their_state is h11.MUST_CLOSE) is not keep_alive


def test_answer_to_head_has_no_body_but_its_length() -> None:
    head = answer(404, keep_alive=True, for_head=True)
    assert head.endswith(b"\r\n\r\n")
    assert b"Content-Length: 14\r\n" in head

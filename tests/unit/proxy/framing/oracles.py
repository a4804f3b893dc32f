"""One message read by three readers: ours, h11 and httptools; the outcome of each in the same words."""

from dataclasses import dataclass, field

import h11
import httptools

from proxy.framing.body_framing import UntilClose
from proxy.framing.decoders import decoder_for
from proxy.framing.error import FramingError
from proxy.framing.request import find_head_end, parse_request_head
from proxy.framing.response import find_response_head_end, parse_response_head


@dataclass(frozen=True)
class Message:
    """A message that was understood: its start line's parts and its body."""

    start: tuple[bytes, ...]
    body: bytes
    rest: bytes = field(default=b"", compare=False)


REFUSED = "refused"
INCOMPLETE = "incomplete"
Outcome = Message | str


def our_request(data: bytes) -> Outcome:
    try:
        end = find_head_end(data)
        if end < 0:
            return INCOMPLETE
        head = parse_request_head(data[:end])
        decoder = decoder_for(head.framing)
        body = b"".join(decoder.feed(data[end:]))
    except FramingError:
        return REFUSED
    if not decoder.done:
        return INCOMPLETE
    return Message((head.method, head.target), body, decoder.leftover)


def our_response(data: bytes, method: bytes) -> Outcome:
    try:
        end = find_response_head_end(data)
        if end < 0:
            return INCOMPLETE
        head = parse_response_head(data[:end], method)
        decoder = decoder_for(head.framing, error_status=502)
        body = b"".join(decoder.feed(data[end:]))
        if isinstance(head.framing, UntilClose):
            decoder.eof()
    except FramingError:
        return REFUSED
    if not decoder.done:
        return INCOMPLETE
    return Message((b"%d" % head.status,), body, decoder.leftover)


def h11_request(data: bytes) -> Outcome:
    return _h11(h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20), data)


def h11_response(data: bytes, method: bytes) -> Outcome:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "shop")]))
    connection.send(h11.EndOfMessage())
    return _h11(connection, data, close=True)


def _h11(connection: h11.Connection, data: bytes, *, close: bool = False) -> Outcome:
    start: tuple[bytes, ...] | None = None
    body = b""
    connection.receive_data(data)
    if close:
        connection.receive_data(b"")
    try:
        while True:
            match connection.next_event():
                case h11.Request() as request:
                    start = (request.method, request.target)
                case h11.Response() as response:
                    start = (b"%d" % response.status_code,)
                case h11.InformationalResponse() as response:
                    return Message((b"%d" % response.status_code,), b"")
                case h11.Data() as part:
                    body += part.data
                case h11.EndOfMessage():
                    return Message(start or (), body, connection.trailing_data[0])
                case h11.NEED_DATA:
                    return INCOMPLETE
                case _:
                    return REFUSED
    except h11.RemoteProtocolError as error:
        return INCOMPLETE if "peer closed connection" in str(error) else REFUSED


class _Collector:
    def __init__(self) -> None:
        self.url = b""
        self.body = b""
        self.is_complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_body(self, part: bytes) -> None:
        self.body += part

    def on_message_complete(self) -> None:
        self.is_complete = True


def httptools_request(data: bytes) -> Outcome:
    collector = _Collector()
    parser = httptools.HttpRequestParser(collector)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        return REFUSED
    return Message((parser.get_method(), collector.url), collector.body) if collector.is_complete else INCOMPLETE


def httptools_response(data: bytes) -> Outcome:
    collector = _Collector()
    parser = httptools.HttpResponseParser(collector)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError:
        return REFUSED
    if not collector.is_complete and not parser.get_status_code():
        return INCOMPLETE
    return Message((b"%d" % parser.get_status_code(),), collector.body) if collector.is_complete else INCOMPLETE

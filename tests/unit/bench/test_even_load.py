"""The even load: when requests are due is known before, answers are read whole, and who waits is not left out."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bench.even_load import Plan, measured, moments

LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(answer: Callable[[int], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A server, by its port and what it was asked: request n gets `answer(n)`, one after the other."""
    asked: list[bytes] = []
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with connection:
            while request := connection.recv(65536):
                with lock:
                    asked.append(request)
                    answered = answer(len(asked) - 1)
                half = len(answered) // 2
                connection.sendall(answered[:half])
                connection.sendall(answered[half:])

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def _requests(count: int) -> list[str]:
    return [f"GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n" for number in range(count)]


def test_one_request_is_due_in_each_slot_and_the_same_for_everybody() -> None:
    due = moments(1000, 500.0, 3)
    assert [int(at * 500) for at in due] == list(range(1000))
    assert due == moments(1000, 500.0, 3) != moments(1000, 500.0, 4)


@pytest.mark.parametrize("answer", [LONG, CHUNKED], ids=["length", "chunks"])
def test_all_requests_are_sent_and_all_answers_read(answer: bytes) -> None:
    with answering(lambda _: answer) as (port, asked):
        found = measured(Plan(port, 400.0, 1, 4, _requests(40)))
    assert sorted(asked) == sorted(each.encode() for each in _requests(40))
    assert found.sent == 40
    assert 0 < found.p50_us <= found.p99_us


def test_those_who_wait_behind_a_late_answer_are_late() -> None:
    def answer(number: int) -> bytes:
        if number == 1:
            time.sleep(0.4)  # the other nine are due within 0.1 s
        return CHUNKED

    with answering(answer) as (port, _):
        found = measured(Plan(port, 100.0, 1, 1, _requests(11)))
    assert found.p50_us > 300_000
    assert found.per_second < 100


def test_an_error_ends_it_with_a_line_that_tells() -> None:
    with answering(lambda number: MISSING if number == 5 else LONG) as (port, _):
        plan = {"port": port, "rate": 500, "seed": 1, "connections": 2, "requests": _requests(9)}
        command = (sys.executable, "-m", "bench.even_load")
        done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "HTTP/1.1 404 Not Found\n")

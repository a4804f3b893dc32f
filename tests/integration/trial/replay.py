"""Exchanges recorded from real shops, and an origin that plays them again under a name of its own.

The origin is as strict as such shops are: another Host is 400, a foreign Origin or Referer 403.
"""

import gzip
import os
import re
import socket
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SHARED = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[4] / "shared"))
SHOPS = SHARED / "shops"

Fields = tuple[tuple[str, str], ...]

_REQUEST = re.compile(rb"^(?=> [A-Z]+ \S+ HTTP/1\.1\r?$)", re.MULTILINE)
OF_THE_WIRE = frozenset(("transfer-encoding", "content-length", "connection", "content-encoding"))
"""Fields that each connection has its own of."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request and its answer. `body` is the answer's content; of redirects nothing was kept."""

    method: str
    target: str
    fields: Fields
    form: bytes
    status: str
    answer: Fields
    body: bytes

    @property
    def code(self) -> int:
        """The answer's status code."""
        return int(self.status.split()[0])

    def value(self, name: str) -> str:
        """A request field's value, "" when it was not sent."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    def end_to_end(self) -> list[tuple[str, str]]:
        """The answer's fields but for those that describe its bytes on the wire."""
        return [(name, value) for name, value in self.answer if name.lower() not in OF_THE_WIRE]


def recordings(shop: str, host: str) -> dict[str, list[Recorded]]:
    """Name → exchanges that followed each other, as if the shop had been called `host`."""
    found: dict[str, list[Recorded]] = {}
    for path in sorted((SHOPS / shop).glob("*.http")):
        bodies = [path.with_suffix(suffix) for suffix in (".html", ".json")]
        body = next((each.read_bytes() for each in bodies if each.exists()), b"")
        parts = [part for part in _REQUEST.split(_renamed(path.read_bytes(), host)) if part.strip()]
        found[path.stem] = [
            _recorded(part, _renamed(body, host) if number == len(parts) else b"")
            for number, part in enumerate(parts, 1)
        ]
    return found


def _renamed(data: bytes, host: str) -> bytes:
    """The recorded name replaced, plain and percent-encoded: and in cookies: these shops write it in no other way."""
    encoded = host.replace(":", "%3A").encode()
    data = re.sub(rb"127\.0\.0\.1:240\d\d", host.encode(), data)
    data = re.sub(rb"127\.0\.0\.1%3A240\d\d", encoded, data)
    return data.replace(b"domain=127.0.0.1", b"domain=" + host.partition(":")[0].encode())


def _recorded(part: bytes, body: bytes) -> Recorded:
    lines = part.decode("latin-1").splitlines()
    asked = [line[2:] for line in lines if line.startswith("> ")]
    told = [line[2:] for line in lines if line.startswith("< ") and not line.startswith("< [body")]
    method, target, _ = asked[0].split(" ")
    fields = [line.partition(": ")[::2] for line in asked[1:] if _is_field(line)]
    length = next((int(value) for name, value in fields if name.lower() == "content-length"), 0)
    form = part[part.rindex(b"> ") + 2 :].split(b"\r\n")[0][:length] if length else b""
    answer = [line.partition(": ")[::2] for line in told[1:] if ": " in line]
    status = told[0].partition(" ")[2]
    return Recorded(method, target, tuple(fields), form, status, tuple(answer), body)


def _is_field(line: str) -> bool:
    return re.match(r"[A-Za-z-]+: ", line) is not None


@dataclass(slots=True)
class Asked:
    """A request as the origin got it."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    form: bytes

    def value(self, name: str) -> str:
        """A field's value, "" when it is not there."""
        return next((value for key, value in self.fields if key.lower() == name), "")


@dataclass(slots=True)
class Origin:
    """Answers with what was recorded: in the order of `script` while there is one, else by `pages`."""

    listener: socket.socket
    script: list[Recorded] = field(default_factory=list)
    pages: dict[str, Recorded] = field(default_factory=dict)
    domain: str = ""
    """Written into cookies that name none."""
    asked: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The only name it answers to."""
        return f"localhost:{self.listener.getsockname()[1]}"

    def answer(self, asked: Asked) -> bytes:
        """The response's bytes."""
        own = f"http://{self.host}"
        if asked.value("host") != self.host:
            return self._refuse(400, f"Host {asked.value('host')}")
        for name in ("origin", "referer"):
            if (value := asked.value(name)) and value != own and not value.startswith(own + "/"):
                return self._refuse(403, f"{name} {value}")
        self.asked.append(asked)
        if self.script:
            return self.encoded(self.script.pop(0), asked)
        if (page := self.pages.get(asked.target)) is not None:
            return self.encoded(page, asked)
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def _refuse(self, status: int, why: str) -> bytes:
        self.refused.append(why)
        return b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % status

    def encoded(self, recorded: Recorded, asked: Asked) -> bytes:
        """As it was sent: chunked or not, gzip or not."""
        sent = {name.lower(): value for name, value in recorded.answer}
        body = recorded.body
        lines = [f"HTTP/1.1 {recorded.status}"]
        for name, value in recorded.end_to_end():
            is_cookie = name.lower() == "set-cookie" and self.domain and "domain=" not in value.lower()
            lines.append(f"{name}: {value}; Domain={self.domain}" if is_cookie else f"{name}: {value}")
        if sent.get("content-encoding") == "gzip" and "gzip" in asked.value("accept-encoding"):
            lines.append("Content-Encoding: gzip")
            body = gzip.compress(body)
        if "transfer-encoding" in sent:
            lines.append("Transfer-Encoding: chunked")
            pieces = [body[at : at + 5000] for at in range(0, len(body), 5000)]
            body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        else:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join((*lines, "", "")).encode("latin-1") + (b"" if asked.method == "HEAD" else body)


@contextmanager
def replaying() -> Iterator[Origin]:
    """An origin on a free port, answered by threads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = Origin(listener)
        thread = threading.Thread(target=_accept, args=(origin,), daemon=True)
        thread.start()
        yield origin
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _accept(origin: Origin) -> None:
    while True:
        try:
            connection, _ = origin.listener.accept()
        except OSError:  # closed: the test is over
            return
        threading.Thread(target=_serve, args=(origin, connection), daemon=True).start()


def _serve(origin: Origin, connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as reader:
        while line := reader.readline():
            method, target, _ = line.decode("latin-1").split(" ")
            fields = []
            while (read := reader.readline()) not in (b"\r\n", b""):
                name, _, value = read.decode("latin-1").rstrip("\r\n").partition(": ")
                fields.append((name, value))
            length = next((int(value) for name, value in fields if name.lower() == "content-length"), 0)
            asked = Asked(method, target, fields, reader.read(length))
            try:
                connection.sendall(origin.answer(asked))
            except OSError:
                return


def unpacked(body: bytes, coding: str | None) -> bytes:
    """The content of an answer."""
    return zlib.decompress(body, 31) if coding == "gzip" else body

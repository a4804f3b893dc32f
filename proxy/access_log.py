"""The access log: a line per answered request, in Apache's combined format or as JSON.

Invariants: lines are whole, whoever else writes into the file (O_APPEND, one write of whole lines); what a line says is
what the click of the same exchange says, so no query value, no cookie, no address of a person; a client's address is
kept without its last octet (IPv4) or beyond /48 (IPv6). Lines of one turn of the event loop go out together: a killed
process loses those of that turn, never a part of a line.
"""

import fcntl
import json
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from clicks.agents import agent_class
from clicks.click import Click
from clicks.privacy import has_card_number, has_email, is_token
from proxy.framing.head import RequestHead
from proxy.request_fields import RequestFields

_LOG = logging.getLogger("vitrina.proxy")
Format = Literal["combined", "json"]

LONGEST_PATH = 1024
LONGEST_AGENT = 256
_LONGEST_ADDRESS = 64
PIPE_BYTES = 4096
"""What goes into a pipe in one piece, whoever else writes there (POSIX PIPE_BUF on Linux)."""
_COMPLAIN_EVERY_S = 60.0
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_UNPRINTABLE = re.compile(r"[^ !#-\[\]-~]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Ended:
    """An exchange that has ended, as far as a line tells of it. `started` is in seconds of the steady clock."""

    head: RequestHead
    fields: RequestFields
    click: Click
    bytes_in: int
    bytes_out: int
    started: float
    added_us: int


class AccessLog:
    """One worker's end of the file that all workers of a machine share. Needs the running event loop's `call_soon`."""

    def __init__(
        self,
        path: Path,
        form: Format,
        *,
        max_bytes: int,
        keep: int,
        soon: Callable[[Callable[[], None]], object],
        lost: Callable[[int], None],
    ) -> None:
        """Open the file (and make its folder); OSError when that cannot be done. `lost` is told how many lines were."""
        self.path = path
        self._line = _json_line if form == "json" else _combined_line
        self._max_bytes = max_bytes
        self._keep = keep
        self._soon = soon
        self._lost = lost
        self._waiting: list[str] = []
        self._complained = -_COMPLAIN_EVERY_S
        self._prefix = secrets.token_hex(6)
        self._minted = 0
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._fd, self._is_file = _opened(path)

    def request_id(self, head: RequestHead, *, is_trusted: bool) -> str:
        """The id a trusted peer gave the request, else a new one."""
        if is_trusted and (given := head.index.get(b"x-request-id")) is not None and _REQUEST_ID.fullmatch(given):
            return given.decode("ascii")
        self._minted += 1
        return f"{self._prefix}{self._minted:08x}"

    def exchange_ended(self, ended: Ended) -> None:
        """A line for an exchange and its click."""
        self._add(self._line(ended))

    def refused(self, address: bytes, status: int) -> None:
        """A line for a request that could not be understood: nothing of it is said."""
        self._add(_refused_line(self._line is _json_line, shown_address(address, None), status))

    def _add(self, line: str) -> None:
        waiting = self._waiting
        waiting.append(line)
        if len(waiting) == 1:
            self._soon(self.flush)

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        data = "".join(waiting).encode("utf-8", "replace")
        try:
            if self._is_file:
                while data:
                    data = data[os.write(self._fd, data) :]
            else:
                for piece in _pieces(waiting):
                    os.write(self._fd, piece)
        except OSError as error:  # a full disk, a pipe nobody reads: pages go on
            self._lost(len(waiting))
            self._complain(error)

    def check(self) -> None:
        """Called about once a second: rotate a file that is too large, follow one that was rotated by another."""
        if not self._is_file:
            return
        try:
            if os.fstat(self._fd).st_size > self._max_bytes:
                self._rotate()
            here, there = os.fstat(self._fd), os.stat(self.path)
            if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
                self.reopen()
        except FileNotFoundError:
            self.reopen()
        except OSError as error:
            self._complain(error)

    def reopen(self) -> None:
        """Write into the file that has the name now (after logrotate has renamed the old one)."""
        self.flush()
        try:
            fresh, self._is_file = _opened(self.path)
        except OSError as error:
            self._complain(error)
            return
        os.close(self._fd)
        self._fd = fresh

    def close(self) -> None:
        """Write what waits and let go."""
        self.flush()
        os.close(self._fd)

    def _rotate(self) -> None:
        """Rename file.N-1 to file.N … file to file.1; one process at a time, and only if it is still too large."""
        path = self.path
        lock = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_size > self._max_bytes:
                for number in range(self._keep, 0, -1):
                    newer = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
                    if newer.exists():
                        newer.replace(path.with_name(f"{path.name}.{number}"))
                if not self._keep:
                    path.unlink()
                os.close(_opened(path)[0])
        except BlockingIOError:
            pass  # another worker is at it
        finally:
            os.close(lock)

    def _complain(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._complained >= _COMPLAIN_EVERY_S:
            self._complained = now
            _LOG.error("access log %s: %s", self.path, error.strerror or error)


def _opened(path: Path) -> tuple[int, bool]:
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
    descriptor = os.open(path, flags, 0o640)
    return descriptor, stat.S_ISREG(os.fstat(descriptor).st_mode)


def _pieces(lines: list[str]) -> list[bytes]:
    """Whole lines in pieces that a pipe takes at once."""
    pieces, piece = [], b""
    for line in lines:
        data = line.encode("utf-8", "replace")
        if piece and len(piece) + len(data) > PIPE_BYTES:
            pieces.append(piece)
            piece = b""
        piece += data
    return [*pieces, piece]


def _combined_line(ended: Ended) -> str:
    click, fields, head = ended.click, ended.fields, ended.head
    address = shown_address(fields.peer, head.index.get(b"x-forwarded-for") if fields.is_trusted else None)
    referrer = _escaped(f"{fields.scheme.decode()}://{click.referrer}") if click.referrer else "-"
    agent = shown_agent(head.index.get(b"user-agent", b""))
    return (
        f"{address} - - [{_clf_time(int(click.time))}] "
        f'"{click.method} {_escaped(click.path)} HTTP/{head.version.decode()}" {click.status} {ended.bytes_out} '
        f'"{referrer}" "{agent}" {click.request or "-"} {_total_ms(ended):.1f} {ended.added_us}\n'
    )


def _json_line(ended: Ended) -> str:
    # Written by hand, for an encoder takes several times as long: every text is printable ASCII without quotes here.
    click, fields, head = ended.click, ended.fields, ended.head
    address = shown_address(fields.peer, head.index.get(b"x-forwarded-for") if fields.is_trusted else None)
    return (
        f'{{"time":{click.time:.3f},"id":"{click.request}","address":"{address}","host":"{_escaped(click.host)}",'
        f'"method":"{click.method}","path":"{_escaped(click.path)}","status":{click.status},'
        f'"bytes_out":{ended.bytes_out},"bytes_in":{ended.bytes_in},"referrer":"{_escaped(click.referrer)}",'
        f'"agent":"{shown_agent(head.index.get(b"user-agent", b""))}","kind":"{click.kind}",'
        f'"ms":{_total_ms(ended):.1f},"origin_ms":{click.origin_ms},"added_us":{ended.added_us},'
        f'"outcome":"{_escaped(click.outcome)}","aborted":{"true" if click.aborted else "false"}}}\n'
    )


_ENCODE = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def _refused_line(is_json: bool, address: str, status: int) -> str:
    now = time.time()
    if is_json:
        return f"{_ENCODE({'time': round(now, 3), 'address': address, 'status': status, 'outcome': 'bad_request'})}\n"
    return f'{address} - - [{_clf_time(int(now))}] "-" {status} 0 "-" "-" - 0.0 0\n'


def _total_ms(ended: Ended) -> float:
    return (time.monotonic() - ended.started) * 1000


@lru_cache(maxsize=4)
def _clf_time(second: int) -> str:
    """Common Log Format, in UTC. Month names are the format's, whatever the locale."""
    at = time.gmtime(second)
    return (
        f"{at.tm_mday:02d}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year}:{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} +0000"
    )


def _escaped(text: str) -> str:
    return _escaped_once(text) if len(text) <= 256 else _percent_encoded(text[:LONGEST_PATH])


def _percent_encoded(text: str) -> str:
    """Printable ASCII without blanks and quotes."""
    return quote(text, safe="/:;,@!$&'()*+=~-._[]", errors="replace")


_escaped_once = lru_cache(maxsize=4096)(_percent_encoded)


def shown_address(peer: bytes, forwarded_for: bytes | None) -> str:
    """The visitor's network: the last address a trusted peer named, else the peer's, cut. "-" when it is none."""
    if forwarded_for is None:
        return _network(peer)
    named = forwarded_for.rpartition(b",")[2].strip() or peer
    return _network(named) if len(named) <= _LONGEST_ADDRESS else "-"


@lru_cache(maxsize=4096)
def _network(text: bytes) -> str:
    try:
        address = ip_address(text.decode("ascii").strip('"[]').partition("%")[0])
    except ValueError:
        return "-"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(ip_network((address, 48), strict=False).network_address)
        address = address.ipv4_mapped
    return str(ip_network((address, 24), strict=False).network_address)


def shown_agent(user_agent: bytes) -> str:
    """The User-Agent field in printable ASCII; only its class where it carries an address or what may be a secret."""
    return _shown_agent(user_agent[:LONGEST_AGENT])


@lru_cache(maxsize=4096)
def _shown_agent(user_agent: bytes) -> str:
    text = user_agent.decode("latin-1")
    if has_email(text) or has_card_number(text) or is_token(text):
        return f"({agent_class(text)})"
    return _UNPRINTABLE.sub("?", text) or "-"

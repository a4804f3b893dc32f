"""host = "origin": the shop under another name; URLs in fields mapped both ways, as bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrialHost:
    """The two names of the shop. Hosts are `name` or `name:port`, lower case."""

    origin_scheme: bytes
    origin_host: bytes
    public_scheme: bytes
    public_host: bytes
    aliases: tuple[bytes, ...] = ()
    """Further names by which the origin calls itself (for example without `www.`)."""


def request_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """Origin and Referer rewritten to the origin's name (Host is written by `to_origin`)."""
    raise NotImplementedError


def response_fields(headers: list[tuple[bytes, bytes]], hosts: TrialHost) -> list[tuple[bytes, bytes]]:
    """Location, Content-Location, Refresh, Link, Set-Cookie and Access-Control-Allow-Origin mapped to the public name."""
    raise NotImplementedError

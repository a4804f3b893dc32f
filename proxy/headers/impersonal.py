"""Requests that say nothing by which a shop could know who asks, so that what it answers holds nothing of anybody.

Invariant: what is not known to be impersonal is taken for personal. Not seen here is a shop that knows people by their
address alone (THREAT_MODEL.md).
"""

from proxy.framing.head import RequestHead

_BY_BROWSERS = """
    accept accept-charset accept-encoding accept-language cache-control connection dnt host pragma priority referer
    save-data sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user
    sec-gpc te upgrade-insecure-requests user-agent
"""
_BY_FRONTS = "forwarded via x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip"
_IMPERSONAL = frozenset(f"{_BY_BROWSERS} {_BY_FRONTS}".encode("ascii").split())
"""Fields that browsers send to everybody, and those of servers in front of us: no Cookie, no Authorization."""

_MARKS = (b"?", b";", b"(")
"""Where URLs carry sessions: queries, parameters of a segment (`;jsessionid=`), and `/(S(…))/` of ASP.NET."""


def is_impersonal(head: RequestHead, referrer: bytes) -> bool:
    """Neither the fields nor the target of a GET, nor the page before (`referrer`), could tell a shop who asks."""
    return head.method == b"GET" and head.index.keys() <= _IMPERSONAL and _is_plain(head.path + referrer)


def _is_plain(urls: bytes) -> bool:
    return not any(mark in urls for mark in _MARKS)

"""Which platform a shop runs, told from its traffic by the marks in the platform files (`platform = "auto"`)."""

from collections.abc import Iterable, Mapping, Sequence

from clicks.targets import parse_target
from config.patterns import PathPatterns
from config.platform import Platform

PREFIX_BYTES = 16_384


def recognise(
    platforms: Sequence[Platform],
    cookies: Iterable[str],
    headers: Mapping[str, str],
    path: str,
    body_prefix: bytes,
) -> str | None:
    """The name of the platform whose marks are seen, or None while nothing is certain.

    A cookie name or a generator text that only one platform uses is proof; a path alone only together with a page that
    was served there, so the caller gives the paths of pages answered 200. `cookies` are names of cookies sent or set,
    `headers` the response's by lower-case name, `body_prefix` the start of an HTML body.
    """
    names = frozenset(cookies)
    text = body_prefix[:PREFIX_BYTES].lower() if body_prefix else b""
    generator = headers.get("x-generator", "").lower() + "\n" + headers.get("x-powered-by", "").lower()
    for platform in platforms:
        marks = platform.recognise
        if any(mark in names if mark[-1:] != "*" else _starts(names, mark[:-1]) for mark in marks.cookies):
            return platform.name
        for mark in marks.generator:
            if mark.lower().encode("utf-8") in text or mark.lower() in generator:
                return platform.name
    if text:
        target = parse_target(path.encode("utf-8", "surrogateescape"))
        for platform in platforms:
            if platform.recognise.paths and PathPatterns(platform.recognise.paths).match(target.text):
                return platform.name
    return None


def _starts(names: frozenset[str], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in names)

"""Which platform a shop runs, told from its traffic by the marks in the platform files (`platform = "auto"`)."""

from collections.abc import Iterable, Mapping, Sequence

from config.platform import Platform


def recognise(
    platforms: Sequence[Platform],
    cookies: Iterable[str],
    headers: Mapping[str, str],
    path: str,
    body_prefix: bytes,
) -> str | None:
    """The name of the platform whose marks are seen, or None while nothing is certain.

    `cookies` are names of cookies sent or set, `headers` the response's by lower-case name, `body_prefix` the start
    of an HTML body (the first 16 KB are enough).
    """
    raise NotImplementedError

"""Durations, addresses, origins, secrets: what is allowed and how the rest is refused."""

from collections.abc import Callable

import pytest

from config.values import (
    checked_host,
    checked_network,
    checked_origin,
    checked_redis_url,
    duration_s,
    from_environment,
    split_address,
    usual_gaps,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("30min", 1800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600), ("1.5h", 5400)],
)
def test_duration(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "factor"), [("2x usual_gap", 2.0), ("1.5 x usual_gap", 1.5), ("2x", None), ("7d", None)]
)
def test_usual_gaps(text: str, factor: float | None) -> None:
    assert usual_gaps(text) == factor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":8080", ("", 8080)),
        ("127.0.0.1:9109", ("127.0.0.1", 9109)),
        ("[::1]:80", ("::1", 80)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_address(text: str, expected: tuple[str, int]) -> None:
    assert split_address(text) == expected


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.5:8080", "https://shop.example", "http://localhost:3000", "http://[::1]:80", "http://127.0.0.1"],
)
def test_origin(url: str) -> None:
    assert checked_origin(url) == url
    assert checked_origin(url + "/") == url


REFUSED: tuple[tuple[Callable[[str], object], str, str], ...] = (
    (duration_s, "7", "no duration"),
    (duration_s, "-1d", "no duration"),
    (duration_s, "1 fortnight", "no duration"),
    (split_address, "8080", "no address"),
    (split_address, "1.2.3.4:70000", "no address"),
    (split_address, "::1:80", "brackets"),
    (split_address, "[zz]:80", "IPv6"),
    (split_address, "a b:80", "no host name"),
    (checked_origin, "ftp://x", "http"),
    (checked_origin, "shop.example", "http"),
    (checked_origin, "http://", "host"),
    (checked_origin, "http://x/shop", "no path"),
    (checked_origin, "http://x/?a", "no path"),
    (checked_origin, "http://u:p@x", "password"),
    (checked_origin, "http://x:99999", "no URL"),
    (checked_origin, "http://x:0", "port 0"),
    (checked_origin, "http://169.254.169.254", "metadata"),
    (checked_origin, "http://169.254.1.1", "link-local"),
    (checked_origin, "http://[fe80::1]", "link-local"),
    (checked_origin, "http://[::ffff:169.254.169.254]", "metadata"),
    (checked_origin, "http://metadata.google.internal", "metadata"),
    (checked_origin, "http://0.0.0.0", "unspecified"),
    (checked_origin, "http://a_b!", "no host name"),
    (checked_redis_url, "mysql://x", "redis://"),
    (checked_redis_url, "redis", "redis://"),
    (checked_network, "10.0.0.0/40", "network"),
    (checked_host, "a b", "host name"),
)


@pytest.mark.parametrize(("check", "text", "words"), REFUSED)
def test_refused(check: Callable[[str], object], text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(text)


@pytest.mark.parametrize(
    "url",
    [
        "embedded",
        "redis://h:6379/0",
        "rediss://h",
        "unix:///run/valkey.sock",
        "redis+sentinel://a,b/mymaster",
        "redis+cluster://a:7000",
    ],
)
def test_redis_url(url: str) -> None:
    assert checked_redis_url(url) == url


def test_secrets_come_from_the_environment() -> None:
    assert from_environment("env:KEY", {"KEY": "value"}) == "value"
    with pytest.raises(ValueError, match="KEY is not set"):
        from_environment("env:KEY", {})
    with pytest.raises(ValueError, match="does not stand in the file") as refused:
        from_environment("hunter2", {})
    assert "hunter2" not in str(refused.value)

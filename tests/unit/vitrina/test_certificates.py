"""A certificate is judged when a configuration is read: each problem with its place, and nothing served otherwise."""

import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Tls
from tests.fixtures.certificates import Authority, Pair, encrypted_key
from vitrina.certificates import (
    Certificate,
    authority_problem,
    certificate_problems,
    read_certificate,
    server_context,
)
from vitrina.commands.check import examined

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def problems(pair: Pair) -> list[str]:
    return [
        str(problem) for problem in certificate_problems(Tls(":0", str(pair.cert), str(pair.key), place="s.toml:9"))
    ]


def test_a_good_pair_has_none(authority: Authority) -> None:
    pair = authority.issue("good", "shop.test")
    assert problems(pair) == []
    context = server_context(read_certificate(Tls(":0", str(pair.cert), str(pair.key))))
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def other_key(authority: Authority) -> Pair:
    return Pair(authority.issue("one", "shop.test").cert, authority.issue("two", "shop.test").key)


def key_with_passphrase(authority: Authority) -> Pair:
    return Pair(authority.issue("one", "shop.test").cert, encrypted_key(authority.folder / "secret.key"))


def swapped(authority: Authority) -> Pair:
    pair = authority.issue("one", "shop.test")
    return Pair(pair.key, pair.cert)


def no_key(authority: Authority) -> Pair:
    pair = authority.issue("one", "shop.test")
    pair.key.write_text("nothing")
    return pair


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (lambda a: a.issue("old", "shop.test", starts=-3 * DAY, ends=-DAY), 'cert: "{cert}": expired on 20'),
        (lambda a: a.issue("soon", "shop.test", starts=DAY), 'cert: "{cert}": is valid only from 20'),
        (other_key, 'key: "{key}": is not the private key of "{cert}"'),
        (key_with_passphrase, 'key: "{key}": has a passphrase'),
        (swapped, 'cert: "{cert}": holds no certificate in PEM'),
        (no_key, 'key: "{key}": cannot be used: '),
    ],
)
def test_what_cannot_be_served(authority: Authority, made: Callable[[Authority], Pair], wanted: str) -> None:
    pair = made(authority)
    [problem] = problems(pair)
    assert problem.startswith("s.toml:9: tls." + wanted.format(cert=pair.cert, key=pair.key))


def test_an_unreadable_file(authority: Authority) -> None:
    pair = authority.issue("folder", "shop.test")
    pair.key.unlink()
    pair.key.mkdir()
    assert problems(pair) == [f's.toml:9: tls.key: "{pair.key}": Is a directory']


def test_a_day_before_the_end_and_after(authority: Authority) -> None:
    pair = authority.issue("ends", "shop.test", ends=2 * DAY)
    tls = Tls(":0", str(pair.cert), str(pair.key))
    now = datetime.now(UTC)
    assert certificate_problems(tls, now + DAY) == []
    assert len(certificate_problems(tls, now + 3 * DAY)) == 1


def test_check_names_file_and_line(authority: Authority, tmp_path: Path) -> None:
    pair = other_key(authority)
    config = tmp_path / "site.toml"
    config.write_text(
        'version = 1\n[site]\norigin = "https://h"\norigin_ca = "site.toml"\n'
        f'[tls]\nlisten = ":0"\ncert = "{pair.cert}"\nkey = "{pair.key}"\n'
    )
    _, found = examined(str(config), None)
    assert [str(problem) for problem in found] == [
        f'site.origin_ca: "{config}": holds no certificate in PEM (NO_CERTIFICATE_OR_CRL_FOUND)',
        f'site.toml:5: tls.key: "{pair.key}": is not the private key of "{pair.cert}"',
    ]


def test_an_authority_that_can_be_used(authority: Authority) -> None:
    assert authority_problem(str(authority.ca)) is None


def test_the_key_is_not_shown(authority: Authority) -> None:
    certificate = Certificate(b"chain", b"very secret")
    assert "secret" not in repr(certificate)


def test_no_descriptor_stays_open(authority: Authority) -> None:
    pair = authority.issue("good", "shop.test")
    certificate = Certificate(pair.cert.read_bytes(), pair.key.read_bytes())
    server_context(certificate)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        server_context(certificate)
    assert len(os.listdir("/proc/self/fd")) == before

"""The table [tls], and what `listen` means beside it."""

from pathlib import Path

import pytest

from config.decode import decode
from config.errors import ConfigError
from config.settings import Tls

SITE = '[site]\norigin = "http://10.0.0.5"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.pem").write_text("certificate")
    (tmp_path / "a.key").write_text("key")
    return tmp_path


def test_a_whole_table(folder: Path) -> None:
    text = (
        'version = 1\nlisten = "off"\n[tls]\nlisten = ":443"\ncert = "a.pem"\nkey = "a.key"\nredirect = true\n'
        f"public_port = 8443\n{SITE}"
    )
    settings = decode(text, "site.toml", folder)
    assert settings.tls == Tls(":443", str(folder / "a.pem"), str(folder / "a.key"), redirect=True, public_port=8443)
    assert settings.tls.place == "site.toml:3"
    assert settings.listen == "off"


PAIR = 'cert = "a.pem"\nkey = "a.key"\n'


@pytest.mark.parametrize(
    ("head", "table", "expected"),
    [
        ("", "", [f'site.toml:2: tls: lacks "{key}"' for key in ("listen", "cert", "key")]),
        ("", 'listen = ":443"\ncert = "b.pem"\n', ['site.toml:4: tls.cert: no such file: "{folder}/b.pem"']),
        ("", 'listen = "x"\n' + PAIR, ['site.toml:3: tls.listen: "x" is no address']),
        ("", 'listen = "off"\n' + PAIR, ['site.toml:3: tls.listen: "off" is no address']),
        ('listen = ":443"\n', 'listen = ":443"\n' + PAIR, ["site.toml:4: tls.listen: is the same"]),
        ("", f'listen = ":443"\n{PAIR}public_port = 0\n', ["site.toml:6: tls.public_port: must be"]),
        ("", 'listen = ":443"\ncrt = "a.pem"\n', ['site.toml:4: tls.crt: unknown key; did you mean "cert"?']),
    ],
)  # fmt: skip
def test_problems_of_the_table(folder: Path, head: str, table: str, expected: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        decode(f"version = 1\n{head}[tls]\n{table}{SITE}", "site.toml", folder)
    found = [str(problem) for problem in raised.value.problems]
    for wanted in expected:
        assert any(problem.startswith(wanted.format(folder=folder)) for problem in found), found


def test_no_listener_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'listen: "off" needs \[tls\]'):
        decode(f'version = 1\nlisten = "off"\n{SITE}', "site.toml", tmp_path)

"""The command line without anything running: what it says and which exit code it ends with."""

from pathlib import Path

import pytest

from storage.control import ControlPage
from vitrina.cli import COMMANDS, main, parser, with_ids
from vitrina.version import VERSION

BAD = """version = 1
lisen = ":8080"
workers = 0
[site]
origin = "ftp://x"
mode = "lve"
[placement.a]
on = "hme"
at = "#x >> y"
[segment.s]
all = [{ ordrs = { gte = 1 } }, { orders = { contains = "x" } }]
[[experience]]
id = "one"
at = "aa"
txt = "Hola"
[[experience]]
id = "two"
at = "a"
text = "Hola, {frist_name}"
who = { loged_in = true, segment = "ss" }
"""
BAD_LINES = (
    'bad.toml:2: lisen: unknown key; did you mean "listen"?',
    "bad.toml:3: workers: must be between 1 and 31, not 0",
    'bad.toml:5: site.origin: "ftp://x"',
    'bad.toml:6: site.mode: "lve" is not one of off, observe, preview, live; did you mean "live"?',
    "bad.toml:7: placement.a.at: ",
    'bad.toml:8: placement.a.on: "hme"',
    "bad.toml:10: segment.s: unknown field 'ordrs'; did you mean 'orders'?",
    "bad.toml:10: segment.s: orders: 'contains' does not apply",
    'bad.toml:12: experience[0].txt: unknown key; did you mean "text"?',
    'bad.toml:14: experience[0].at: no placement "aa"',
    "bad.toml:16: experience[1].text: {frist_name}: unknown value",
    "bad.toml:16: experience[1].who: unknown field 'loged_in'; did you mean 'logged_in'?",
    'bad.toml:20: experience[1].who.segment: no segment "ss"; did you mean "s"?',
)
GOOD = 'version = 1\n[site]\norigin = "http://127.0.0.1:1"\n'


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "good.toml").write_text(GOOD)
    (tmp_path / "bad.toml").write_text(BAD)
    (tmp_path / "latin.toml").write_bytes(GOOD.encode() + b"# caf\xe9\n")
    (tmp_path / "cut.toml").write_text(GOOD + '[placement.x\nat = "y"\n')
    (tmp_path / "page.html").write_text("<p>page</p>")
    (tmp_path / "nobody.json").write_text('{"first_nam": "x"}')


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    try:
        status = main(arguments)
    except SystemExit as ended:  # argparse ends by itself
        status = int(ended.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return status, out, err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--version") == (0, f"vitrina {VERSION}\n", "")


@pytest.mark.parametrize(
    "command",
    [
        *("", "serve", "reload", "restart", "try", "demo", "check", "explain", "rewrite", "profile", "profile show"),
        *("profile import", "profile export", "profile erase", "clicks", "clicks tail", "clicks show", "look"),
        *("on", "off", "status", "backup", "restore", "detect", "doctor", "preview"),
    ],
)
def test_help(capsys: pytest.CaptureFixture[str], command: str) -> None:
    status, out, err = said(capsys, *command.split(), "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: python -m vitrina {command}".rstrip())
    assert len(out.splitlines()) > 5
    assert "None" not in out


def test_help_lists_every_command() -> None:
    text = parser().format_help()
    for names in COMMANDS.values():
        for name in names:
            assert f"\n    {name} " in text, name
            assert f"\n    {name} " in parser(name).format_help(), name


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["profile", "show", "-TZAJEkjK3y_FhYIk8MK1A"], ["profile", "show", "--", "-TZAJEkjK3y_FhYIk8MK1A"]),
        (["explain", "--as", "-TZAJEkjK3y_FhYIk8MK1A", "/"], ["explain", "--as=-TZAJEkjK3y_FhYIk8MK1A", "/"]),
        (["profile", "show", "ATZAJEkjK3y_FhYIk8MK1A", "--data", "d"],) * 2,
        (["profile", "show", "--", "-TZAJEkjK3y_FhYIk8MK1A"],) * 2,
        (["serve", "--no-preflight"],) * 2,
    ],
)
def test_an_id_may_begin_with_a_dash(given: list[str], read: list[str]) -> None:
    assert with_ids(given) == read


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        ("serve", 2, "what is to be served? pass --config F or --origin URL"),
        ("serve --config none.toml", 2, "none.toml: no such file"),
        ("serve --config good.toml --origin http://x", 2, "--config and --origin exclude each other"),
        ("serve --origin ftp://x", 2, '--origin: "ftp://x" must be an http:// or https:// URL'),
        ("serve --config good.toml --workers 0", 2, "--workers 0: at least 1"),
        ("serve --config good.toml --listen nowhere", 2, "'nowhere' is not an address to listen on"),
        ("serve --config good.toml --listen 127.0.0.1:99999", 2, "'127.0.0.1:99999' is not an address"),
        ("serve --config good.toml --listen 192.0.2.1:0", 3, "address 192.0.2.1:0 cannot be bound"),
        ("serve --config good.toml --listen ::1:80", 2, "'::1:80' is not an address"),
        ("serve --config good.toml --listen [::1 --data d", 2, "'[::1' is not an address"),
        ("serve --config latin.toml", 2, "latin.toml: is not UTF-8"),
        ("serve --config cut.toml", 2, "cut.toml:4: is not TOML"),
        ("serve --config good.toml --workers 32", 2, "--workers 32: at most 31"),
        ("reload --data .", 4, "no Vitrina runs here"),
        ("restart --data .", 4, "no Vitrina runs here"),
        ("reload --config cut.toml", 2, "cut.toml:4: is not TOML"),
        ("check none.toml", 2, "none.toml: no such file"),
        ("explain /", 2, "no configuration: pass --config F"),
        ("explain / --config good.toml", 4, "http://127.0.0.1:1/"),
        (
            "explain / --config good.toml --as nobody.json",
            2,
            'nobody.json: first_nam: unknown key; did you mean "first_name"?',
        ),
        ("explain / --config good.toml --as nobody", 2, "no such folder; pass --data or --config"),
        ("rewrite", 2, "no configuration: pass --config F"),
        ("rewrite --config good.toml --batch .", 2, "--batch and --out belong together"),
        ("rewrite --config good.toml --batch none --out out", 2, "none: no such folder"),
        ("rewrite --config good.toml --profile none.json", 2, "none.json: No such file or directory"),
        ("rewrite --config good.toml --profile latin.toml", 2, "latin.toml: is not UTF-8"),
        ("rewrite --config good.toml --batch . --out good.toml/x", 2, "good.toml/x: Not a directory"),
        ("rewrite --config good.toml --batch . --out out --report none/r", 2, "none/r: No such file or directory"),
        ("rewrite --config good.toml --profile nobody.json", 2, "first_nam: unknown key"),
        ("profile show x", 2, "data folder"),
        ("profile import none.jsonl --data .", 2, "none.jsonl: No such file or directory"),
        ("clicks tail", 2, "no such folder; pass --data or --config"),
        ("off", 2, "no such folder; pass --data or --config"),
        ("off --data .", 1, "Vitrina has never run here"),
        ("status --data .", 1, "Vitrina has never run here"),
        ("try ftp://x", 2, "'ftp://x': expected a URL such as https://your.shop"),
        ("try http://127.0.0.1:1", 4, "http://127.0.0.1:1/"),
    ],
)
def test_an_expected_failure_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: str, status: int, line: str
) -> None:
    found, out, err = said(capsys, *arguments.split())
    assert line in err
    assert (found, out) == (status, "")
    assert err.startswith("vitrina: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", ["", "serv", "serve --origni x", "profile", "clicks", "check", "profile show"])
def test_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: str) -> None:
    status, out, err = said(capsys, *arguments.split())
    assert (status, out) == (2, "")
    assert err.startswith("usage: python -m vitrina")


def test_check_reports_every_problem_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = said(capsys, "check", "bad.toml")
    lines = out.splitlines()
    assert (status, err) == (1, "")
    for wanted in BAD_LINES:
        assert any(line.startswith(wanted) for line in lines), wanted
    places = [int(line.split(":")[1]) for line in lines[:-1]]
    assert places == sorted(places)
    assert lines[-1] == f"{len(lines) - 1} problems"


@pytest.mark.parametrize(
    "command", ["serve --config bad.toml", "explain / --config bad.toml", "rewrite --config bad.toml"]
)
def test_bad_configuration_is_refused_with_every_problem(capsys: pytest.CaptureFixture[str], command: str) -> None:
    status, out, err = said(capsys, *command.split())
    assert (status, out) == (2, "")
    for wanted in BAD_LINES:
        assert f"vitrina: {wanted}" in err


def test_check_says_what_a_good_file_amounts_to(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "check", "good.toml")
    assert status == 0
    assert out.startswith("ok: http://127.0.0.1:1, mode observe, platform auto, 0 placements")


def test_off_needs_no_good_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ControlPage.create(tmp_path / "control")
    (tmp_path / "broken.toml").write_text(f'data = "{tmp_path}"\n{BAD}')
    assert said(capsys, "off", "--config", "broken.toml") == (
        0,
        "Vitrina is off: visitors get the origin's own bytes.\n",
        "",
    )
    assert not page.is_on()
    # An installation that the environment names; a file that is named wins.
    monkeypatch.setenv("VITRINA_CONFIG", str(tmp_path / "cut.toml"))
    monkeypatch.setenv("VITRINA_DATA", str(tmp_path))
    assert said(capsys, "on")[0] == 0
    assert page.is_on()
    assert "cut.toml:4: is not TOML" in said(capsys, "explain", "/")[2]
    assert "data: no such folder" in said(capsys, "off", "--config", "good.toml")[2]
    assert page.is_on()

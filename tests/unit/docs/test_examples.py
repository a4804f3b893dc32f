"""Examples are run: TOML is decoded and checked as `check` does, commands meet the real parser, make targets exist."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.decode import decode
from config.platforms import decode_platform
from tests.fixtures.certificates import Authority
from tests.unit.docs.reading import ROOT, Block, blocks, name_of, pages, prose
from vitrina.cli import parser
from vitrina.commands.check import all_problems

_SITE = {
    "": "version = 1\n",
    "[site]": '[site]\norigin = "http://10.0.0.5:8080"\n',
    "[placement.greeting]": '[placement.greeting]\non = "*"\nat = "#header .welcome"\n',
    "[placement.home_grid]": '[placement.home_grid]\non = "home"\nitems = "#new-products > .box"\n',
    "[segment.at_risk]": '[segment.at_risk]\nall = [{ orders = { gte = 1 } }, { silent_for = "2x usual_gap" }]\n',
    "[offer.vuelve10]": '[offer.vuelve10]\nhtml = "<p>{code}</p>"\ncode = "VUELVE10"\n',
}
"""What a fragment is merged into: a fragment's own table replaces the one here."""

_ENVIRONMENT = {"VITRINA_DEBUG": "a secret", "VITRINA_REDIS": "redis://:a-password@10.0.0.7:6379/0"}
_HEADER = re.compile(r"^\[\[?[^\]]+\]\]?", re.MULTILINE)
_COMMAND = re.compile(r"(?:python3? -m|sudo) vitrina( [^`\n]*|$)", re.MULTILINE)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_PLACEHOLDER_WORDS = {"COMMAND"}
_MADE_UP = ("shout", "myshop", "offers/", "site/", "first-shop/")
"""Files that a page tells the reader to write."""


def _toml() -> Iterator[Block]:
    for page in pages():
        for block in blocks(page):
            if block.info.startswith("toml"):
                yield block


def _merged(fragment: str) -> str:
    first = _HEADER.search(fragment)
    top = fragment if first is None else fragment[: first.start()]
    tables = "" if first is None else fragment[first.start() :]
    own = set(_HEADER.findall(fragment))
    if "[site]" in own and "\norigin" not in tables:
        tables = tables.replace("[site]\n", _SITE["[site]"], 1)
    rest = [text for header, text in _SITE.items() if header and header not in own]
    return _SITE[""] + top + "\n" + "".join(rest) + tables


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that examples name below `tls/`."""
    authority = Authority(tmp_path_factory.mktemp("tls"))
    pair = authority.issue("fullchain", "www.your.shop")
    pair.key.rename(authority.folder / "privkey.pem")
    authority.ca.rename(authority.folder / "internal-ca.pem")
    return authority.folder


@pytest.mark.parametrize("block", list(_toml()), ids=lambda block: block.place)
def test_toml_is_accepted(block: Block, certificates: Path) -> None:
    match block.info:
        case "toml platform":
            decode_platform(block.text, "example")
            return
        case "toml fragment":
            text = _merged(block.text)
        case "toml":
            text = block.text
        case _:
            raise AssertionError(f"{block.place}: unknown kind of block: {block.info}")

    text = text.replace('"tls/', f'"{certificates}/')
    settings = decode(text, block.place, ROOT / "demo", environment=_ENVIRONMENT)

    assert all_problems(settings) == ()


def test_a_fragment_keeps_its_own_tables() -> None:
    merged = tomllib.loads(_merged('workers = 4\n[site]\nmode = "live"\n[placement.greeting]\nat = "h1"\n'))

    assert merged["workers"] == 4
    assert merged["site"] == {"origin": "http://10.0.0.5:8080", "mode": "live"}
    assert merged["placement"]["greeting"] == {"at": "h1"}


def _commands() -> Iterator[tuple[str, str]]:
    for page in pages():
        for found in _COMMAND.finditer(page.read_text("utf-8")):
            yield name_of(page), found[1].strip()


def _arguments(line: str) -> list[str]:
    """The words of a command up to a comment, a pipe, a redirection or the next command."""
    words: list[str] = []
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|<>&;")
    lexer.whitespace_split = True
    for word in lexer:
        if set(word) <= set("|<>&;"):
            break
        words.append(word)
    return words


@pytest.mark.parametrize(("page", "line"), list(_commands()))
def test_commands_are_understood(page: str, line: str) -> None:
    words = _arguments(line)
    if not words or words[0] in _PLACEHOLDER_WORDS or words[0].startswith("…"):
        return
    if words[0] in ("--help", "--version"):
        with pytest.raises(SystemExit, match=r"^0$"):
            parser().parse_args(words)
        return

    assert callable(parser().parse_args(words).run)


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        (name_of(page), target)
        for page in pages()
        for text in (re.findall(r"`([^`]+)`", prose(page)), [block.text for block in blocks(page)])
        for target in _MAKE.findall("\n".join(text))
    }

    assert {(page, target) for page, target in named if target not in targets} == set()


def test_files_named_in_code_exist() -> None:
    """`folder/file.py` in a page is a file of this repository."""
    named = {
        (name_of(page), path)
        for page in pages()
        for path in re.findall(r"`([a-z_]+(?:/[\w.-]+)+\.(?:py|toml|html|txt|md))`", prose(page))
    }

    missing = {(page, path) for page, path in named if not (ROOT / path).exists()}

    assert {(page, path) for page, path in missing if not any(word in path for word in _MADE_UP)} == set()


def test_tests_named_in_pages_exist() -> None:
    named = {
        (name_of(page), path, test)
        for page in pages()
        for path, test in re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", prose(page))
    }
    sources = {path: (ROOT / path).read_text("utf-8") for _, path, _ in named if (ROOT / path).exists()}

    assert {entry for entry in named if f"def {entry[2]}(" not in sources.get(entry[1], "")} == set()

"""Every text of the page in every language, and the language that a browser asks for."""

import re

import pytest

from console.languages import FOLDER, languages, preferred, read_po

_MESSAGE = re.compile(r"""\bt\(\s*"([^"]+)"|\bt\('([^']+)'""")


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("de,en;q=0.5,es;q=0.4", "en"),
        ("de,es;q=0.4", "es"),
        ("es;q=0, en", "en"),
        ("es;q=x", "en"),
        ("../../etc", "en"),
        ("*", "en"),
    ],
)
def test_preferred(asked: str, tag: str) -> None:
    assert preferred(asked).tag == tag


def test_nothing_is_left_untranslated() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted(FOLDER.parent.glob("privacy_*.py")))
    messages = {one or other for one, other in _MESSAGE.findall(source)}
    assert len(messages) > 40
    for tag, language in languages().items():
        if tag != "en":
            assert {message for message in messages if language(message) == message} == set()


def test_a_file_has_no_message_that_is_not_used() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted(FOLDER.parent.glob("privacy_*.py")))
    for path in FOLDER.glob("*.po"):
        assert [message for message in read_po(path.read_text("utf-8")) if message not in source] == []


def test_po_in_several_lines() -> None:
    assert read_po('# c\nmsgid ""\nmsgstr "head"\n\nmsgid "a "\n"b"\nmsgstr ""\n"á\\n"\n') == {"a b": "á\n"}
    with pytest.raises(ValueError, match="line 2"):
        read_po('msgid "a"\nmsgstr a\n')

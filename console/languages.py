"""The words of our own pages in the visitor's language: gettext, one `.po` file a language, read at the start.

Invariant: a text without a translation is its English original; nothing a browser sends reaches a file name.
"""

import ast
import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
ENGLISH = "en"


class _Words(gettext.NullTranslations):
    def __init__(self, words: Mapping[str, str]) -> None:
        super().__init__()
        self._words = words

    def gettext(self, message: str) -> str:
        return self._words.get(message) or message


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its tag (BCP 47) and its words."""

    tag: str
    words: gettext.NullTranslations

    def __call__(self, message: str) -> str:
        """The message in this language."""
        return self.words.gettext(message)


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Every language by its tag; English, which the pages are written in, first. ValueError for a broken file."""
    found = {ENGLISH: Language(ENGLISH, gettext.NullTranslations())}
    for path in sorted(FOLDER.glob("*.po")):
        found[path.stem] = Language(path.stem, _Words(read_po(path.read_text("utf-8"))))
    return found


def preferred(accept_language: str) -> Language:
    """The language a browser likes best of those there are (RFC 9110, section 12.5.4); English where there is none."""
    there = languages()
    wishes = []
    for place, part in enumerate(accept_language[:512].split(",")[:32]):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            weight = 0.0
        wishes.append((-weight, place, tag.strip().lower().partition("-")[0]))
    for weight, _, tag in sorted(wishes):
        if weight < 0 and tag in there:
            return there[tag]
    return there[ENGLISH]


def read_po(text: str) -> dict[str, str]:
    """The messages of a gettext `.po` file (msgid and msgstr; no plurals, no contexts). ValueError with the line."""
    words: dict[str, str] = {}
    parts: dict[str, str] = {}
    field = ""
    for number, line in enumerate((*text.splitlines(), 'msgid ""'), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        keyword, _, rest = line.partition(" ")
        if keyword in ("msgid", "msgstr"):
            if keyword == "msgid" and parts.get("msgid"):
                words[parts["msgid"]] = parts.get("msgstr", "")
            if keyword == "msgid":
                parts = {}
            field, quoted = keyword, rest
        else:
            quoted = line
        try:
            piece = ast.literal_eval(quoted)
        except (ValueError, SyntaxError):
            piece = None
        if not isinstance(piece, str) or not field:
            raise ValueError(f"line {number}: not a line of a .po file: {line[:60]}")
        parts[field] = parts.get(field, "") + piece
    return words

"""Recorded exchanges of a shop: `NAME.http` has requests and answers' heads, `NAME.html` or `.json` the last body.

Invariant: nothing recorded is kept in the project; the recordings are looked for beside it and may be absent.
"""

import os
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

RECORDINGS = Path(os.environ.get("VITRINA_SHARED", Path(__file__).parents[3] / "shared")) / "shops"

SHOPS = {"phoenix": "phoenix", "oscar": "oscar", "opencart": "opencart", "woo": "woocommerce"}
"""Folder of recordings → platform."""

_FIELD = re.compile(r"([A-Za-z][A-Za-z-]*): (.*)")
_KEPT = re.compile(r"\[body (\d+) bytes decoded")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request and its answer. `body` is the answer's content; None when it was not recorded."""

    name: str
    """ "file 0": the recording and the place in it."""
    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    form: bytes
    status: int
    answer: tuple[tuple[str, str], ...]
    body: bytes | None
    time: float
    is_followed: bool = False
    """A redirect led here."""

    def get(self, name: str) -> str:
        """A field of the request."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    def told(self, name: str) -> str:
        """A field of the answer."""
        return next((value for key, value in self.answer if key.lower() == name), "")


def recordings(shop: str) -> list[Recorded]:
    """All exchanges of a shop, as they followed each other."""
    found: list[Recorded] = []
    for path in sorted((RECORDINGS / shop).glob("*.http")):
        found += _read(path)
    # In one second: what a form or a script sent came before the page that it led to.
    return sorted(found, key=lambda one: (one.time, not one.name.startswith("x_")))


def _read(path: Path) -> list[Recorded]:
    text = path.read_bytes().decode("latin-1").replace("\r", "")
    blocks = [block for block in re.split(r"(?m)^(?=> (?:GET|POST|PUT|DELETE) /)", text) if block.startswith("> ")]
    found: list[Recorded] = []
    for place, block in enumerate(blocks):
        asked = [line[2:] for line in block.split("\n") if line.startswith("> ")]
        told = [line[2:] for line in block.split("\n") if line.startswith("< ")]
        method, target, _ = asked[0].split(" ", 2)
        end = next((index for index, line in enumerate(asked) if not line.strip()), len(asked))
        fields = tuple((match[1], match[2]) for line in asked[1:end] if (match := _FIELD.fullmatch(line)))
        answer = tuple((match[1], match[2]) for line in told[1:] if (match := _FIELD.fullmatch(line)))
        size = _KEPT.search(block)
        body: bytes | None = b"" if size is None or size[1] == "0" else None
        if place == len(blocks) - 1:
            kept = [path.with_suffix(ending) for ending in (".html", ".json")]
            body = next((file.read_bytes() for file in kept if file.is_file()), body)
        date = next((value for key, value in answer if key == "Date"), "")
        form = "\n".join(asked[end + 1 :]).strip().encode("latin-1")
        is_followed = bool(found) and 300 <= found[-1].status < 400 and found[-1].told("location").endswith(target)
        if is_followed and (referrer := found[-1].get("referer")) and "Referer" not in dict(fields):
            fields = (*fields, ("Referer", referrer))  # as a browser has it; the recorder had not
        time = parsedate_to_datetime(date).timestamp() if date else 0.0
        status = int(told[0].split(" ")[1])
        name = f"{path.stem} {place}"
        found.append(Recorded(name, method, target, fields, form, status, answer, body, time, is_followed))
    return found

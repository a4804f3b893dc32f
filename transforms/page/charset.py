"""The character encoding of a body, by WHATWG rules: BOM, then the header, then a prescan of `<meta>`.

Invariant: only encodings in which every byte below 0x80 that the tokenizer looks at means ASCII are let through, so
byte offsets found on the latin-1 view are right. UTF-16, ISO-2022-* and contradictions that matter are refused.
"""

from dataclasses import dataclass

from transforms.page.limits import Refusal


@dataclass(frozen=True, slots=True)
class Encoding:
    """An ASCII-compatible encoding: WHATWG `name`, the Python `codec` that decodes it, bytes of BOM at the start."""

    name: str
    codec: str
    bom: int = 0

    def decode(self, raw: bytes) -> str:
        """The text of `raw`; what is not in the encoding becomes U+FFFD."""
        return raw.decode(self.codec, "replace")


def sniff(body: bytes, content_type: bytes | None) -> Encoding | Refusal:
    """The encoding a browser would use for `body`, given the value of its Content-Type header."""
    raise NotImplementedError

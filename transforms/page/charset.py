"""The character encoding of a body, by WHATWG rules: BOM, then the header, then a prescan of `<meta>`.

Invariant: only encodings in which every byte below 0x80 that the tokenizer looks at means ASCII are let through, so
byte offsets found on the latin-1 view are right. UTF-16, ISO-2022-* and contradictions that matter are refused.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from transforms.page.limits import Refusal


@dataclass(frozen=True, slots=True)
class Encoding:
    """An ASCII-compatible encoding: WHATWG `name`, the Python `codec` that decodes it, bytes of BOM at the start."""

    name: str
    codec: str
    bom: int = 0

    def decode(self, raw: bytes) -> str:
        """The text of `raw`; what is not in the encoding becomes U+FFFD."""
        # Single-byte codecs of Python are some ten times slower, and most values of most pages are ASCII.
        return raw.decode("ascii") if raw.isascii() else raw.decode(self.codec, "replace")


# WHATWG Encoding Standard, 4.2: name, Python codec, further labels. No codec: not ASCII-compatible, or not text.
_TABLE: tuple[tuple[str, str, str], ...] = (
    ("utf-8", "utf-8", "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf8 x-unicode20utf8"),
    ("ibm866", "cp866", "866 cp866 csibm866"),
    ("iso-8859-2", "iso8859-2", "csisolatin2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"),
    ("iso-8859-3", "iso8859-3", "csisolatin3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"),
    ("iso-8859-4", "iso8859-4", "csisolatin4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"),
    (
        "iso-8859-5",
        "iso8859-5",
        "csisolatincyrillic cyrillic iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    ),
    (
        "iso-8859-6",
        "iso8859-6",
        (
            "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6-e iso-8859-6-i iso-ir-127 "
            "iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"
        ),
    ),
    (
        "iso-8859-7",
        "iso8859-7",
        (
            "csisolatingreek ecma-118 elot_928 greek greek8 iso-ir-126 iso8859-7 iso88597 iso_8859-7 iso_8859-7:1987 "
            "sun_eu_greek"
        ),
    ),
    (
        "iso-8859-8",
        "iso8859-8",
        (
            "csiso88598e csisolatinhebrew hebrew iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 iso_8859-8:1988 "
            "visual"
        ),
    ),
    ("iso-8859-8-i", "iso8859-8", "csiso88598i logical"),
    ("iso-8859-10", "iso8859-10", "csisolatin6 iso-ir-157 iso8859-10 iso885910 l6 latin6"),
    ("iso-8859-13", "iso8859-13", "iso8859-13 iso885913"),
    ("iso-8859-14", "iso8859-14", "iso8859-14 iso885914"),
    ("iso-8859-15", "iso8859-15", "csisolatin9 iso8859-15 iso885915 iso_8859-15 l9"),
    ("iso-8859-16", "iso8859-16", ""),
    ("koi8-r", "koi8-r", "cskoi8r koi koi8 koi8_r"),
    ("koi8-u", "koi8-u", "koi8-ru"),
    ("macintosh", "mac_roman", "csmacintosh mac x-mac-roman"),
    ("windows-874", "cp874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620"),
    ("windows-1250", "cp1250", "cp1250 x-cp1250"),
    ("windows-1251", "cp1251", "cp1251 x-cp1251"),
    (
        "windows-1252",
        "cp1252",
        (
            "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
            "iso_8859-1:1987 l1 latin1 us-ascii x-cp1252"
        ),
    ),
    ("windows-1253", "cp1253", "cp1253 x-cp1253"),
    (
        "windows-1254",
        "cp1254",
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 x-cp1254",
    ),
    ("windows-1255", "cp1255", "cp1255 x-cp1255"),
    ("windows-1256", "cp1256", "cp1256 x-cp1256"),
    ("windows-1257", "cp1257", "cp1257 x-cp1257"),
    ("windows-1258", "cp1258", "cp1258 x-cp1258"),
    ("x-mac-cyrillic", "mac_cyrillic", "x-mac-ukrainian"),
    ("gbk", "gb18030", "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 iso-ir-58 x-gbk"),
    ("gb18030", "gb18030", ""),
    ("big5", "big5hkscs", "big5-hkscs cn-big5 csbig5 x-x-big5"),
    ("euc-jp", "euc_jp", "cseucpkdfmtjapanese x-euc-jp"),
    ("shift_jis", "cp932", "csshiftjis ms932 ms_kanji shift-jis sjis windows-31j x-sjis"),
    (
        "euc-kr",
        "cp949",
        "cseuckr csksc56011987 iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949",
    ),
    ("iso-2022-jp", "", "csiso2022jp"),
    ("replacement", "", "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr"),
    ("utf-16be", "", "unicodefffe"),
    ("utf-16le", "", "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16"),
    ("x-user-defined", "", ""),
)
_BY_LABEL = {label: (name, codec) for name, codec, labels in _TABLE for label in (name, *labels.split())}
_PRESCAN = 1024
_LATE_META = 8192
_MAX_SETTLED = 4096
_CHARSET = re.compile(rb"charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r ;\"']+))", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta[\t\n\f\r /](?:[^>\"']|\"[^\"]*\"|'[^']*')*", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    rb"([^\t\n\f\r /=>\"']+)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r >\"']+)))?"
)
_XML = re.compile(rb"<\?xml[^>]*?encoding[\t\n\r ]*=[\t\n\r ]*[\"']([A-Za-z0-9._:-]+)[\"']")


def sniff(body: bytes, content_type: bytes | None) -> Encoding | Refusal:
    """The encoding a browser would use for `body`, given the value of its Content-Type header."""
    start = body[:_PRESCAN]
    # By its hash (Python's SipHash, whose key is drawn per process): of signed-in pages nothing is kept in clear.
    key = content_type, hash(start)
    settled = _settled.get(key)
    if settled is not None:
        return settled
    found = read_encoding(body, content_type)
    if key not in _settled:
        if len(_settled) >= _MAX_SETTLED:
            _settled.clear()
        _settled[key] = found if isinstance(found, Encoding) and _is_settled(start, content_type) else None
    return found


_settled: dict[tuple[bytes | None, int], Encoding | None] = {}
"""What a header and a page's start say together, whatever follows (most pages say it there); None: they do not."""


def _is_settled(start: bytes, content_type: bytes | None) -> bool:
    """Whether any body that begins with `start` has the encoding that one of them was found to have."""
    if len(start) < _PRESCAN or start.startswith(b"\xef\xbb\xbf"):
        return len(start) == _PRESCAN
    if _XML.match(start) is not None:
        return False
    meta = _declared_in(start.partition(b"<!--")[0], is_cut=True)
    return meta is not None and _from_header(content_type) in (None, meta)


def read_encoding(body: bytes, content_type: bytes | None) -> Encoding | Refusal:
    """`sniff`, by the bytes at hand alone."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) or body[:2] in (b"<\x00", b"\x00<"):
        return Refusal("ENCODING", "the body is UTF-16")
    if body.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8", "utf-8", 3)
    header = _from_header(content_type)
    if header is not None and not header[1]:
        return Refusal("ENCODING", f"the header says {header[0]}")
    if header is not None and body.isascii():
        return Encoding(*header)
    meta = _from_meta(body)
    if header is None:
        if meta is None:
            return _undeclared(body)
        if not meta[1]:
            return Refusal("ENCODING", f"the page says {meta[0]}")
        return Encoding(*meta)
    if meta is None or meta == header or (header[0] == "utf-8" and _is_utf8(body)):
        return Encoding(*header)
    return Refusal("ENCODING", f"the header says {header[0]}, the page says {meta[0]}, and they read it differently")


def _undeclared(body: bytes) -> Encoding | Refusal:
    if b"\x1b$" in body or b"\x1b(" in body:
        return Refusal("ENCODING", "nothing is declared and the body looks like ISO-2022")
    if _is_utf8(body):
        return Encoding("utf-8", "utf-8")
    return Encoding("windows-1252", "cp1252")


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _lookup(label: bytes) -> tuple[str, str] | None:
    return _BY_LABEL.get(label.decode("latin-1").strip("\t\n\f\r ").lower())


@lru_cache(maxsize=128)  # a shop's pages have a few values of it
def _from_header(content_type: bytes | None) -> tuple[str, str] | None:
    match = _CHARSET.search(content_type) if content_type else None
    return None if match is None else _lookup(match[1] or match[2] or match[3] or b"")


def _from_meta(body: bytes) -> tuple[str, str] | None:
    """The first `<meta>` that names an encoding: in the prescan's bytes, or later, where browsers parse again."""
    xml = _XML.match(body, 0, _PRESCAN)
    if xml is not None:
        return _as_declared(_lookup(xml[1]))
    head = body[:_LATE_META]
    comment = head.find(b"<!--")
    if comment < 0:
        return _declared_in(head)
    # Most pages have said it before their first comment, and taking comments out is most of the work.
    return _declared_in(head[:comment], is_cut=True) or _declared_in(_COMMENT.sub(b"", head))


def _declared_in(head: bytes, *, is_cut: bool = False) -> tuple[str, str] | None:
    for tag in _META.finditer(head):
        if is_cut and head[tag.end() : tag.end() + 1] != b">":
            return None  # it goes on behind what was cut off
        label = _label_of(tag[0])
        found = _lookup(label) if label is not None else None
        if found is not None:
            return _as_declared(found)
    return None


@lru_cache(maxsize=128)  # a shop writes the same few tags on every page
def _label_of(tag: bytes) -> bytes | None:
    """The encoding's label that a `<meta` tag names, if it names one."""
    values = {
        name.lower(): double or single or bare
        for name, double, single, bare in reversed(_ATTRIBUTE.findall(tag, len(b"<meta")))
    }
    label = values.get(b"charset")
    if label is None and values.get(b"http-equiv", b"").strip().lower() == b"content-type":
        match = _CHARSET.search(values.get(b"content", b""))
        label = None if match is None else match[1] or match[2] or match[3]
    return label


def _as_declared(found: tuple[str, str] | None) -> tuple[str, str] | None:
    """What a page can say of itself: UTF-16 read as ASCII must be UTF-8, x-user-defined is windows-1252."""
    if found is not None and found[0] in ("utf-16be", "utf-16le"):
        return "utf-8", "utf-8"
    if found is not None and found[0] == "x-user-defined":
        return "windows-1252", "cp1252"
    return found

"""The Cookie field as raw text: it is never parsed and rebuilt, for shops send what no parser takes (`cart[uid]`)."""

from os.path import commonprefix

from visitors.consent import CHOICE_COOKIE
from visitors.cookie import COOKIE_NAME
from visitors.preview import PREVIEW_COOKIE


def stem_of(names: tuple[bytes, ...]) -> bytes:
    """What all of these names begin with."""
    return commonprefix(names) or b""  # noqa: RUF071 (not of paths)


OUR_COOKIES = tuple(name.encode("ascii") for name in (COOKIE_NAME, PREVIEW_COOKIE, CHOICE_COOKIE))
OUR_STEM = stem_of(OUR_COOKIES)


def without_cookies(value: bytes, names: tuple[bytes, ...], stem: bytes = b"") -> bytes:
    """The Cookie value without the named pairs; every other byte untouched, the very object if there are none."""
    return parted(value, names, stem)[0]


def parted(value: bytes, names: tuple[bytes, ...] = OUR_COOKIES, stem: bytes = OUR_STEM) -> tuple[bytes, bytes]:
    """The Cookie value without the named pairs, as `without_cookies` says, and these pairs, joined as they were.

    Pairs are split at `;` as browsers join them. What is left is empty if it holds no pair. `stem` is what all the
    names begin with: cookies may be long, and one search for it tells that there is none of ours, or one at most.
    """
    before, found, after = value.partition(stem) if stem else (b"", value, value)
    if not found:
        return value, b""
    if stem and after.find(stem) < 0:
        pair, end, behind = after.partition(b";")
        ahead, separator, blank = before.rpartition(b";")
        taken = blank + stem + pair
        if _name(taken) not in names:
            return value, b""
        # What stands behind the first pair stood behind a "; " that goes with it.
        left = ahead + end + behind if separator else behind.lstrip(b" \t")
    else:
        pairs = value.split(b";")
        kept = [pair for pair in pairs if _name(pair) not in names]
        if len(kept) == len(pairs):
            return value, b""
        taken = b";".join([pair for pair in pairs if _name(pair) in names])
        if kept and kept[0] is not pairs[0]:
            kept[0] = kept[0].lstrip(b" \t")
        left = b";".join(kept)
    return left if left.strip(b"; \t") else b"", taken.strip(b" \t")


def _name(pair: bytes) -> bytes:
    return pair.partition(b"=")[0].strip(b" \t")

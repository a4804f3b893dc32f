"""The Cookie field as raw text: it is never parsed and rebuilt, for shops send what no parser takes (`cart[uid]`)."""


def without_cookies(value: bytes, names: tuple[bytes, ...], stem: bytes = b"") -> bytes:
    """The Cookie value without the named pairs; every other byte untouched, the very object if there are none.

    Pairs are split at `;` as browsers join them. Empty if nothing is left. `stem` is what all the names begin with:
    cookies may be long, and one search for it tells that there is none of ours, or one at most.
    """
    at = value.find(stem)
    if at < 0:
        return value
    if stem and value.find(stem, at + 1) < 0:
        start, stop = value.rfind(b";", 0, at) + 1, value.find(b";", at)
        stop = len(value) if stop < 0 else stop
        if _name(value[start:stop]) not in names:
            return value
        # What stands behind the first pair stood behind a "; " that goes with it.
        left = value[: start - 1] + value[stop:] if start else value[stop + 1 :].lstrip(b" \t")
    else:
        pairs = value.split(b";")
        kept = [pair for pair in pairs if stem not in pair or _name(pair) not in names]
        if len(kept) == len(pairs):
            return value
        if kept and kept[0] is not pairs[0]:
            kept[0] = kept[0].lstrip(b" \t")
        left = b";".join(kept)
    return left if left.strip(b"; \t") else b""


def _name(pair: bytes) -> bytes:
    return pair.partition(b"=")[0].strip(b" \t")

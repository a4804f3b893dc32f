"""The Cookie field as raw text: it is never parsed and rebuilt, for shops send what no parser takes (`cart[uid]`)."""


def without_cookies(value: bytes, names: tuple[bytes, ...]) -> bytes:
    """The Cookie value without the named pairs; every other byte untouched, the very object if there are none.

    Pairs are split at `;` as browsers join them. Empty if nothing is left.
    """
    for name in names:
        if name in value:
            value = _without(value, name)
    return value


def _without(value: bytes, name: bytes) -> bytes:
    pairs = value.split(b";")
    kept = [pair for pair in pairs if name not in pair or pair.partition(b"=")[0].strip(b" \t") != name]
    if len(kept) == len(pairs):
        return value
    if kept and kept[0] is not pairs[0]:
        kept[0] = kept[0].lstrip(b" \t")  # it stood behind a "; " that went with the first pair
    left = b";".join(kept)
    return left if left.strip(b"; \t") else b""

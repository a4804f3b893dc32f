"""What a response that belongs to one visitor may say: private, not stored, nothing that names the origin's bytes."""

FieldList = list[tuple[bytes, bytes]]


def personalised(headers: FieldList, *, content_length: int, content_encoding: bytes | None) -> FieldList:
    """The fields of a rewritten response (given those of `to_client`)."""
    raise NotImplementedError


def with_our_cookie(headers: FieldList, set_cookie: bytes) -> FieldList:
    """Add our Set-Cookie to a response and make it private."""
    raise NotImplementedError


def is_private(headers: FieldList) -> bool:
    """No shared cache may store a response with these fields (to be checked on the final list)."""
    raise NotImplementedError

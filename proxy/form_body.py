"""A submitted form, as far as somebody may want to read it."""


class FormBody:
    """A form's body, kept beside its way to the origin as far as it is small; read only if the origin accepts it."""

    __slots__ = ("_most", "_parts", "_size", "content_type")

    def __init__(self, content_type: str, most: int) -> None:
        self.content_type = content_type
        self._parts: list[bytes] | None = []
        self._size = 0
        self._most = most

    def feed(self, parts: list[bytes]) -> None:
        """More of the body."""
        if self._parts is not None:
            self._parts += parts
            self._size += sum(map(len, parts))
            if self._size > self._most:
                self._parts = None

    @property
    def body(self) -> bytes | None:
        """The whole body, or None when it was too large."""
        return None if self._parts is None else b"".join(self._parts)

"""A submitted form, or what the beacon tells, as far as somebody may want to read it."""

from typing import Final

from clicks import forms
from clicks.engagement import MAX_BODY_BYTES
from config.platform import Platform
from proxy.places import Place
from visitors.visitor import Visitor

FORM_METHODS: Final = frozenset(map(str.encode, forms.FORM_METHODS))


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


def form_due(
    method: bytes, visitor: Visitor, place: Place, platform: Platform, content_type: bytes, most_bytes: int
) -> FormBody | None:
    """Where a form's body will be kept, if its visitor and a rule allow that it is read: up to `most_bytes`."""
    if place.is_beacon and method == b"POST":
        return FormBody("", MAX_BODY_BYTES) if visitor.profile is not None and visitor.statistics else None
    if not visitor.consent or not (found := forms.forms_at(platform, method.decode(), place.target)):
        return None
    return FormBody(content_type.decode("latin-1"), most_bytes if any(form.is_read for form in found) else 0)

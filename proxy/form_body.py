"""A submitted form, or what the beacon tells, as far as somebody may want to read it."""

from typing import TYPE_CHECKING

from clicks.engagement import MAX_BODY_BYTES
from clicks.forms import forms_at

if TYPE_CHECKING:
    from proxy.visit import Visit


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


def form_due(visit: "Visit") -> FormBody | None:
    """Where a POST's body will be kept, if its visitor and a rule allow that it is read."""
    visitor, place = visit.identified.visitor, visit.place
    if place.is_beacon:
        return FormBody("", MAX_BODY_BYTES) if visitor.profile is not None and visitor.statistics else None
    if not visitor.consent or not (forms := forms_at(visit.platform, "POST", place.target)):
        return None
    content_type = visit.head.index.get(b"content-type", b"").decode("latin-1")
    most = visit.serving.limits.max_form_bytes if any(form.is_read for form in forms) else 0
    return FormBody(content_type, most)

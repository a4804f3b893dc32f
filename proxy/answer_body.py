"""The answer to a form or a call whose rule asks what the answer says: kept beside its way to the client while small.

Invariant: the client gets the origin's bytes. Only where the answer may prove a login is it held until its end, since
our cookie belongs to that very answer; beyond `MAX_ANSWER_BYTES` nothing is kept and nothing is proven by it.
"""

from clicks.answers import MAX_ANSWER_BYTES, may_be_answer, read_answer
from clicks.events import form_of
from clicks.forms import submitted_form
from proxy.codings import decode, is_decodable
from proxy.due_cookie import with_late_cookie
from proxy.exchange_state import ENDED, ExchangeState
from proxy.framing.body_framing import BodyFraming, NoBody, Sized
from proxy.framing.head import ResponseHead
from proxy.mapped_body import MappedBody
from proxy.page_body import failed_open
from proxy.shown_pages import MAX_SHOWN_BYTES, look_at_answer
from proxy.visit import Visit


class AnswerBody:
    """Streams (or holds) a small answer and reads it at its end; `mapped` maps the origin's URLs on the way."""

    __slots__ = ("_exchange", "_head", "_kept", "_mapped", "_most", "_rest", "_size", "is_held")

    def __init__(
        self, exchange: ExchangeState, head: ResponseHead, mapped: MappedBody | None, *, is_held: bool
    ) -> None:
        self.is_held = is_held
        self._exchange = exchange
        self._head = head
        self._mapped = mapped
        self._kept: list[bytes] | None = []
        self._most = most_bytes(exchange.visit)
        self._rest: list[bytes] = []
        """What came with the end."""
        self._size = 0

    def feed(self, parts: list[bytes]) -> list[bytes]:
        """All of it, or nothing while it is held."""
        parts = self._taken(parts)
        return parts if self._mapped is None or not parts else self._mapped.feed(parts)

    def _taken(self, parts: list[bytes]) -> list[bytes]:
        """Keep what comes; returns what may go on its way."""
        self._size += sum(map(len, parts))
        if self._kept is None:
            return parts
        self._kept += parts
        if self._size > self._most:
            kept, self._kept = self._kept, None
            if self.is_held:
                self._let_go()
                return kept
        return [] if self.is_held else parts

    def end(self, parts: list[bytes]) -> None:
        """The answer is whole: what it proves is known before its last byte goes out, which waits for the profile (or
        its deadline) where what was in the cart before has a say."""
        self._rest = self._taken(parts)
        if self._kept is not None and self._exchange.visit.platform.as_shown:
            self._exchange.visit.when_profile_known(self._finish, self._exchange.body_ended_at)
        else:
            self._finish()

    def _finish(self) -> None:
        exchange, rest = self._exchange, self._rest
        if exchange.stage is ENDED:
            return
        if self._kept is not None:
            try:
                content = decode(b"".join(self._kept), self._head.get(b"content-encoding"), self._most)
                if isinstance(content, bytes):
                    exchange.visit.answer = read_answer(content)
                    look_at_answer(exchange.visit, content)
            except Exception:
                failed_open(exchange, "reading an answer failed")
            if self.is_held:
                rest = self._kept
                self._let_go()
        if self._mapped is None:
            exchange.conclude(rest)
        else:
            self._mapped.end(rest)

    def framing_of(self, framing: BodyFraming) -> BodyFraming:
        """The origin's, unless the URLs are mapped on the way."""
        return framing if self._mapped is None else self._mapped.framing_of(framing)

    def _let_go(self) -> None:
        if self.is_held:
            self.is_held = False
            self._exchange.fields = with_late_cookie(self._exchange.visit, self._head, self._exchange.fields)


def reads_answer(visit: Visit, head: ResponseHead, media_type: bytes) -> bool:
    """Read the form that was submitted; whether the answer's body has a say in what came of it."""
    form = visit.form
    if form is None:
        return False
    visit.submitted = submitted_form(
        visit.platform, visit.head.method.decode(), visit.place.target, form.content_type, form.body
    )
    if visit.submitted is None or not visit.submitted[1].complete:
        return False
    rule = form_of(visit.platform, *visit.submitted)
    if rule is None or not 200 <= head.status < 300 or head.status == 204:
        return False
    if not rule.needs_answer and not (visit.platform.as_shown and rule.is_shown):
        return False
    framing = head.framing
    if isinstance(framing, NoBody) or (isinstance(framing, Sized) and framing.length > most_bytes(visit)):
        return False
    if not may_be_answer(media_type.decode("latin-1")) or not is_decodable(head.get(b"content-encoding")):
        return False
    visit.waits_for_answer = rule.name in ("login", "register")
    return True


def most_bytes(visit: Visit) -> int:
    """How much of an answer is kept: pages are longer than what says yes or no."""
    is_shown = (
        visit.platform.as_shown and visit.submitted is not None and visit.submitted[0] not in ("login", "register")
    )
    return MAX_SHOWN_BYTES if is_shown else MAX_ANSWER_BYTES

"""What is given up when there is more to do than can be done: personalisation first, then requests.

Invariant: refusing must cost a small part of serving, or it would not help; and what a visitor cannot simply ask for
again (a form, an upload, a WebSocket) is never refused for this reason.
"""

from functools import lru_cache
from typing import NamedTuple

from proxy.answers import RETRY_AFTER, answer, wants_page
from proxy.framing.body_framing import NO_BODY
from proxy.framing.head import RequestHead
from proxy.framing.limits import Limits
from proxy.framing.request import parse_request_head
from proxy.serving import Serving
from proxy.visit import Visit


def pass_untouched(visit: Visit) -> None:
    """There is no time to look at this page, so it streams. An operator's preview is looked at all the same."""
    if not visit.is_preview:
        visit.reads_page = visit.may_rewrite = False
        visit.serving.count("untouched")


class Waiting(NamedTuple):
    """A request that is begun when there is time, or refused."""

    data: bytes
    """Its head as it came."""
    head: RequestHead

    def refusal(self, serving: Serving, peer: bytes, *, keep_alive: bool) -> bytes:
        """The whole answer where it is shed, which is counted and in the log; a page for a browser that opens one."""
        serving.count("requests")
        serving.count("shed")
        if (access_log := serving.ports.access_log) is not None:
            access_log.refused(peer, 503)
        page = serving.error_page if wants_page(self.head) else b""
        return _unavailable(self.head.version, self.head.method == b"HEAD", keep_alive, page)


def waiting_of(data: bytes, head: RequestHead | None, limits: Limits) -> Waiting | None:
    """A head that may wait: for a page, a picture or the like; None for any other. Raises `FramingError`.

    `head` is what the bytes say, where they were read already.
    """
    if head is None:
        head = parse_request_head(data, limits)
    is_shedable = head.method in (b"GET", b"HEAD") and head.framing is NO_BODY and head.upgrade is None
    return Waiting(data, head) if is_shedable else None


@lru_cache(maxsize=16)
def _unavailable(version: bytes, for_head: bool, keep_alive: bool, page: bytes) -> bytes:
    return answer(503, keep_alive=keep_alive, for_head=for_head, version=version, fields=(RETRY_AFTER,), page=page)

"""Our cookie on an answer: set when it proves a login or logout, or on a top-level page of who agreed.

Invariant: an answer with our cookie is private. Whose session the answer ends or replaces is shown nothing of theirs.
"""

from clicks.events import Logout, proof
from proxy.framing.head import ResponseHead
from proxy.headers.privacy import with_our_cookie
from proxy.reading import read_exchange
from proxy.visit import Visit
from visitors.cookie_change import set_cookie
from visitors.identity import confirmed, is_settled, next_cookie, response_session, session_value

FieldList = list[tuple[bytes, bytes]]


def with_due_cookie(visit: Visit, head: ResponseHead, fields: FieldList, is_html: bool) -> FieldList:
    """The fields of an answer, with our cookie if one is due: what it proves, who asks, and what page it is decide."""
    if head.status >= 400 or head.status == 304 or visit.is_stand_in:
        return fields
    identified = visit.identified
    if not visit.is_navigation and visit.form is None and identified.cookie is None and not identified.stale:
        return fields  # nobody is known, nothing is proven, and it is no page: the frequent case
    may_prove = visit.submitted is not None or visit.place.signs_out
    if not may_prove and b"set-cookie" not in head.index and is_settled(identified, visit.time):
        return fields  # known since lately, and there is nothing new: the frequent case of pages
    cookies = visit.serving.identity.session_cookies
    set_by_origin = head.get_all(b"set-cookie")
    proven = None
    if may_prove:
        proven = proof(read_exchange(visit, head, head.status), visit.platform)
    session_before = session_value(visit.cookies.text, cookies)
    session_after = (
        response_session((value.decode("latin-1") for value in set_by_origin), cookies) if set_by_origin else None
    )
    visitor = confirmed(identified, session_before, session_after, visit.time)
    if isinstance(proven, Logout) or not visitor.logged_in:
        visit.withhold(visitor)
    visit.change = next_cookie(
        identified,
        visit.serving.identity,
        proof=proven,
        request_session=session_before,
        response_session=session_after,
        is_navigation=visit.is_navigation and is_html and head.status < 300,
        now=visit.time,
        new_id=visit.serving.plan.new_id,
    )
    if visit.change is None:
        return fields
    if identified.withdrawn is not None and visit.serving.ports.erasures is not None:
        visit.serving.ports.erasures.ask(identified.withdrawn, visit.time)
    secure = visit.serving.settings.site.secure_cookies
    cookie = set_cookie(visit.serving.plan.keyring, visit.change, visit.fields.is_secure if secure is None else secure)
    return with_our_cookie(fields, cookie.encode("ascii"))


def with_late_cookie(visit: Visit, head: ResponseHead, fields: FieldList) -> FieldList:
    """The fields of a held answer, with our cookie if it has proven one due."""
    visit.waits_for_answer = False
    if visit.place.is_never_touched:
        return fields
    try:
        return with_due_cookie(visit, head, fields, is_html=False)
    except Exception:
        visit.fail_open("looking at an answer failed")
        return fields

"""The origin's answer begins: our cookie, if one is due, and the way its body goes."""

from proxy.answer_body import AnswerBody, reads_answer
from proxy.answer_fields import AnswerFields
from proxy.beaconing import beacon_origin
from proxy.due_cookie import with_due_cookie
from proxy.exchange_state import ExchangeState, FieldList
from proxy.framing.head import ResponseHead
from proxy.headers.privacy import not_stored
from proxy.mapped_body import MappedBody
from proxy.page_body import HeldPage, PageBody, ReadPage, as_if_rewritten
from proxy.public_urls import is_text, origin_target


def answered(
    exchange: ExchangeState, head: ResponseHead, fields: FieldList, told: AnswerFields
) -> tuple[FieldList, PageBody | None]:
    """The answer's fields, and who looks at its body; a failure of ours lets it pass as it comes."""
    visit = exchange.visit
    try:
        if visit.trial is not None and 300 < head.status < 309 and (location := head.get(b"location")) is not None:
            visit.serving.trial_redirect(location, origin_target(visit.head.path, visit.trial), visit.trial)
        return _answered(exchange, head, fields, told)
    except Exception:
        visit.fail_open("looking at an answer failed")
        return fields, None


def _answered(
    exchange: ExchangeState, head: ResponseHead, fields: FieldList, told: AnswerFields
) -> tuple[FieldList, PageBody | None]:
    visit = exchange.visit
    place = visit.place
    if place.is_asset and visit.public_urls is None:
        return fields, None
    is_html = told.is_html
    may_have_cookie = visit.is_read and not place.is_asset and not place.is_never_touched
    is_answer_read = (
        visit.form is not None
        and visit.is_read
        and not place.is_never_touched
        and reads_answer(visit, head, told.media_type)
    )
    if may_have_cookie and not visit.waits_for_answer:
        fields = with_due_cookie(visit, head, fields, is_html)
    if visit.may_rewrite and visit.head.method == b"HEAD" and head.status == 200 and is_html:
        fields = as_if_rewritten(fields, head.get(b"content-encoding"))
    elif visit.is_preview and visit.may_rewrite and is_html:
        fields = not_stored(fields)  # or the browser would go on showing it when the preview is over
    page: PageBody | None = None
    maps = (
        visit.public_urls is not None
        and is_text(head.index.get(b"content-type"))
        and head.status not in (206, 304)
        and not head.index.get(b"content-disposition", b"").lower().lstrip().startswith(b"attachment")
    )
    if visit.reads_page and told.is_readable_page(visit.serving.page_bytes):
        visit.serving.count("html")
        if visit.is_holdout:
            visit.serving.count("holdout")
        visit.beacon_for = beacon_origin(visit, fields)
        if visit.may_rewrite or maps:
            page = HeldPage(exchange, head, visit.public_urls if maps else None)
        else:
            page = ReadPage(exchange, head)
    elif maps and visit.public_urls is not None:
        mapped = MappedBody.of(exchange, head, visit.public_urls)
        if mapped is not None:
            page = mapped
            fields = mapped.described(fields)
    if is_answer_read and (page is None or isinstance(page, MappedBody)):
        page = AnswerBody(exchange, head, page, is_held=visit.waits_for_answer)
    return fields, page

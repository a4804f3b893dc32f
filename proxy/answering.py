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
from proxy.public_urls import PublicUrls, is_text, origin_target


def answered(
    exchange: ExchangeState, head: ResponseHead, fields: FieldList, told: AnswerFields
) -> tuple[FieldList, PageBody | None]:
    """The answer's fields, and who looks at its body; a failure of ours lets it pass as it comes."""
    visit = exchange.visit
    passing = fields
    try:
        if visit.trial is not None and 300 < head.status < 309 and (location := head.get(b"location")) is not None:
            visit.serving.trial_redirect(location, origin_target(visit.head.path, visit.trial), visit.trial)
        place, is_html = visit.place, told.is_html
        if place.is_asset and visit.public_urls is None:
            return fields, None
        may_be_read = visit.is_read and not place.is_never_touched
        is_answer_read = visit.form is not None and may_be_read and reads_answer(visit, head, told.media_type)
        if may_be_read and not place.is_asset and not visit.waits_for_answer:
            fields = with_due_cookie(visit, head, fields, is_html)
        if visit.may_rewrite and is_html:
            if visit.head.method == b"HEAD" and head.status == 200:
                fields = as_if_rewritten(fields, head.get(b"content-encoding"))
            elif visit.is_preview:
                fields = not_stored(fields)  # or the browser would go on showing it when the preview is over
        maps = visit.public_urls if visit.public_urls is not None and _is_mapped(head) else None
        page: PageBody | None = None
        if visit.reads_page and told.is_readable_page:
            page = _page(exchange, head, fields, maps)
        elif maps is not None and (mapped := MappedBody.of(exchange, head, maps)) is not None:
            page, fields = mapped, mapped.described(fields)
        if is_answer_read and (page is None or isinstance(page, MappedBody)):
            page = AnswerBody(exchange, head, page, is_held=visit.waits_for_answer)
        return fields, page
    except Exception:
        visit.fail_open("looking at an answer failed")
        return passing, None


def _is_mapped(head: ResponseHead) -> bool:
    """The origin's URLs in it become those of the name it is asked for under."""
    return (
        is_text(head.index.get(b"content-type"))
        and head.status not in (206, 304)
        and not head.index.get(b"content-disposition", b"").lower().lstrip().startswith(b"attachment")
    )


def _page(exchange: ExchangeState, head: ResponseHead, fields: FieldList, maps: PublicUrls | None) -> PageBody:
    """The way of a page that is read, with these fields of ours."""
    visit, serving = exchange.visit, exchange.serving
    serving.count("html")
    if visit.is_holdout:
        serving.count("holdout")
    if serving.settings.statistics.beacon:
        visit.beacon_for = beacon_origin(visit, fields)
    return HeldPage(exchange, head, maps) if visit.may_rewrite or maps is not None else ReadPage(exchange, head)

"""While nobody has told which software a shop is, its pages may."""

from clicks.detecting.session_cookies import session_names
from proxy.exchange_state import ExchangeState
from proxy.framing.head import ResponseHead


def recognise(exchange: ExchangeState, head: ResponseHead, body: bytes) -> None:
    """While the shop's platform is unknown, each page is a chance to tell it."""
    serving = exchange.serving
    visit = exchange.visit
    # A page for somebody without a cookie is nobody's: the shop may be learnt from it.
    if serving.samples is not None and not serving.samples.is_full and head.status == 200 and not visit.cookies.text:
        serving.samples.offer(
            visit.place.text,
            exchange.head.authority.decode("latin-1"),
            (head.index.get(b"content-type") or b"").decode("latin-1"),
            session_names(value.decode("latin-1") for value in head.get_all(b"set-cookie")),
            body,
        )
    if not serving.is_recognising:
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.index.items()}
    pairs = [pair.partition("=")[0].strip() for pair in visit.cookies.text.split(";")]
    pairs += [value.partition(b"=")[0].decode("latin-1").strip() for value in head.get_all(b"set-cookie")]
    serving.look_at(pairs, headers, visit.place.target.path, body)

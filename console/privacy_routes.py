"""`/_vitrina/privacy` and `/_vitrina/consent`: what a visitor may see, allow, take along and erase.

Rules: (1) who it is follows from our signed cookie alone, and for a customer from the shop's own session too; (2) an
act comes from a page of this very shop (Origin, token); (3) a forged, foreign or unknown cookie is answered as none is,
by the same steps; (4) nothing here is ever cached or indexed.
"""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from clicks.catalogue import Product
from config.settings import PURPOSES, Purpose, Settings
from console.languages import Language, preferred
from console.privacy_known import as_json, known
from console.privacy_page import PATH, STYLE, STYLE_PATH, render
from visitors.consent import Permissions, chosen, permissions, set_choice_cookie
from visitors.cookie import COOKIE_NAME, MAX_AGE_S, Keyring, VisitorCookie, decode_cookie, is_bound
from visitors.cookie_change import CookieChange, set_cookie
from visitors.cookie_header import cookie_value, session_value
from visitors.profile import Profile
from visitors.visitor import Visitor

CONSENT_PATH = "/_vitrina/consent"
GPC_PATH = "/.well-known/gpc.json"
MOST_A_MINUTE = 60
"""Of one visitor."""
MOST_OF_AN_ADDRESS = 180
"""A household or an office may share one."""
TOKEN_S = 3600
_MOST_COUNTED = 10_000
_NOBODY = "nobody-0000000000000000"
_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # with no-referrer a form would come with Origin: null
    "X-Content-Type-Options": "nosniff",
    "Vary": "Cookie, Accept-Language",
}


class PrivacyRecords(Protocol):
    """What the page needs of storage."""

    async def profile(self, profile_id: str) -> Profile | None:
        """With a readable e-mail address; None when there is none, or Redis does not answer."""
        ...

    async def products(self, ids: Sequence[str]) -> Mapping[str, Product]:
        """Products of the catalogue by id."""
        ...

    async def erase(self, profile_id: str, at: float) -> None:
        """Everything of this visitor goes: from what answers at once, from the rest within a minute."""
        ...

    async def forget_address(self, profile_id: str) -> None:
        """The e-mail address goes from the profile."""
        ...


@dataclass(frozen=True, slots=True)
class PrivacyPlan:
    """`session_cookies`: names of the shop's session cookies, one set for each platform it may be."""

    settings: Settings
    keyring: Keyring
    session_cookies: tuple[tuple[str, ...], ...]


def privacy_routes(
    plan: PrivacyPlan, records: PrivacyRecords, now: Callable[[], float] = time.time
) -> Callable[[web.Application], None]:
    """Adds the routes. `now` gives Unix time."""
    pages = _Pages(plan, records, now)

    def extend(app: web.Application) -> None:
        app.router.add_get(PATH, pages.limited(pages.show))
        app.router.add_get(STYLE_PATH, _style)
        app.router.add_get(f"{PATH}/download", pages.limited(pages.download))
        app.router.add_post(f"{PATH}/choose", pages.limited(pages.choose))
        app.router.add_post(f"{PATH}/erase", pages.limited(pages.erase))
        app.router.add_get(CONSENT_PATH, pages.limited(pages.said))
        app.router.add_post(CONSENT_PATH, pages.limited(pages.say))
        if plan.settings.consent.gpc:
            app.router.add_get(GPC_PATH, _gpc)

    return extend


class _Pages:
    def __init__(self, plan: PrivacyPlan, records: PrivacyRecords, now: Callable[[], float]) -> None:
        self._plan = plan
        self._records = records
        self._now = now
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def limited(
        self, handler: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """At most so many a minute; the headers that all of these answers have."""

        async def limited(request: web.Request) -> web.Response:
            if self._is_too_many(request):
                t = _language(request)
                answer = web.Response(status=429, text=t("Too many requests. Please wait a minute.") + "\n")
                answer.headers["Retry-After"] = "60"
            else:
                answer = await handler(request)
            for name, value in _HEADERS.items():
                answer.headers.setdefault(name, value)
            return answer

        return limited

    async def show(self, request: web.Request) -> web.Response:
        """The page."""
        t = _language(request)
        done = {
            "saved": t("Your choice was saved."),
            "erased": t("Everything that was kept is being erased. It takes less than a minute."),
            "again": t("This form is no longer valid. Please try again."),
        }.get(request.query.get("done", ""), "")
        visitor, profile = await self._visitor(request)
        ids = () if profile is None else (*profile.products, *profile.cart, *profile.bought)
        products = await self._records.products(ids)
        told = known(profile, visitor, self._plan.settings, products, t, self._now())
        page = render(told, self._allowed(request), t, token=self._token(request), refuses=_refuses(request), done=done)
        return web.Response(text=page, content_type="text/html", headers={"Content-Language": t.tag})

    async def download(self, request: web.Request) -> web.Response:
        """Everything, as JSON."""
        visitor, profile = await self._visitor(request)
        return web.Response(
            text=as_json(profile, visitor),
            content_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
        )

    async def choose(self, request: web.Request) -> web.Response:
        """A switch of the page."""
        form = await request.post()
        if not self._is_own_act(request, form.get("token")):
            return _back("again")
        answer = _back("saved")
        await self._apply(request, _said({name: form.get(name) for name in PURPOSES}), answer)
        return answer

    async def erase(self, request: web.Request) -> web.Response:
        """Erase everything; what is allowed stays as it is."""
        form = await request.post()
        if not self._is_own_act(request, form.get("token")):
            return _back("again")
        answer = _back("erased")
        await self._erase(request, answer)
        return answer

    async def said(self, request: web.Request) -> web.Response:
        """What is allowed now, for the shop's own banner."""
        allowed = self._allowed(request)
        return web.json_response({name: allowed.allows(name) for name in PURPOSES} | {"explicit": allowed.explicit})

    async def say(self, request: web.Request) -> web.Response:
        """The shop's own banner tells what was chosen."""
        if not _is_same_origin(request):
            return web.json_response({"error": "not from a page of this shop"}, status=403)
        if request.content_type == "application/json":
            try:
                fields = await request.json()
            except ValueError:
                fields = None
        else:
            fields = dict(await request.post())
        if not isinstance(fields, dict) or not (said := _said(fields)):
            names = ", ".join(PURPOSES)
            return web.json_response({"error": f"says nothing of {names}"}, status=400)
        answer = web.Response(status=204)
        await self._apply(request, said, answer)
        return answer

    async def _apply(self, request: web.Request, said: dict[Purpose, bool], answer: web.Response) -> None:
        if not said:
            return
        consent, cookies = self._plan.settings.consent, _cookies(request)
        before = self._allowed(request)
        merged = {name: before.allows(name) for name in PURPOSES} | said
        choice = chosen(merged, consent, cookies, self._now())
        answer.headers.add("Set-Cookie", set_choice_cookie(self._plan.keyring, choice, secure=_is_secure(request)))
        if any(before.allows(name) and not merged[name] for name in ("personalisation", "statistics")):
            await self._erase(request, answer)
        elif before.email and not merged["email"] and (cookie := self._cookie(request)) is not None:
            await self._records.forget_address(cookie.profile)

    async def _erase(self, request: web.Request, answer: web.Response) -> None:
        cookie = self._cookie(request)
        await self._records.erase(_NOBODY if cookie is None else cookie.profile, self._now())
        gone = set_cookie(self._plan.keyring, CookieChange(None), _is_secure(request))
        answer.headers.add("Set-Cookie", gone)

    async def _visitor(self, request: web.Request) -> tuple[Visitor, Profile | None]:
        """Who asks, with the profile. Nobody's is looked for as well, so that no time tells who is known."""
        cookie = self._cookie(request)
        found = await self._records.profile(_NOBODY if cookie is None else cookie.profile)
        if cookie is None or found is None or found.moved_to is not None:
            return Visitor(None, None, True), None
        return Visitor(cookie.profile, None, True, cookie.customer, cookie.customer), found

    def _cookie(self, request: web.Request) -> VisitorCookie | None:
        header = _cookies(request)
        text = cookie_value(header, COOKIE_NAME)
        cookie = decode_cookie(self._plan.keyring, text) if text else None
        if cookie is None or self._now() - cookie.seen > MAX_AGE_S:
            return None
        if cookie.customer and not any(
            is_bound(self._plan.keyring, cookie, session_value(header, names)) for names in self._plan.session_cookies
        ):
            return None
        return cookie

    def _allowed(self, request: web.Request) -> Permissions:
        refuses = _refuses(request)
        return permissions(self._plan.settings.consent, _cookies(request), refuses=refuses, keyring=self._plan.keyring)

    def _token(self, request: web.Request, ago: int = 0) -> str:
        hour = int(self._now() // TOKEN_S) - ago
        who = cookie_value(_cookies(request), COOKIE_NAME) or ""
        message = f"privacy\0{request.host}\0{hour}\0{who}".encode("utf-8", "surrogateescape")
        return hmac.new(self._plan.keyring.keys[0][1], message, "sha256").hexdigest()[:40]

    def _is_own_act(self, request: web.Request, token: object) -> bool:
        if not _is_same_origin(request) or not isinstance(token, str) or not token.isascii():
            return False
        return any(secrets.compare_digest(self._token(request, ago), token) for ago in (0, 1))

    def _is_too_many(self, request: web.Request) -> bool:
        """Counted by the address that the data plane saw, and by visitor where one is proven."""
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        cookie = self._cookie(request)
        too_many = self._counted(f"a {address}") > MOST_OF_AN_ADDRESS
        return too_many or (cookie is not None and self._counted(f"v {cookie.profile}") > MOST_A_MINUTE)

    def _counted(self, who: str) -> int:
        at = self._now()
        since, count = self._asked.pop(who, (at, 0))
        if at - since >= 60:
            since, count = at, 0
        self._asked[who] = since, count + 1
        while len(self._asked) > _MOST_COUNTED:
            self._asked.popitem(last=False)
        return count + 1


async def _style(_request: web.Request) -> web.Response:
    return web.Response(text=STYLE, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


async def _gpc(_request: web.Request) -> web.Response:
    return web.json_response({"gpc": True, "lastUpdate": "2026-01-01"})


def _said(fields: Mapping[str, object]) -> dict[Purpose, bool]:
    words = {"1": True, "true": True, "0": False, "false": False}
    found = {name: words.get(str(fields[name]).lower()) for name in PURPOSES if fields.get(name) is not None}
    return {name: value for name, value in found.items() if value is not None}


def _back(done: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"{PATH}?done={done}"})


def _cookies(request: web.Request) -> str:
    return "; ".join(request.headers.getall("Cookie", []))


def _language(request: web.Request) -> Language:
    return preferred(request.headers.get("Accept-Language", ""))


def _refuses(request: web.Request) -> bool:
    return request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"


def _is_secure(request: web.Request) -> bool:
    return request.headers.get("X-Forwarded-Proto", "").strip().lower() == "https"


def _is_same_origin(request: web.Request) -> bool:
    """By Origin, else by Sec-Fetch-Site, else by Referer; a request that says nothing is not from a page of ours."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Referer", "")).netloc.lower() == request.host.lower()

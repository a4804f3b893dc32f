"""Whose request this is, and what may be done with its answer: identity, consent, paths, mode, switch.

Invariants: what is never read has no identity, no form and no page here. Before consent there is no profile and no
cookie. A cookie of ours goes out only on the answer that proves a login or logout, or on a top-level page; the answer
is private then.
"""

import logging
from asyncio import TimerHandle
from collections.abc import Callable
from time import monotonic

from msgspec.structs import replace

from clicks.agents import BOT
from clicks.answers import Answer
from clicks.facts import OrderFacts
from clicks.forms import FormValues
from clicks.shown_cart import ShownCart
from clicks.targets import Target
from decisions.holdout import in_holdout
from proxy.form_body import FORM_METHODS, FormBody, form_due
from proxy.framing.encode import encode_request_head
from proxy.framing.head import RequestHead
from proxy.headers.impersonal import is_impersonal
from proxy.headers.to_origin import limited_codings, to_origin
from proxy.headers.trial_host import response_fields
from proxy.headers.trial_names import TrialHost
from proxy.laps import ALWAYS_AT_FIRST, ONE_IN, Laps
from proxy.previewing import signed_in
from proxy.public_urls import PublicUrls, origin_target
from proxy.request_fields import Asked, SentFields, is_lasting
from proxy.serving import Serving
from proxy.trial_request import holds_form, origin_form, with_length
from transforms.page.only_body import OnlyBody
from transforms.personaliser import Outcome, PageContext, Personaliser
from visitors.cookie_change import CookieChange
from visitors.identity import Identified, identify
from visitors.profile import Profile
from visitors.visitor import Visitor
from visitors.wire import open_profile

_LOG = logging.getLogger("vitrina.proxy")
FieldList = list[tuple[bytes, bytes]]
_NOBODY = Visitor(profile=None, session=None, consent=False)
_UNIDENTIFIED = Identified(_NOBODY)


class Visit:
    """One request, seen from the visitor's side."""

    __slots__ = (
        "_deadline", "_pending", "_ready", "answer", "beacon_for", "began", "cart", "change", "cookies",
        "fields", "form", "head", "holds_form", "host", "identified", "is_alive", "is_holdout", "is_navigation",
        "is_own", "is_preview", "is_read", "is_stand_in", "lap", "left_from", "may_rewrite", "order", "outcome",
        "personalised", "place", "platform", "policy", "profile", "profile_failure", "public_urls",
        "reads_page", "referrer", "request_id", "serving", "source", "submitted", "time", "trial", "waits_for_answer",
        "waits_since",
    )  # fmt: skip

    def __init__(self, serving: Serving, asked: Asked) -> None:
        self.identified = _UNIDENTIFIED
        self.change: CookieChange | None = None
        self.form: FormBody | None = None
        self.submitted: tuple[str, FormValues] | None = None
        self.answer: Answer | None = None
        """What the shop answered to it in JSON, where its rule asks."""
        self.cart: ShownCart | None = None
        self.order: OrderFacts | None = None
        """What the page or the answer shows of them (`shown_pages`)."""
        self.left_from: Target | None = None
        """The page of the shop that the visitor left for another site, which they come back from now."""
        self.waits_for_answer = False
        """Our cookie is due only when the answer's body has been read."""
        self.profile: Profile | None = None
        self.profile_failure: str | None = None
        self._pending = False
        self._ready: Callable[[], None] | None = None
        self._deadline: TimerHandle | None = None
        self.outcome: Outcome | None = None
        self.personalised = False
        self.source = b""
        """The body a personalised page was made from, for the observer."""
        self.trial: TrialHost | None = None
        self.public_urls: PublicUrls | None = None
        self.holds_form = False
        """The request's body waits for its end, to be mapped to the origin's name."""
        self.reads_page = False
        self.may_rewrite = False
        self.is_holdout = False
        self.is_preview = False
        """An operator's browser, which is shown what others are not and counts for nothing."""
        self.is_stand_in = False
        """In preview as somebody else: our cookie is left as it is."""
        self.beacon_for = ""
        self.lap: Laps | None = None
        """Measures the stages of a page from its body on."""
        self.waits_since = 0.0
        """When the body of a page that may change was there; 0.0 for others."""
        self.request_id = ""
        """As in the access log; "" without one."""
        self.serving = serving
        head, fields, cookies, self.referrer = asked
        self.head = head
        self.fields = fields
        self.cookies = cookies
        self.host = fields.host
        self.is_navigation = fields.is_navigation
        self.began = monotonic()
        """When it was there to be looked at, in seconds of the steady clock; `time` is Unix time."""
        self.time = serving.plan.clock()
        self.platform = serving.platform
        place = self.place = serving.places.at(head.path)
        self.is_own = place.is_own
        self.policy = serving.own_policy if place.is_own else serving.origin_policy
        if (access_log := serving.ports.access_log) is not None:
            self.request_id = access_log.request_id(head, is_trusted=fields.is_trusted)
        self.is_alive = serving.may_act and serving.ports.switch.is_on()
        """The operator wants us to act at all."""
        self.is_read = self.is_alive and not place.is_never_read
        """Beyond the status, something of this exchange may be looked at."""
        if self.is_read:
            try:
                self.identified = cookies.identified or self._identified()
                if serving.behaviour.askers or not (place.is_asset or b"cookie" in head.index):
                    self._judge()
                if cookies.names_preview:
                    self._begin_preview()
                if not place.is_asset:
                    self._look()
            except Exception:
                self.fail_open("looking at a request failed")

    @property
    def personaliser(self) -> Personaliser:
        """The page engine for this visitor."""
        serving = self.serving
        if not self.is_preview:
            return serving.personaliser
        return serving.previewing.personaliser(serving.platform, serving.compiler)

    def fail_open(self, what: str) -> None:
        """A failure of ours: from here on the exchange is nobody's and passes as it comes."""
        self.identified = _UNIDENTIFIED
        self.is_read = self.reads_page = self.may_rewrite = self.is_holdout = self._pending = False
        self.change = self.form = self.profile = None
        self.serving.count("fail_open")
        _LOG.exception("%s; the exchange passes as it comes: %s", what, self.place.path)

    def _identified(self) -> Identified:
        """Who asks; kept with their cookies where it holds for the next request, too."""
        serving, cookies = self.serving, self.cookies
        found = identify(
            cookies.text, cookies.ours, self.fields.asking, serving.identity, self.time, serving.plan.new_id
        )
        if is_lasting(found):
            cookies.identified = found
        return found

    def _judge(self) -> None:
        """Whoever asks for page after page without a cookie and without an asset is a program, whatever it says."""
        behaviour, fields = self.serving.behaviour, self.fields
        if self.place.is_asset or b"cookie" in self.head.index:
            if (asker := fields.asker) is not None:
                behaviour.is_person(asker)
        elif (asker := fields.asker) is not None and behaviour.asks_for_page(asker, self.time):
            visitor = self.identified.visitor
            visitor = replace(visitor, profile=None, session=None, bot=True, fresh=False, agent=BOT)
            self.identified = replace(self.identified, visitor=visitor)

    def _begin_preview(self) -> None:
        """Let a browser that proves to be in preview be seen as whom it asks for."""
        serving, own = self.serving, self.identified.visitor
        preview = serving.previewing.of(self.cookies.text, self.host, self.time)
        if preview is None:
            return
        self.is_preview = True
        found = serving.previewing.stand_in(preview, own, self.time)
        if found is not None:
            self.is_stand_in = True
            visitor, self.profile = found
            self.identified = replace(self.identified, visitor=visitor)

    def _look(self) -> None:
        """For what kind of thing they ask, and what may be done with the answer."""
        serving, head, place = self.serving, self.head, self.place
        visitor = self.identified.visitor
        method = head.method
        if method in FORM_METHODS:
            self.form = form_due(
                method,
                visitor,
                place,
                self.platform,
                head.index.get(b"content-type", b""),
                serving.limits.max_form_bytes,
            )
            return
        self.reads_page = method == b"GET" and self.is_navigation and head.upgrade is None
        if visitor.profile is None:
            return
        if not self.is_preview:
            self.is_holdout = in_holdout(visitor.profile, serving.settings.site.holdout)
        self.may_rewrite = (
            serving.changes_pages
            and (serving.is_live or self.is_preview)
            and (self.reads_page or (method == b"HEAD" and self.is_navigation))
            and not place.is_never_touched
            and not self.is_holdout
            and visitor.consent
            and visitor.personalisation
            and not visitor.bot
        )

    # Towards the origin

    def outbound(self, form_bytes: int | None = None) -> bytes:
        """The head the origin gets, before a form of another length than it came with. Raises `LoopDetected`."""
        head, fields = self.head, self.fields
        if self.is_own or not self.policy.is_public:
            own = self._outbound_fields(fields.filled(head, self.referrer.raw, self.cookies.raw))
            if self.request_id:
                own.append((b"X-Request-Id", self.request_id.encode("ascii")))
            path = head.path if self.trial is None else origin_target(head.path, self.trial)
            return encode_request_head(head.method, path, own if form_bytes is None else with_length(own, form_bytes))
        if not fields.is_split:
            own = self._outbound_fields(head)
            if self.request_id:
                own.append((b"X-Request-Id", self.request_id.encode("ascii")))
            return encode_request_head(head.method, head.path, own)
        manner = (self.may_rewrite, self.reads_page)
        sent = fields.sent.get(manner)
        if sent is None:
            marked, referrer, cookie = fields.marked()
            sent = fields.sent[manner] = SentFields(self._outbound_fields(marked), referrer, cookie)
        whole = sent.head(head.method, head.path, self.referrer.raw, self.cookies.sent)
        if self.request_id:
            return b"%bX-Request-Id: %b\r\n\r\n" % (whole[:-2], self.request_id.encode("ascii"))
        return whole

    def _outbound_fields(self, head: RequestHead) -> FieldList:
        asked = self.fields
        fields = to_origin(
            head,
            self.policy,
            peer=asked.peer,
            scheme=asked.scheme,
            trusted_peer=asked.is_trusted,
            personalisable=self.may_rewrite,
        )
        if not self.is_own:
            trial = self.policy.trial_host(b"https" if asked.is_secure else b"http", head.authority)
            self.trial = trial
            self.public_urls = None if trial is None else PublicUrls(trial)
            self.holds_form = (
                trial is not None
                and not self.place.is_never_read
                and holds_form(head, self.serving.limits.max_form_bytes)
            )
        if (self.reads_page and not self.may_rewrite) or self.public_urls is not None:
            decodable = self.policy.decodable
            fields = [  # the others stay the very objects that they are: by that referrer and cookies are found
                (field[0], limited_codings(field[1], decodable)) if field[0].lower() == b"accept-encoding" else field
                for field in fields
            ]
        if self.request_id and b"x-request-id" in head.index:
            fields = [field for field in fields if field[0].lower() != b"x-request-id"]
        if b"vitrina-debug" in head.index:
            fields = [field for field in fields if field[0].lower() != b"vitrina-debug"]
        return fields

    def outbound_form(self, body: bytes) -> tuple[bytes, bytes]:
        """The head and the body the origin gets where the body was held."""
        content_type = self.head.get(b"content-type") or b""
        mapped = body if self.trial is None else origin_form(body, content_type, self.trial)
        return self.outbound(len(mapped)), mapped

    def fetch_profile(self) -> None:
        """Ask for the profile while the origin works; its answer is awaited at the end of a page's body, if at all."""
        visitor = self.identified.visitor
        is_shown = self.form is not None and self.platform.as_shown  # what is new in a cart that the answer shows
        if not (self.reads_page or is_shown) or visitor.profile is None or visitor.fresh:
            return
        self._pending = True
        self.serving.count("profile_fetches")
        self.serving.ports.profiles.fetch(visitor.profile, self._profile_fetched)

    @property
    def is_profile_known(self) -> bool:
        """The profile is here, or there is none."""
        return not self._pending and self.profile_failure is None

    def _profile_fetched(self, raw: bytes | None, failure: str | None) -> None:
        if not self._pending:
            return
        self._pending = False
        self.profile_failure = failure
        if failure is not None:
            self.serving.count("profile_timeouts" if failure == "timeout" else "profile_unavailable")
        elif raw is not None:
            try:
                self._take_profile(open_profile(raw))
            except ValueError:
                self.profile_failure = "unreadable"
            except Exception:  # a page waits for this call: it goes out without a profile, whatever went wrong here
                self.profile_failure = "unreadable"
                _LOG.exception("reading a profile failed")
        if self._ready is not None:
            ready, self._ready = self._ready, None
            if self._deadline is not None:
                self._deadline.cancel()  # which would keep the page alive until then
            ready()

    def _take_profile(self, profile: Profile) -> None:
        # History that has moved to a customer is not this browser's any more, unless it proves the login.
        self.profile = profile if profile.moved_to is None else None
        self.serving.count("profile_found")
        if self.is_stand_in and self.profile is not None:
            self.identified = replace(self.identified, visitor=signed_in(self.identified.visitor, self.profile))

    def when_profile_known(self, ready: Callable[[], None], now: float) -> None:
        """Call `ready` once, when the profile is there or its budget (from now on) is spent."""
        self.waits_since = now
        if not self._pending:
            ready()
            return
        self._ready = ready
        self._deadline = self.serving.loop.call_later(
            self.serving.settings.site.budget.profile_ms / 1000, self._profile_fetched, None, "timeout"
        )

    # Towards the client

    def inbound_fields(self, fields: FieldList) -> FieldList:
        """The origin's fields under the public name, where that differs; ours are not for search engines."""
        if self.is_own:
            return [*(field for field in fields if field[0].lower() != b"x-robots-tag"), (b"X-Robots-Tag", b"noindex")]
        if self.policy.is_public:
            return fields
        trial = self.policy.trial_host(b"https" if self.fields.is_secure else b"http", self.head.authority)
        return fields if trial is None else response_fields(fields, trial)

    def withhold(self, visitor: Visitor) -> None:
        """The answer ends or replaces the session in which the login was proven: this very page is nobody's."""
        if self.identified.visitor.logged_in:
            visitor = replace(visitor, profile=None, session=None, logged_in=False, customer=False)
            self.identified = replace(self.identified, visitor=visitor)
            self.profile, self._pending, self.may_rewrite = None, False, False

    def expected(self) -> OnlyBody | None:
        """The body that most likely comes, where the page may be changed and has not varied so far."""
        if not (self.may_rewrite and self.reads_page):
            return None
        try:
            return self.personaliser.expected(self.host, self.place.target, self.identified.visitor)
        except Exception:
            self.fail_open("expecting a page failed")
            return None

    def context(self, *, rewriting: bool) -> PageContext:
        """What the page engine is told of this visit, once its page is there."""
        serving = self.serving
        serving.pages = number = serving.pages + 1
        self.lap = Laps(serving.ports.switch.observe) if number <= ALWAYS_AT_FIRST or not number % ONE_IN else None
        return PageContext(
            host=self.host,
            target=self.place.target,
            visitor=self.identified.visitor,
            profile=self.profile,
            profile_failure=self.profile_failure,
            catalogue=serving.ports.catalogue.snapshot(),
            referrer_key=self.referrer.key(self.platform),
            now=self.time,
            rewriting=rewriting,
            is_nobodys=not self.cookies.raw and is_impersonal(self.head, self.referrer.raw),
            beacon_for=self.beacon_for if rewriting else "",
            lap=self.lap,
        )

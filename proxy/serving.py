"""Everything the exchanges of one data plane share: policies, pools, patterns and the page engine, built once.

Invariant: nothing in here belongs to one visitor.
"""

import asyncio
import logging
import re
import ssl
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address, ip_network
from typing import Protocol
from urllib.parse import urlsplit

from clicks.behaviour import Behaviour
from clicks.recognising import recognise
from config.platform import Platform
from config.platforms import as_configured, platforms
from proxy.added_breaker import AddedBreaker
from proxy.admission import Admission
from proxy.answer_fields import AnswerReader
from proxy.answers import ERROR_PAGE
from proxy.beacon_rate import BeaconRate
from proxy.codings import OFFERED
from proxy.compiling import CompilePool
from proxy.due_clicks import DueClicks
from proxy.framing.limits import Limits as FramingLimits
from proxy.headers.cookie import OUR_COOKIES
from proxy.headers.to_origin import HostMode, OriginPolicy
from proxy.headers.trial_host import turned_to
from proxy.headers.trial_names import TrialHost
from proxy.https_only import https_port
from proxy.loop_lag import LoopLag
from proxy.offloading import Offloading
from proxy.orders_told import OrdersTold
from proxy.origin_pool import Address, OriginPool
from proxy.phases import Phases
from proxy.places import GPC_PATH, Places
from proxy.plan import Ports, ProxyPlan
from proxy.previewing import Previewing
from proxy.product_pages import ProductPages
from proxy.request_fields import RequestReader
from proxy.tasks import Tasks
from transforms.builtin.offer import promotions
from transforms.personaliser import Personaliser
from visitors.identity import IdentityPolicy

HANDSHAKE_S = 10.0
"""How long a TLS handshake may take."""
TRUSTED_REMEMBERED = 4096
"""Addresses of which it is known whether `site.trusted` has them."""
_LOG = logging.getLogger("vitrina.proxy")
_PORT = re.compile(rb":[0-9]*\Z")
_MOST_RECOGNISING_PAGES = 500


class Connected(Protocol):
    """A client's connection, as the data plane looks after it."""

    @property
    def is_tunnel(self) -> bool:
        """It carries an accepted Upgrade."""
        ...

    @property
    def waits_until(self) -> float | None:
        """When it is closed unless more of a request comes; None while one is served."""
        ...

    def give_way(self) -> None:
        """It waits, and is closed now: somebody else needs the room."""
        ...

    def check(self, now: float) -> None:
        """Called about once a second: what waits too long is ended."""
        ...

    def is_overdue(self, now: float) -> bool:
        """Its handshake has taken as long as it may."""
        ...

    def drain(self) -> None:
        """No further request after the one that is served."""
        ...

    def dismiss(self) -> None:
        """A tunnel has no end of its own: say that it ends now."""
        ...

    def stop(self) -> None:
        """The end of a drain."""
        ...


class Serving:
    """One data plane's plan, compiled. Create it in the running event loop."""

    own_body_bytes = 16_384
    """Largest request body for our own endpoints; above it 413."""
    drain_linger_s = 1.0
    """At a drain, idle clients may send one more request for so long, rather than meet a reset."""

    def __init__(self, plan: ProxyPlan, ports: Ports, tasks: Tasks) -> None:
        self.plan = plan
        self.ports = ports
        self.settings = plan.settings
        self.limits = plan.settings.limits
        self.error_page = plan.settings.site.error_page.encode() or ERROR_PAGE
        self.count = ports.switch.count
        self.pages = 0
        """Read so far: the stages of some of them are measured."""
        self.is_draining = False
        self.clients: set[Connected] = set()
        self.full_until = 0.0
        """No room is made before: nobody could give way."""
        self.shaking_hands: set[Connected] = set()
        """Accepted for TLS, but not connected yet."""
        self.handshake_s = min(HANDSHAKE_S, plan.settings.limits.head_timeout_s)
        self.https_port = https_port(plan.settings.tls)
        """Where plain requests are sent to; None when they are served."""
        self.loop = asyncio.get_running_loop()
        self.now = self.loop.time
        self.framing_limits = FramingLimits(
            target_bytes=self.limits.max_target_bytes,
            head_bytes=self.limits.max_head_bytes,
            fields=self.limits.max_headers,
        )
        site = plan.settings.site
        url = urlsplit(site.origin)
        is_tls = url.scheme == "https"
        origin_host = url.netloc.encode("idna" if not url.netloc.isascii() else "ascii").lower()
        name, _, port = origin_host.partition(b":")
        alias = name.removeprefix(b"www.") if name.startswith(b"www.") else b"www." + name
        token = b"vitrina-" + blake2b(plan.keyring.keys[0][1], digest_size=5).hexdigest().encode()
        self.origin_policy = OriginPolicy(
            host_mode=HostMode(site.host),
            origin_host=origin_host,
            origin_scheme=b"https" if is_tls else b"http",
            our_cookies=OUR_COOKIES,
            token=token,
            via=site.via,
            decodable=OFFERED,
            aliases=(alias + (b":" + port if port else b""),) if not name.replace(b".", b"").isdigit() else (),
        )
        self.own_policy = OriginPolicy(
            host_mode=HostMode.PUBLIC,
            origin_host=origin_host,
            origin_scheme=b"http",
            our_cookies=(),  # the privacy page is about this very visitor
            token=token,
            via=False,
        )
        address = Address(
            host=url.hostname or "",
            port=url.port or (443 if is_tls else 80),
            tls=_verifying(site.origin_ca) if is_tls else None,
        )
        self.page_bytes = site.budget.max_html_kb * 1024
        self.answers = AnswerReader(self.framing_limits, self.page_bytes, self.now)
        self.origin_pool = OriginPool(address, self.limits, self.framing_limits, self.answers, tasks)
        self.own_pool: OriginPool | None = None
        if plan.own_socket is not None:
            self.own_pool = OriginPool(
                Address(path=plan.own_socket), self.limits, self.framing_limits, self.answers, tasks
            )
        self._hosts = frozenset(host.lower().encode("idna" if not host.isascii() else "ascii") for host in site.hosts)
        networks = tuple(ip_network(peer, strict=False) for peer in site.trusted)
        self.trusts = lru_cache(maxsize=TRUSTED_REMEMBERED)(lambda peer: _is_within(peer, networks))
        self.may_act = site.mode != "off"
        self.is_live = site.mode == "live"
        self.changes_pages = bool(plan.settings.experiences or plan.settings.statistics.beacon)
        """There is something that may be put on a page."""
        self.debug_secret = site.debug_secret.encode() if site.debug_secret else None
        self.promotions = promotions(plan.settings)
        """Experience id → links in its offer."""
        self.product_pages = ProductPages()
        self.orders_told = OrdersTold()
        self.beacon_rate = BeaconRate(self.now)
        self.behaviour = Behaviour()
        self.requests = RequestReader(self.framing_limits, self.now)
        self.loop_lag = LoopLag(self.loop)
        self.admission = Admission(self.limits.shed_after_s, self.loop.call_soon)
        self.added_breaker = AddedBreaker(site.budget.added_p95_ms / 1000, self.now)
        self._added_opened = 0
        self.previewing = Previewing(self.settings, plan.keyring)
        self.compiler = CompilePool(tasks)
        self.offloading = Offloading(self.loop)
        self.beginning, self.making, self.ending = Phases(self.loop), Phases(self.loop), Phases(self.loop)
        """Requests that leave for the origin, pages to be made, and other answers that are whole."""
        self.clicks = DueClicks(ports.clicks, self.count)
        self._told: set[bytes] = set()
        self._candidates = platforms() if site.platform == "auto" else ()
        self._pages_looked_at = 0
        self.samples = ports.samples if site.platform == "auto" else None
        """Where pages go to learn the shop from; of one that is recognised, too: its pages may be its own."""
        self._know(plan.platform)

    def _know(self, platform: Platform) -> None:
        site = self.settings.site
        # As long as the shop is unknown, what must never be read on any platform is not read on this one either.
        all_never_read = [path for candidate in self._candidates for path in candidate.never_read]
        all_never_touch = [path for candidate in self._candidates for path in candidate.never_touch]
        self.platform = platform = as_configured(platform, self.settings)
        self.identity = IdentityPolicy(self.settings.consent, platform.session_cookies, self.plan.keyring)
        self.places = Places(
            platform,
            tuple(dict.fromkeys((*site.never_read, *platform.never_read, *all_never_read))),
            tuple(dict.fromkeys((*site.never_touch, *platform.never_touch, *all_never_touch))),
            (GPC_PATH,) if self.settings.consent.gpc else (),
            beacon=self.settings.statistics.beacon,
        )
        self.personaliser = Personaliser(self.settings, platform, self.compiler)
        self.is_recognising = bool(self._candidates)
        """The platform is still to be told from the traffic."""
        self.learns_from_pages = self.is_recognising or self.samples is not None
        """Each page that is read may tell of the shop."""
        self.previewing.forget()
        self.requests.forget()  # who sent them was told by the rules before

    def look_at(self, cookies: list[str], headers: dict[str, str], path: str, page: bytes) -> None:
        """Tell the platform from a page, if it can be told."""
        self._pages_looked_at += 1
        name = recognise(self._candidates, cookies, headers, path, page[:16_384])
        if name is not None:
            platform = next(candidate for candidate in self._candidates if candidate.name == name)
            self._candidates = ()
            _LOG.info("the shop runs on %s", name)
            self._know(platform)
        elif self._pages_looked_at >= _MOST_RECOGNISING_PAGES:
            self._candidates = ()
            _LOG.info("the shop's platform could not be told; going on with %s", self.platform.name)
            self._know(self.platform)

    def look_at_added(self) -> None:
        """Called about once a second: judge our own share of the time, and count what came of it."""
        breaker = self.added_breaker
        breaker.check(self.now())
        if breaker.opened != self._added_opened:
            self.count("added_breaker_opened", breaker.opened - self._added_opened)
            self._added_opened = breaker.opened

    def learnt(self, platform: Platform) -> None:
        """Go on with what was learnt from this shop's own pages: it is told only where no known platform fits."""
        if self.plan.settings.site.platform == "auto":
            _LOG.info("the shop was learnt: %d product lists", len(platform.lists))
            self._candidates = ()
            self._know(platform)

    def trial_redirect(self, location: bytes, target: bytes, hosts: TrialHost) -> None:
        """Tell the operator, once, of a redirect that leads nowhere under another name."""
        url = turned_to(location, target, hosts)
        if url is not None and url not in self._told:
            self._told.add(url)
            _LOG.warning(
                "the shop sends visitors of %s to %s: under the trial's name that is the same page again; "
                'site.origin = "%s" ends the loop',
                self.settings.site.origin,
                *[url.decode("latin-1")] * 2,
            )

    def serves(self, authority: bytes) -> bool:
        """A host name of this shop (`site.hosts`; without it any)."""
        if not self._hosts:
            return True
        lower = authority.lower()
        return lower in self._hosts or _PORT.sub(b"", lower) in self._hosts


def _verifying(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _is_within(peer: bytes, networks: tuple[object, ...]) -> bool:
    if not networks:
        return False
    try:
        address = ip_address(peer.decode("ascii").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in networks)  # type: ignore[operator]

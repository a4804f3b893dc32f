"""Settings as plain values: decoded once at the edge, so the core never meets a TOML table.

Invariant: a `Settings` object is complete and internally consistent (every name it refers to exists); whatever could
not be made so was reported as a `ConfigError` before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from config.platform import Banner, NamedForm, Platform

Mode = Literal["off", "observe", "preview", "live"]
HostMode = Literal["public", "origin"]

MOST_WORKERS = 31
"""Data-plane workers: a reload runs two generations of them side by side, and the control page has room for 62."""

TomlValue = str | int | float | bool | list["TomlValue"] | dict[str, "TomlValue"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one page may cost before it goes out as it came."""

    profile_ms: float = 20.0
    decide_ms: float = 5.0
    rewrite_ms: float = 15.0
    max_html_kb: int = 2048
    added_p95_ms: float = 100.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Every wait, buffer and queue of the data plane; times in seconds, sizes in bytes."""

    head_timeout_s: float = 10.0
    idle_timeout_s: float = 60.0
    connect_timeout_s: float = 5.0
    first_byte_timeout_s: float = 60.0
    send_timeout_s: float = 60.0
    stall_timeout_s: float = 600.0
    gone_timeout_s: float = 15.0
    tunnel_idle_s: float = 3600.0
    origin_idle_s: float = 4.0
    shed_after_s: float = 0.25
    drain_s: float = 20.0
    max_target_bytes: int = 16_384
    max_head_bytes: int = 65_536
    max_headers: int = 256
    max_form_bytes: int = 65_536
    hold_body_bytes: int = 65_536
    buffer_bytes: int = 262_144
    max_origin_connections: int = 256
    max_client_connections: int = 10_000


@dataclass(frozen=True, slots=True)
class Site:
    """The shop that is served. `origin` is an http(s) URL without a path; `debug_secret` opens Server-Timing."""

    origin: str
    host: HostMode = "public"
    platform: str = "auto"
    mode: Mode = "observe"
    holdout: float = 5.0
    hosts: tuple[str, ...] = ()
    never_touch: tuple[str, ...] = ()
    never_read: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    via: bool = True
    secure_cookies: bool | None = None
    debug_secret: str | None = None
    origin_ca: str | None = None
    error_page: str = ""
    """HTML for people while the origin is out of reach; "": ours."""
    currency: str = ""
    """ISO 4217: what prices are in where their sign does not tell ("$")."""
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS towards clients: a listener of its own, its certificate chain and private key (PEM files).

    `redirect` answers plain requests with 308 to https; `public_port` is the port visitors see there (None: the
    listener's own). `place` is "file:line" for messages.
    """

    listen: str
    cert: str
    key: str
    redirect: bool = False
    public_port: int | None = None
    place: str = field(default="", compare=False)


LogFormat = Literal["off", "combined", "json"]


@dataclass(frozen=True, slots=True)
class Log:
    """The access log. `file`: logs/access.log in the data folder when None; `max_mb` and `keep` rotate it."""

    access: LogFormat = "off"
    file: str | None = None
    max_mb: int = 100
    keep: int = 5


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """`embedded` runs a Valkey of our own in the data folder; any redis://, rediss:// or unix:// URL uses yours."""

    url: str = "embedded"


@dataclass(frozen=True, slots=True)
class ConsentCookie:
    """The shop's own banner cookie: consent is given when its value contains `contains`."""

    name: str
    contains: str


Purpose = Literal["personalisation", "statistics", "email"]
PURPOSES: tuple[Purpose, ...] = ("personalisation", "statistics", "email")


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether visitors must agree before anything about them is kept, and how the shop records it.

    `cookie` speaks for every purpose that has none of its own. `gpc`: /.well-known/gpc.json is answered by us.
    """

    required: bool = True
    cookie: ConsentCookie | None = None
    personalisation: ConsentCookie | None = None
    statistics: ConsentCookie | None = None
    email: ConsentCookie | None = None
    gpc: bool = False

    @property
    def by_purpose(self) -> bool:
        """Some purpose has a rule of its own."""
        return self.personalisation is not None or self.statistics is not None or self.email is not None

    def cookie_for(self, purpose: Purpose) -> ConsentCookie | None:
        """The banner's cookie that speaks for a purpose."""
        own: ConsentCookie | None = getattr(self, purpose)
        return own or self.cookie


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept of visitors stays, in days: `clicks` where they are kept, `profiles` after the last click.

    Marks of erased visitors stay as long as profiles do, so that no backup brings one back.
    """

    clicks_days: int = 90
    profiles_days: int = 395


@dataclass(frozen=True, slots=True)
class Sources:
    """How visits are told by where they come from: `partners` are host names; their subdomains are theirs, too."""

    partners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """How visits are measured: `beacon` puts a script on pages that tells how long they are in front."""

    beacon: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where on which pages: `on` is "*", a page kind or a path pattern; exactly one of `at` and `items` is a selector.

    `at` names one element; `items` names the repeated blocks of a list, which can be reordered and trimmed. `place` is
    "file:line" for messages.
    """

    name: str
    on: tuple[str, ...]
    at: str | None = None
    items: str | None = None
    place: str = field(default="", compare=False)

    @property
    def css(self) -> str:
        """The selector, whichever of the two was given."""
        return self.at or self.items or ""


Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains", "has"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op value`; a value in multiples of the profile's usual gap carries `usual_gaps` instead of a number."""

    field: str
    op: Operator
    value: str | int | float | bool | tuple[str, ...]
    usual_gaps: float | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Whom an experience is for: all of `all`, and at least one of `any` when there is any."""

    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A named rule over profiles; `place` is "file:line" for messages."""

    name: str
    who: Who
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is given: operator's HTML (loaded from its file), with limits."""

    name: str
    html: str
    code: str | None = None
    per_visitor: int | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `times` exposures in `per_s` seconds."""

    times: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Experience:
    """Who + where + what. `settings` holds the keys that belong to a transform, which checks them itself.

    `rollout` is a percentage of visitors; `place` is "file:line" for messages.
    """

    id: str
    at: str
    who: Who = Who()
    rollout: float = 100.0
    cap: Cap | None = None
    settings: Mapping[str, TomlValue] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator said, complete and consistent."""

    site: Site
    listen: str = "127.0.0.1:8080"
    admin: str = "127.0.0.1:9109"
    data: str = "./data"
    workers: int = 1
    tls: Tls | None = None
    log: Log = Log()
    redis: RedisSettings = RedisSettings()
    consent: Consent = Consent()
    retention: Retention = Retention()
    sources: Sources = Sources()
    statistics: Statistics = Statistics()
    limits: Limits = Limits()
    placements: Mapping[str, Placement] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    experiences: tuple[Experience, ...] = ()
    forms: tuple[NamedForm, ...] = ()
    banners: tuple[Banner, ...] = ()
    platform: Platform | None = None
    """The shop as the configuration itself describes it; None: the platform that `site.platform` names."""
    version: str = ""
    """A digest of the file's content: templates and decisions made under another one are not reused."""

"""The tables that say what is served and how: [site], [redis], [consent], [limits]."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from config.patterns import pattern_problem
from config.platforms import OWN
from config.settings import (
    PURPOSES,
    Budget,
    Consent,
    ConsentCookie,
    HostMode,
    Limits,
    Log,
    LogFormat,
    Mode,
    RedisSettings,
    Retention,
    Site,
    Sources,
    Statistics,
    Tls,
)
from config.tables import ProblemLog, Table, nearest
from config.values import (
    checked_address,
    checked_host,
    checked_network,
    checked_origin,
    checked_redis_url,
    from_environment,
)

MAX_ERROR_PAGE_BYTES = 65_536


def checked(table: Table, key: str, check: Callable[[str], str], default: str) -> str:
    """A text that `check` accepts; what it refuses is noted."""
    value = table.text_or_none(key)
    if value is None:
        return default
    try:
        return check(value)
    except ValueError as error:
        table.problem(key, str(error))
        return default


class ServingTables:
    """Reads them. `root` is what relative file names are relative to, `environment` holds the secrets."""

    def __init__(self, log: ProblemLog, root: Path, platforms: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.log = log
        self.root = root
        self.platforms = platforms
        self.environment = environment

    def _all_checked(self, table: Table, key: str, check: Callable[[str], str]) -> tuple[str, ...]:
        values = []
        for place, value in enumerate(table.texts(key)):
            try:
                values.append(check(value))
            except ValueError as error:
                self.log.add((*table.path, key, place), str(error))
        return tuple(values)

    def site(self, top: Table) -> Site:
        """[site]; its absence is a problem."""
        table = top.table("site")
        if table is None:
            if "site" not in top:
                top.problem(None, 'lacks [site] with "origin", the address of the shop')
            return Site("")
        table.required_text("origin")
        has_own = "platform" in top
        platform = table.text("platform", OWN if has_own else "auto")
        if has_own != (platform == OWN):
            missing = "there is a [platform] table" if has_own else 'there is no [platform] table for "own"'
            table.problem("platform", f'is "{platform}", but {missing}')
        elif platform not in ("auto", OWN) and platform not in self.platforms:
            table.problem("platform", f'unknown platform "{platform}"{nearest(platform, ("auto", *self.platforms))}')
        site = Site(
            origin=checked(table, "origin", checked_origin, "http://127.0.0.1"),
            host=table.one_of("host", get_args(HostMode), "public"),
            platform=platform,
            mode=table.one_of("mode", get_args(Mode), "observe"),
            holdout=table.number("holdout", 5.0, 0.0, 100.0),
            hosts=self._all_checked(table, "hosts", checked_host),
            never_touch=self._patterns(table, "never_touch"),
            never_read=self._patterns(table, "never_read"),
            trusted=self._all_checked(table, "trusted", checked_network),
            via=table.flag("via", True),
            secure_cookies=table.flag_or_none("secure_cookies"),
            debug_secret=self._secret(table, "debug_secret"),
            origin_ca=self._existing_file(table, "origin_ca"),
            error_page=self._error_page(table),
            currency=self._currency(table),
            budget=self._budget(table),
        )
        table.finish()
        return site

    def _error_page(self, table: Table) -> str:
        name = table.text_or_none("error_page")
        return "" if name is None else table.text_of_file("error_page", self.root / name, MAX_ERROR_PAGE_BYTES)

    def _currency(self, table: Table) -> str:
        code = table.text("currency")
        if code and not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            table.problem("currency", f'"{code}" is no ISO 4217 code; write "EUR" or "USD"')
            return ""
        return code

    def _secret(self, table: Table, key: str) -> str | None:
        value = table.text_or_none(key)
        if value is None:
            return None
        try:
            return from_environment(value, self.environment)
        except ValueError as error:
            table.problem(key, str(error))
            return None

    def _existing_file(self, table: Table, key: str) -> str | None:
        value = table.text_or_none(key)
        if value is None:
            return None
        path = self.root / value
        if not path.is_file():
            table.problem(key, f'no such file: "{path}"')
        return str(path)

    def _patterns(self, table: Table, key: str) -> tuple[str, ...]:
        patterns = table.texts(key)
        for place, pattern in enumerate(patterns):
            if problem := pattern_problem(pattern):
                self.log.add((*table.path, key, place), f'pattern "{pattern}" {problem}')
        return patterns

    def _budget(self, site: Table) -> Budget:
        table = site.table("budget")
        if table is None:
            return Budget()
        default = Budget()
        budget = Budget(
            profile_ms=table.number("profile_ms", default.profile_ms, 0.0, 10_000.0),
            decide_ms=table.number("decide_ms", default.decide_ms, 0.0, 10_000.0),
            rewrite_ms=table.number("rewrite_ms", default.rewrite_ms, 0.0, 10_000.0),
            added_p95_ms=table.number("added_p95_ms", default.added_p95_ms, 1.0, 60_000.0),
            max_html_kb=table.whole("max_html_kb", default.max_html_kb, 1, 65_536),
        )
        table.finish()
        return budget

    def tls(self, top: Table) -> Tls | None:
        """[tls]; that the certificate can be used is found out by who serves it."""
        table = top.table("tls")
        if table is None:
            return None
        for key in ("listen", "cert", "key"):
            table.required_text(key)
        port = table.whole("public_port", 0, 1, 65_535)
        tls = Tls(
            listen=checked(table, "listen", checked_address, ":8443"),
            cert=self._existing_file(table, "cert") or "",
            key=self._existing_file(table, "key") or "",
            redirect=table.flag("redirect", False),
            public_port=port or None,
            place=self.log.place(table.path),
        )
        table.finish()
        return tls

    def redis(self, top: Table) -> RedisSettings:
        """[redis]; the URL may be `env:NAME`, since it may carry a password."""
        table = top.table("redis")
        if table is None:
            return RedisSettings()
        value = table.text("url", "embedded")
        if value.startswith("env:"):
            value = self._secret(table, "url") or "embedded"
        try:
            checked_redis_url(value)
        except ValueError as error:
            table.problem("url", str(error))
        table.finish()
        return RedisSettings(value)

    def log_settings(self, top: Table) -> Log:
        """[log]."""
        table = top.table("log")
        if table is None:
            return Log()
        default = Log()
        file = table.text_or_none("file")
        log = Log(
            access=table.one_of("access", get_args(LogFormat), default.access),
            file=None if file is None else str(self.root / file),
            max_mb=table.whole("max_mb", default.max_mb, 1, 1 << 20),
            keep=table.whole("keep", default.keep, 0, 1000),
        )
        table.finish()
        return log

    def consent(self, top: Table) -> Consent:
        """[consent]."""
        table = top.table("consent")
        if table is None:
            return Consent()
        required = table.flag("required", True)
        cookie = self._consent_cookie(table)
        own: dict[str, ConsentCookie | None] = {}
        for purpose in PURPOSES:
            if inner := table.table(purpose):
                own[purpose] = self._consent_cookie(inner)
                if own[purpose] is None:
                    inner.required_text("cookie")
                inner.finish()
        gpc = table.flag("gpc", False)
        table.finish()
        return Consent(required, cookie, **own, gpc=gpc)

    def _consent_cookie(self, table: Table) -> ConsentCookie | None:
        inner = table.table("cookie")
        if inner is None:
            return None
        cookie = ConsentCookie(inner.required_text("name"), inner.text("contains"))
        inner.finish()
        return cookie

    def retention(self, top: Table) -> Retention:
        """[retention]: days."""
        table = top.table("retention")
        if table is None:
            return Retention()
        default = Retention()
        kept = Retention(
            clicks_days=table.whole("clicks_days", default.clicks_days, 1, 3650),
            profiles_days=table.whole("profiles_days", default.profiles_days, 1, 3650),
        )
        table.finish()
        return kept

    def sources(self, top: Table) -> Sources:
        """[sources]."""
        table = top.table("sources")
        if table is None:
            return Sources()
        partners = tuple(
            host.lower().removeprefix("www.") for host in self._all_checked(table, "partners", checked_host)
        )
        table.finish()
        return Sources(partners)

    def statistics(self, top: Table) -> Statistics:
        """[statistics]."""
        table = top.table("statistics")
        if table is None:
            return Statistics()
        beacon = table.flag("beacon", False)
        table.finish()
        return Statistics(beacon)

    def limits(self, top: Table) -> Limits:
        """[limits]: every field of `Limits` under its own name."""
        table = top.table("limits")
        if table is None:
            return Limits()
        changed: dict[str, Any] = {}
        for item in dataclasses.fields(Limits):
            if item.name not in table:
                continue
            if item.name.endswith("_s"):
                changed[item.name] = table.number(item.name, cast(float, item.default), 0.01, 86_400.0)
            else:
                changed[item.name] = table.whole(item.name, cast(int, item.default), 1, 1 << 40)
        table.finish([item.name for item in dataclasses.fields(Limits)])
        return dataclasses.replace(Limits(), **changed)

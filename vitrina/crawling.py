"""A polite look at a shop: a handful of pages, one at a time, with pauses, as its robots.txt allows."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from urllib.robotparser import RobotFileParser

from clicks.detecting.blocks import product_groups
from clicks.detecting.forms import forms_of
from clicks.detecting.page_kinds import MIN_BLOCKS_SURE
from clicks.detecting.places import search_places
from clicks.detecting.sample import Link, Sample, fold, without
from clicks.detecting.session_cookies import session_names
from clicks.detecting.site import Learnt, learn
from clicks.kinds import page_kind
from clicks.targets import Target, parse_target
from config.platform import Platform
from vitrina.failures import UNREACHABLE, Failure
from vitrina.fetching import Fetched, fetch

MAX_PAGES = 16
PAUSE_S = 0.3
LONGEST_PAUSE_S = 5.0
AGENT = "vitrina"
_CHARSET = re.compile(rb"charset=[\"']?([\w.:-]+)", re.IGNORECASE)
LOGIN: Final = re.compile(
    r"(?:^|[\s/_=.-])(?:log-?\s?in|sign-?\s?in|(?:my|mein|mon|mi|moje)?[-_\s]?(?:account|konto|compte|cuenta)(?![-_\s]?(?:create|new))|"
    r"anmelden|einloggen|connexion|connecter|acceder|accedi|iniciar|inloggen|logga in|log ind|logg inn|zaloguj|entrar|"
    r"přihlásit|bejelentkez\w*|autentific\w*|giriş|войти|вход|увійти|ログイン|登录|登入|로그인)",
    re.IGNORECASE,
)
REGISTER: Final = re.compile(
    r"regist|create[\s_-]?(?:an?[\s_-])?(?:new[\s_-])?account|sign-?\s?up|new customer|konto erstellen|neukunde|"
    r"cr[eé]er|inscri|crear|nieuw|załóż|skapa konto|opret|opprett|rekisteröi|criar|cadastr|зарегистр|реєстрац|"
    r"会員登録|注册|註冊|회원가입",
    re.IGNORECASE,
)
LOGOUT: Final = re.compile(
    r"log-?_?\s?(?:off|out)|sign-?_?\s?out|abmelden|deconnexion|déconnexion|salir|wyloguj", re.IGNORECASE
)
MOST_OF_MENU: Final = 8
ENOUGH_LISTS: Final = 4
RESERVED_PAGES: Final = 8
"""Of the pages that may be fetched, those for products, search, cart, login and register."""
MAX_WORDS: Final = 60
"""Characters of a link's text that are looked at."""


@dataclass
class Crawl:
    """What was fetched so far. `say` is told of each page, for the operator to watch."""

    origin: str
    host: str
    ground: Platform
    say: Callable[[str], None]
    pause_s: float = PAUSE_S
    max_pages: int = MAX_PAGES
    samples: list[Sample] = field(default_factory=list)
    charsets: list[str] = field(default_factory=list)
    first: Fetched | None = None
    _cookies: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _robots: RobotFileParser | None = None

    def run(self, start: str) -> Learnt:
        """Home, some pages its menu leads to, products of the lists on them, the search, login and cart pages."""
        self._read_robots()
        self.take(start, required=True)
        self._take_lists()
        learnt = learn(self.samples, self.ground)
        if len(self.samples) + RESERVED_PAGES < self.max_pages and (another := self._another_list(learnt)) is not None:
            self.take(another.text)
            learnt = learn(self.samples, self.ground)
        for target in self._products(learnt):
            self.take(target.text)
        for text in self._others(learnt):
            self.take(text)
        return learn(self.samples, self.ground)

    def _take_lists(self) -> None:
        """Pages of the menu until some had lists; what a menu leads to may as well be news or a form."""
        most = max(1, min(MOST_OF_MENU, self.max_pages - RESERVED_PAGES))
        lists = 0
        for place, target in enumerate(self._menu()):
            if place >= most or lists >= ENOUGH_LISTS:
                return
            before = len(self.samples)
            self.take(target.text)
            lists += any(
                len(group.blocks) >= MIN_BLOCKS_SURE for page in self.samples[before:] for group in product_groups(page)
            )

    def _another_list(self, learnt: Learnt) -> Target | None:
        """Of a folder with one list that was looked at a second: one alone does not tell what all have in common."""
        seen = Counter(_folder(page.target) for page in self.samples)
        for page in self.samples:
            folder = _folder(page.target)
            is_alone = bool(folder) and seen[folder] == 1 and not page.target.query
            if not is_alone or page_kind(learnt.platform, page.target) != "category":
                continue
            for link in page.links:
                if _folder(link.target) == folder and not link.target.query and link.target.text not in self._seen:
                    return link.target
        return None

    def _read_robots(self) -> None:
        try:
            answer = fetch(self.origin, "/robots.txt", cookies=self._cookies)
        except Failure:
            return  # the first page tells better what is wrong
        if answer.status == 200 and b"<html" not in answer.body[:2000].lower():
            self._robots = RobotFileParser()
            self._robots.parse(answer.body[:500_000].decode("utf-8", "replace").splitlines())
            delay = self._robots.crawl_delay(AGENT)
            if delay is not None:
                self.pause_s = max(self.pause_s, min(float(delay), LONGEST_PAUSE_S))

    def take(self, text: str, *, required: bool = False) -> None:
        """Fetch a page and keep it as a sample, unless it was, robots.txt disallows it or there are enough."""
        if text in self._seen or len(self.samples) >= self.max_pages:
            return
        self._seen.add(text)
        if self._robots is not None and not self._robots.can_fetch(AGENT, text):
            self.say(f"{text}: left out, robots.txt disallows it")
            return
        if self.samples:
            time.sleep(self.pause_s)
        began = time.monotonic()
        try:
            page = fetch(self.origin, text, cookies=self._cookies)
        except Failure as failure:
            if required:
                raise
            self.say(failure.message)
            return
        took = (time.monotonic() - began) * 1000
        kind = (page.header(b"content-type") or b"").lower()
        self.say(f"{text}: {page.status}, {len(page.body) / 1024:.0f} KB, {took:.0f} ms")
        if b"html" not in kind and kind:
            return
        if required and page.status >= 400:
            raise Failure(f"{self.origin}{text} answers {page.status}", UNREACHABLE)
        self._seen.add(page.target)
        charset = _charset(page)
        self.charsets.append(charset)
        self.first = self.first or page
        cookies = session_names(
            value.decode("latin-1") for name, value in page.headers if name.lower() == b"set-cookie"
        )
        target = parse_target(page.target.encode("utf-8", "surrogateescape"))
        params = frozenset(self.ground.session_params)
        html = _decoded(page.body, charset)
        self.samples.append(Sample(without(target, params), html, self.host, page.status, cookies, params))

    def _menu(self) -> Iterator[Target]:
        """Links a menu would have: those of navigation elements first, what blocks with prices lead to last."""
        page = self.samples[0]
        in_menu = {
            node.mem_id
            for menu in page.tree.css("nav, header, [id*=nav], [class*=menu], [class*=nav], [class*=categor], aside")
            for node in menu.css("a[href]")
        }
        links = [link for link in page.links if not link.is_action and not _is_about_us(link)]
        sold = {block.target.text for group in product_groups(page) for block in group.blocks}
        links.sort(key=lambda link: (link.target.text in sold, link.node.mem_id not in in_menu))
        own = page.target.path.rstrip("/")
        targets = {link.target.text: link.target for link in links}
        yield from (target for target in targets.values() if target.query or target.path.rstrip("/") != own)

    def _products(self, learnt: Learnt) -> Iterator[Target]:
        """Three products, from different lists and places in them."""
        found: dict[str, Target] = {}
        for one in learnt.lists:
            for page in self.samples:
                for node in page.tree.css(one.rule.items):
                    anchors = [node] if node.tag == "a" else node.css("a[href]")
                    target = next(
                        (t for a in anchors if (t := page.internal(a.attributes.get("href"))) is not None), None
                    )
                    if target is not None:
                        found.setdefault(target.text, target)
        targets = list(found.values())
        yield from [targets[place] for place in sorted({0, len(targets) // 2, len(targets) - 1}) if targets]

    def _others(self, learnt: Learnt) -> Iterator[str]:
        forms = [form for page in self.samples for form in forms_of(page)]
        places, names = search_places(forms)
        word = next((_word(page) for page in reversed(self.samples) if _word(page)), "a")
        for place in places[:1]:
            query = {**place.query, names[0]: quote(word)}
            yield f"{place.path}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
        for rule in learnt.platform.kinds.get("cart", ())[:1]:
            yield rule.path + (f"?{'&'.join(f'{n}={v}' for n, v in rule.query.items())}" if rule.query else "")
        yield from self._said(LOGIN)[:2]
        yield from self._said(REGISTER)[:1]
        if not any(form.kind == "login" for page in self.samples for form in forms_of(page)):
            yield from _USUAL_LOGINS

    def _said(self, words: re.Pattern[str]) -> list[str]:
        """Addresses of links that lead there, by their address or what stands on them."""
        links = [link for page in self.samples for link in page.links if not LOGOUT.search(link.target.text)]
        by_address = [link.target.text for link in links if words.search(link.target.text)]
        by_words = [link.target.text for link in links if words.search(_words(link))]
        return list(dict.fromkeys((*by_words, *by_address)))


def _folder(target: Target) -> str:
    return target.path.rstrip("/").rpartition("/")[0]


_USUAL_LOGINS: Final = ("/login", "/account/login")
"""Where no link leads to a login: a script opens it, and it has a page of its own all the same."""

_ABOUT_US: Final = re.compile(
    r"about|contact|kontakt|terms|privacy|impressum|imprint|shipping|versand|delivery|faq|help|blog|news|stores?\b|career|"
    r"nosotros|aviso|cookies?\b|cart|basket|warenkorb|panier|carrito|checkout",
    re.IGNORECASE,
)


def _words(link: Link) -> str:
    """What stands on a link, or is said of it."""
    said = (link.node.attributes.get(key) for key in ("title", "aria-label"))
    return fold(" ".join(filter(None, (link.node.text(deep=True), *said))))[:MAX_WORDS]


def _is_about_us(link: Link) -> bool:
    """A link to the account, the terms or the news: no list of products is likely there."""
    words = _words(link)
    return bool(LOGIN.search(words) or REGISTER.search(words) or LOGOUT.search(words) or _ABOUT_US.search(words))


def _word(page: Sample) -> str:
    """A word of a product's name, to search for."""
    heading = page.tree.css_first("h1")
    words = re.findall(r"[^\W\d_]{4,}", heading.text(deep=True) if heading is not None else "")
    return max(words, key=len, default="")


def _charset(page: Fetched) -> str:
    found = _CHARSET.search(page.header(b"content-type") or b"") or _CHARSET.search(page.body[:2048])
    return found[1].decode("ascii").lower() if found else "utf-8"


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("windows-1252", "replace")

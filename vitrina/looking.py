"""What `detect` and `try` do first: look at some pages of a shop, and put together what they say of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from clicks.detecting.fitting import fits
from clicks.detecting.site import SURE, Learnt
from config.platform import Platform
from config.platforms import load_platform
from vitrina.commands.explain import recognised_platform
from vitrina.crawling import MAX_PAGES, PAUSE_S, Crawl

GREETINGS = {
    "ca": "Hola, {first_name|un altre cop}, benvingut de nou!",
    "de": "Hallo {first_name|noch einmal}, willkommen zurück!",
    "en": "Hello {first_name|again}, welcome back!",
    "es": "Hola, {first_name|otra vez}, ¡bienvenido de nuevo!",
    "fr": "Bonjour {first_name|à nouveau}, heureux de vous revoir !",
    "it": "Ciao {first_name|di nuovo}, bentornato!",
    "nl": "Hallo {first_name|nogmaals}, welkom terug!",
    "pl": "Cześć {first_name|znowu}, witaj ponownie!",
    "pt": "Olá, {first_name|outra vez}, bem-vindo de volta!",
}
"""A greeting in the language the shop's pages name; who signed in without a name that is known is greeted, too."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A shop as it was seen: what was learnt, and its platform where that is one known by name."""

    origin: str
    learnt: Learnt
    known: Platform | None
    charset: str
    greeting: str

    @property
    def has_lists(self) -> bool:
        """A product list is known, or surely learnt."""
        return self.known is not None or any(found.confidence >= SURE for found in self.learnt.lists)


def look_at(
    origin: str,
    target: str,
    say: Callable[[str], None],
    *,
    pause_s: float = PAUSE_S,
    max_pages: int = MAX_PAGES,
    by_name: bool = True,
) -> Looked:
    """Fetch a handful of pages from `target` on and learn from them; `say` is told of each.

    Without `by_name` the shop is described even if its platform is one that ships. Failure when the first page cannot
    be had.
    """
    crawl = Crawl(origin, urlsplit(origin).netloc, load_platform("generic"), say, pause_s=pause_s, max_pages=max_pages)
    learnt = crawl.run(target)
    known = recognised_platform(crawl.first) if crawl.first is not None and by_name else None
    if known is not None and not fits(known, learnt, crawl.samples):
        say(f"its marks are {known.name}'s, but its pages are not: it is described as it was seen")
        known = None
    charset = Counter(crawl.charsets).most_common(1)[0][0]
    language = _language(crawl) if _language(crawl) in GREETINGS else "en"
    return Looked(origin, learnt, known, charset, GREETINGS[language])


def _language(crawl: Crawl) -> str:
    for page in crawl.samples:
        root = page.tree.css_first("html")
        if root is not None and (lang := root.attributes.get("lang")):
            return lang.partition("-")[0].partition("_")[0].lower()
    return "en"

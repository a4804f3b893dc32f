"""offer: the operator's HTML for an offer beside, inside or in place of a placement, with its code and the name."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from config.errors import Problem
from config.settings import Experience, Offer, Settings
from decisions.caps import offer_name
from decisions.deciding import PERSONALISED
from decisions.decision import Choice
from transforms.complaints import did_you_mean, problem
from transforms.markup import filled_markup, missing_in, parse_markup, script_in
from transforms.message import names_in, profile_values
from transforms.page.edits import Edit, Insert, Markup
from transforms.targets import Where, insertion, where, where_problem
from transforms.transform import Dependence, NotShown, PageInput
from visitors.selection import Promotion

DEFAULT: Where = "after"


class OfferMarkup:
    """`offer = "vuelve10"`, with `insert` (after unless said otherwise; it has no "replace")."""

    key = "offer"
    keys = ("offer", "insert")

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """The names in the offer's HTML."""
        offer = settings.offers.get(str(experience.settings["offer"]))
        return () if offer is None else names_in(offer.html)

    def claim(self, experience: Experience) -> str | None:
        """Offers get along."""
        return None

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """An offer that does not exist, placeholders in its HTML where no value is safe, a wrong `insert`."""
        return [problem(experience, settings, key, message) for key, message in self._found(experience, settings)]

    def _found(self, experience: Experience, settings: Settings) -> Iterator[tuple[str, str]]:
        name = experience.settings["offer"]
        offer = settings.offers.get(name) if isinstance(name, str) else None
        if offer is None:
            yield "offer", f"found {name!r}: no such offer{did_you_mean(str(name), settings.offers)}"
        else:
            yield from (("offer", message) for message in _offer_problems(offer))
        wrong = where_problem(experience, settings, DEFAULT)
        if wrong is not None:
            yield "insert", wrong
        elif where(experience, DEFAULT) == "replace":
            yield "insert", 'found "replace"; an offer stands before, after, start or end'

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit] | NotShown:
        """One insertion of the filled HTML; not shown when a value is missing."""
        experience = choice.experience
        offer = given.offers[str(experience.settings["offer"])]
        values = profile_values(given.profile)
        if offer.code is not None:
            values["code"] = offer.code
        html = filled_markup(offer.html.strip(), values)
        if html is None:
            return NotShown("NOT_TARGETED", f"no value for {missing_in(offer.html.strip(), values)}")
        return [_insertion(choice, given, html)]


def promotions(settings: Settings) -> Mapping[str, Promotion]:
    """Experience id → the offer it gives, links with their code: a click on one is `select_promotion`."""
    found: dict[str, Promotion] = {}
    for experience in settings.experiences:
        name = offer_name(experience)
        offer = settings.offers.get(name) if name is not None else None
        if offer is not None:
            code = quote(offer.code or "", safe="")
            written = parse_markup(offer.html.strip()).links
            links = tuple(link.replace("{code}", code) for link in written)
            found[experience.id] = Promotion(experience.at, where(experience, DEFAULT), PERSONALISED, links)
    return found


def _insertion(choice: Choice, given: PageInput, html: str) -> Insert:
    position = where(choice.experience, DEFAULT)
    return insertion(choice, given, "after" if position == "replace" else position, Markup(html))


def _offer_problems(offer: Offer) -> Iterator[str]:
    parsed = parse_markup(offer.html.strip())
    for message in parsed.problems:
        yield f'offer "{offer.name}": {message}'
    if not offer.html.strip():
        yield f'offer "{offer.name}": its HTML is empty'
    elif not parsed.problems and (script := script_in(offer.html)) is not None:
        yield f'offer "{offer.name}": {script} would act on the page; an offer is HTML without script'
    if offer.code is None and "code" in missing_in(offer.html.strip(), {}).split(", "):
        yield f'offer "{offer.name}": {{code}} is used, but the offer has no code'

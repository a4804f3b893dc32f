"""Do the configuration's selectors match what they are meant for, on the shop's real pages?"""

from clicks.targets import parse_target
from config.settings import Placement
from decisions.places import Places
from transforms.opening import PageReader
from transforms.page.engine import Refusal
from visitors.visitor import Visitor
from vitrina.doctor.examination import Examination
from vitrina.doctor.finding import Finding

_STRANGER = Visitor(profile=None, session=None, consent=True)
_ASKS_LOGIN = frozenset(("logged_in", "customer", "has"))


async def check(examination: Examination) -> list[Finding]:
    """One element for `at`, two or more for `items`, on every page of the crawl that the placement is for."""
    settings = examination.settings
    if not settings.placements:
        return [Finding("selectors", "ok", "the configuration has no placements")]
    places = Places(settings.placements.values())
    reader = PageReader(settings, examination.platform)
    counts: dict[str, dict[str, int]] = {name: {} for name in settings.placements}
    unread = []
    for page in examination.pages:
        target = parse_target(page.answer.target.encode())
        here = places.here(page.kind, target.text)
        address = reader.address(examination.public_host, target, here)
        opened = reader.open(page.answer.body, page.answer.header(b"content-type"), address, _STRANGER, learn=False)
        if isinstance(opened, Refusal):
            unread.append(f"{page.kind} ({opened.reason})")
            continue
        for name in here:
            counts[name][f"{page.kind} {target.path}"] = opened.count(name)
    findings = [
        finding
        for name, placement in settings.placements.items()
        if (finding := _judged(examination, placement, counts[name])) is not None
    ]
    if unread:
        findings.append(
            Finding("selectors", "warn", f"pages that cannot be read: {', '.join(unread)}", "they go out as they came")
        )
    tried = sum(map(bool, counts.values()))
    return findings or [
        Finding(
            "selectors", "ok", f"{tried} placements match on {len(examination.pages)} pages ({_kinds(examination)})"
        )
    ]


def _judged(examination: Examination, placement: Placement, counts: dict[str, int]) -> Finding | None:
    """What is wrong with one placement; None when nothing is."""
    where, css = f"placement.{placement.name}", placement.css
    if not counts:
        return Finding(
            "selectors",
            "unknown",
            f"{where}: no page that it is for was found ({', '.join(placement.on)}); looked at: {_kinds(examination)}",
            "",
            "python -m vitrina explain with such a page's address",
        )
    missed = [page for page, count in counts.items() if count == 0]
    if missed and len(missed) == len(counts):
        is_for_known = _is_for_signed_in(examination, placement.name)
        return Finding(
            "selectors",
            "warn" if is_for_known else "fail",
            f"{where}: {css!r} matches nothing on {', '.join(missed)}",
            "nothing can be shown there"
            + ("; its experiences are for signed-in visitors, whom this is not" if is_for_known else ""),
            "correct the selector; try it with python -m vitrina explain" + (" --as PROFILE" if is_for_known else ""),
        )
    many = {page: count for page, count in counts.items() if count > 1}
    if placement.at is not None and many:
        page, count = next(iter(many.items()))
        return Finding(
            "selectors",
            "warn",
            f"{where}: {css!r} matches {count} elements on {page}",
            "the first of them is taken: it may be another than was meant",
            "make the selector name one element",
        )
    single = [page for page, count in counts.items() if count == 1]
    if placement.items is not None and single:
        return Finding(
            "selectors",
            "warn",
            f"{where}: {css!r} matches a single block on {', '.join(single)}",
            "a list of one cannot be reordered; the selector may name the list instead of its items",
            "let `items` name the repeated blocks",
        )
    if missed:
        return Finding(
            "selectors",
            "warn",
            f"{where}: {css!r} matches nothing on {', '.join(missed)}, but does on {len(counts) - len(missed)} others",
            "nothing can be shown on those pages",
            "name only the pages that have it in `on`",
        )
    return None


def _is_for_signed_in(examination: Examination, name: str) -> bool:
    """Every experience there asks for a login."""
    who = [experience.who for experience in examination.settings.experiences if experience.at == name]
    return bool(who) and all(any(condition.field in _ASKS_LOGIN for condition in each.all) for each in who)


def _kinds(examination: Examination) -> str:
    return ", ".join(dict.fromkeys(page.kind for page in examination.pages)) or "none"

"""Why a page looks as it does for a visitor: each placement's experiences with the values that decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clicks.kinds import page_kind
from config.platform import Platform
from config.settings import Condition, Experience, Settings
from decisions.places import Places
from decisions.proven import PERSONAL, proven
from transforms.applying import SHOWN
from transforms.personaliser import PAGE, PageContext, Personaliser
from visitors.conditions import written
from visitors.segments import explain_who

NOT_HERE = "NOT_HERE"
"""The placement is for other pages; clicks do not carry this one."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One experience on one page. `inputs` are (condition, value found, whether it held)."""

    placement: str
    experience: str
    shown: bool
    reason: str
    inputs: tuple[tuple[str, str, bool], ...]
    detail: str = ""
    ms: float = 0.0


def explain(
    settings: Settings, platform: Platform, body: bytes, content_type: bytes | None, context: PageContext
) -> list[Explained]:
    """Every experience of the configuration, in its order, for this page and visitor; `ms` is the caller's to fill."""
    kind = page_kind(platform, context.target)
    here = Places(settings.placements.values()).here(kind, context.target.text)
    outcome = Personaliser(settings, platform).run(body, content_type, context)
    codes = {reason.experience: reason.code for reason in outcome.reasons}
    explained = []
    for experience in settings.experiences:
        code = codes.get(experience.id, NOT_HERE)
        if experience.at not in here:
            on = ", ".join(settings.placements[experience.at].on)
            code, detail = NOT_HERE, f"this is a page of kind {kind}; the placement is on {on}"
        else:
            detail = outcome.details.get(experience.id) or _detail(code, experience, context, outcome.details)
        inputs = _inputs(experience, settings, context)
        explained.append(Explained(experience.at, experience.id, code == SHOWN, code, inputs, detail))
    return explained


def _detail(code: str, experience: Experience, context: PageContext, details: Mapping[str, str]) -> str:
    """A line for codes that no transform explains."""
    match code:
        case "NO_PROFILE":
            return context.profile_failure or "this visitor has no profile"
        case "SPLIT":
            return f"rolled out to {experience.rollout:g} % of visitors, and not to this one"
        case "HOLDOUT":
            return "this visitor always gets the origin's page, for comparison"
        case "CAPPED":
            cap = experience.cap
            own = f"at most {cap.times} in {cap.per_s:g} s" if cap is not None else "the offer's limit per visitor"
            return f"shown often enough: {own}"
        case "DISABLED":
            return "switched off, or a mode that shows nothing"
        case "OVER_BUDGET" | "GATE_REFUSED" | "ERROR":
            return details.get(PAGE, "")
        case _:
            return ""


def _inputs(experience: Experience, settings: Settings, context: PageContext) -> tuple[tuple[str, str, bool], ...]:
    profile = proven(context.profile, context.visitor)
    explained = explain_who(experience.who, profile, context.visitor, settings.segments, context.now)
    return tuple((written(condition), _value(condition, value), held) for condition, value, held in explained)


def _value(condition: Condition, value: object) -> str:
    """What was found, as text; a person's own data is told only by its presence."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return str(value).lower()
    if condition.field in PERSONAL:
        return "known"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping | set | frozenset) or (isinstance(value, Sequence) and not isinstance(value, str)):
        return ", ".join(map(str, value))
    return str(value)

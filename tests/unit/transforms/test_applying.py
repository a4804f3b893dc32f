"""Edits that are remembered: who has served many serves, to the byte, what who has served none does."""

import pytest

from config.settings import Experience, TomlValue
from tests.unit.transforms.given import JOSE, PLATFORM, VISITOR, context, experience, page, run, settings
from transforms.personaliser import Personaliser
from transforms.registry import TRANSFORMS
from visitors.interests import growth

HTML = b"text/html; charset=utf-8"
WISHES: dict[str, tuple[str, TomlValue]] = {
    "text": ("greeting", "Hola, {first_name|tú} {last_name}"),
    "offer": ("greeting", "vuelve10"),
    "reorder": ("grid", {"by": "affinity"}),
    "set_attribute": ("greeting", {"name": "title", "value": "Para {first_name|ti}"}),
    "hide": ("grid", True),
    "trim": ("grid", 2),
    "remove": ("grid", True),
}
VISITS = [
    (profile, visitor, body)
    for profile in (
        JOSE,
        JOSE._replace(first_name="Ana"),
        JOSE._replace(last_name=None),
        JOSE._replace(first_name=" "),
        JOSE._replace(categories={"rock": growth(0.0)}),
        None,
    )
    for visitor in (VISITOR, VISITOR.__class__(profile="jose", session="s", consent=True))
    for body in (page(), page("h1", "r1", "h2"), page("r1"))
]


def test_every_transform_is_here() -> None:
    assert set(WISHES) == {transform.key for transform in TRANSFORMS}


@pytest.mark.parametrize("key", WISHES)
def test_what_is_remembered_of_others_changes_nothing(key: str) -> None:
    at, wish = WISHES[key]
    wished: Experience = experience(at, **{key: wish})
    personaliser = Personaliser(settings(wished), PLATFORM)
    for profile, visitor, body in VISITS + VISITS[::-1]:
        about = context(visitor=visitor, profile=profile)
        served, alone = personaliser.run(body, HTML, about), run(body, wished, about)
        assert (served.body, served.reasons, served.details) == (alone.body, alone.reasons, alone.details)

"""Message texts: values in, defaults, and nothing shown when one is missing."""

import pytest

from transforms.message import PERSONAL_FIELDS, filled, message_problems, missing, profile_values
from visitors.profile import Profile

VALUES = {"first_name": "José", "code": "VUELVE10"}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Hola", "Hola"),
        ("Hola, {first_name}", "Hola, José"),
        ("{first_name}{code}", "JoséVUELVE10"),
        ("Hola, {last_name|amigo}", "Hola, amigo"),
        ("Hola{last_name|}", "Hola"),
        ("Hola, {first_name|amigo}", "Hola, José"),
        ("Hola, {last_name}", None),
        (
            "{ first_name } {FIRST_NAME} {first_name.upper} {0} {} {{",
            "{ first_name } {FIRST_NAME} {first_name.upper} {0} {} {{",
        ),
        ("{first_name!r} {first_name:>10}", "{first_name!r} {first_name:>10}"),
    ],
)
def test_filled(message: str, expected: str | None) -> None:
    assert filled(message, VALUES) == expected


def test_a_value_is_never_read_as_a_message() -> None:
    assert filled("{first_name}", {"first_name": "{last_name}", "last_name": "x"}) == "{last_name}"


def test_missing_values_are_named() -> None:
    assert missing("{first_name} {last_name} {code|none}", VALUES) == "last_name"


def test_blank_values_are_missing() -> None:
    assert profile_values(Profile("x", first_name="  ", last_name=" Núñez ")) == {"last_name": "Núñez"}
    assert profile_values(None) == {}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Hola, {first_name}", []),
        ("Hola, {first_nme}", ['{first_nme}: unknown value; did you mean "first_name"?']),
        ("{code}", ["{code}: unknown value; allowed: first_name, last_name"]),
        (
            "{first_name.upper()}",
            ["{first_name.upper()} is no placeholder; write {first_name} or {first_name|default}"],
        ),
        ("a { b", []),
    ],
)
def test_problems(message: str, expected: list[str]) -> None:
    assert list(message_problems(message, PERSONAL_FIELDS)) == expected

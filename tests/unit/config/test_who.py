"""The forms of `who` and of segments, as conditions."""

from pathlib import Path

import pytest

from config.decode import decode
from config.errors import ConfigError
from config.settings import Condition, Who

FRAME = """version = 1
[site]
origin = "http://127.0.0.1:1"
[placement.p]
at = "h1"
[segment.at_risk]
all = [{{ orders = {{ gte = 1 }} }}, {{ silent_for = "2x usual_gap" }}]
[[experience]]
id = "x"
at = "p"
text = "hi"
who = {who}
"""


def who_of(who: str) -> Who:
    return decode(FRAME.format(who=who), "site.toml", Path()).experiences[0].who


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("{}", ()),
        ("{ logged_in = true }", (Condition("logged_in", "eq", True),)),
        ('{ has = ["first_name"] }', (Condition("has", "has", ("first_name",)),)),
        ('{ has = "first_name" }', (Condition("has", "has", ("first_name",)),)),
        ('{ segment = "at_risk" }', (Condition("segment", "eq", "at_risk"),)),
        ('{ segment = ["at_risk"] }', (Condition("segment", "in", ("at_risk",)),)),
        ("{ orders = { gte = 1 } }", (Condition("orders", "gte", 1),)),
        ("{ orders = { gte = 1, lt = 5 } }", (Condition("orders", "gte", 1), Condition("orders", "lt", 5))),
        ('{ likes = "Hip hop" }', (Condition("likes", "eq", "Hip hop"),)),
        ('{ likes = ["Jazz", "Rock"] }', (Condition("likes", "in", ("Jazz", "Rock")),)),
        ('{ likes = { ne = "Jazz" } }', (Condition("likes", "ne", "Jazz"),)),
        ('{ silent_for = "60d" }', (Condition("silent_for", "eq", 5_184_000.0),)),
        ('{ silent_for = { gte = "60d" } }', (Condition("silent_for", "gte", 5_184_000.0),)),
        ('{ silent_for = "2x usual_gap" }', (Condition("silent_for", "eq", 0.0, usual_gaps=2.0),)),
        (
            '{ logged_in = true, has = ["email"] }',
            (Condition("logged_in", "eq", True), Condition("has", "has", ("email",))),
        ),
        ("{ all = [{ visits = 3 }, { orders = 0 }] }", (Condition("visits", "eq", 3), Condition("orders", "eq", 0))),
    ],
)
def test_conditions(text: str, conditions: tuple[Condition, ...]) -> None:
    assert who_of(text) == Who(all=conditions)


def test_any() -> None:
    who = who_of('{ newsletter = true, any = [{ orders = { gte = 3 } }, { likes = "Jazz" }] }')
    assert who == Who(
        all=(Condition("newsletter", "eq", True),),
        any=(Condition("orders", "gte", 3), Condition("likes", "eq", "Jazz")),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ orders = { gtee = 1 } }", 'orders.gtee: unknown operator; did you mean "gte"?'),
        ("{ orders = {} }", "needs an operator"),
        ("{ logged_in = { gte = true } }", "does not compare true and false"),
        ("{ orders = { gte = [1] } }", "not with an array"),
        ("{ likes = [1] }", "must be an array of texts"),
        ('{ likes = "" }', "must not be empty"),
        ('{ silent_for = "long" }', '"long" is no duration'),
        ('{ segment = "at_rsk" }', 'no segment "at_rsk"; did you mean "at_risk"?'),
        ("{ any = [{ orders = 1, visits = 2 }] }", "each table is one condition"),
        ("{ any = [] }", "at least one condition"),
        ("{ all = 3 }", "must be an array of tables"),
        ("3", "must be a table, not a number (3)"),
    ],
)
def test_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        who_of(text)
    assert message in str(refused.value)
    assert "site.toml:12: experience[0].who" in str(refused.value)

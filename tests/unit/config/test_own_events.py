"""[[form]], [[banner]] and `site.currency`: strict, and joined to whatever platform the shop has."""

from pathlib import Path

import pytest

from config.decode import decode
from config.errors import ConfigError
from config.platform import Banner, FormRule, NamedForm, PathRule
from config.platforms import as_configured, load_platform, platform_of

TOP = 'version = 1\n[site]\norigin = "http://10.0.0.5:8080"\nplatform = "phoenix"\ncurrency = "EUR"\n'
OWN = """
[[form]]
name = "taste"
at = ["/survey.php", "/poll.php?id=*"]
fields = ["genre", "age"]
requires = ["genre"]
failure = ["/survey.php"]
proves = ["saved"]
refutes = ["error"]
[form.traits]
favourite = "genre"

[[banner]]
name = "summer"
at = ["/**?from=summer"]
"""


def test_they_are_part_of_the_platform() -> None:
    settings = decode(TOP + OWN, "site.toml", Path())
    platform = platform_of(settings)
    rule = FormRule(
        (PathRule("/survey.php"), PathRule("/poll.php", {"id": "*"})),
        "accepted",
        {"genre": ("genre",), "age": ("age",)},
        ("genre",),
        ("/survey.php",),
        ("saved",),
        ("error",),
    )
    assert platform.forms == (NamedForm("taste", rule, {"favourite": "genre"}),)
    assert platform.banners == (Banner("summer", (PathRule("/**", {"from": "summer"}),)),)
    assert platform.currency == "EUR"
    assert as_configured(load_platform("oscar"), settings).forms == platform.forms
    assert as_configured(platform, settings) is platform


def test_without_them_the_platform_is_the_very_one_that_ships() -> None:
    settings = decode(TOP.replace('currency = "EUR"\n', ""), "site.toml", Path())
    assert platform_of(settings) is load_platform("phoenix")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[form]]\nname = "a"\n', 'lacks "at"'),
        ('[[form]]\nat = ["/a"]\n', 'lacks "name"'),
        ('[[form]]\nname = "a"\nat = ["/a"]\nfields = ["cc_cvv"]\n', "looks like a secret"),
        ('[[form]]\nname = "a"\nat = ["/a"]\nfields = ["Password2"]\n', "looks like a secret"),
        ('[[form]]\nname = "a"\nat = ["/a"]\nfields = ["genre"]\n[form.traits]\nx = "genra"\n', 'did you mean "genre"'),
        ('[[form]]\nname = "a"\nat = ["/a"]\nsucess = "ok"\n', 'did you mean "success"'),
        ('[[form]]\nname = "a"\nat = ["/a"]\n[[form]]\nname = "a"\nat = ["/b"]\n', "there are two forms"),
        ('[[banner]]\nname = "a"\n', 'lacks "at"'),
        ('[[banner]]\nname = "a"\nat = ["no-slash"]\n', "must start with"),
    ],
)
def test_problems_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=r"site\.toml:") as raised:
        decode(TOP + text, "site.toml", Path())
    assert message in str(raised.value)


def test_a_currency_is_a_code() -> None:
    with pytest.raises(ConfigError, match="ISO 4217"):
        decode(TOP.replace("EUR", "euro"), "site.toml", Path())

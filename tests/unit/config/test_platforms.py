"""The platforms that ship load, and a platform's file is decoded as strictly as the operator's."""

import pytest

from clicks.rules import rules_of
from config.errors import ConfigError
from config.platforms import PLATFORM_NAMES, decode_platform, load_platform, platforms


def test_all_that_ship_load_and_compile() -> None:
    assert tuple(platform.name for platform in platforms()) == PLATFORM_NAMES
    for platform in platforms():
        assert rules_of(platform)
        assert platform.never_read
        assert platform.session_cookies


def test_auto_is_generic_until_more_is_known() -> None:
    assert load_platform("auto") is load_platform("generic")


def test_an_unknown_platform() -> None:
    with pytest.raises(ConfigError, match='unknown platform "phoenx"; did you mean "phoenix"'):
        load_platform("phoenx")


def test_no_form_rule_reads_a_secret() -> None:
    for platform in platforms():
        for form in rules_of(platform).forms:
            for names in form.rule.fields.values():
                for name in names:
                    assert not any(word in name for word in ("password", "cc_", "card", "cvv", "token", "formid"))


BAD = """
never_touch = ["admin"]
logut = ["/x"]
[kinds]
prodct = ["/p"]
[catalogue]
product_id = ['(a)(b)', '(', 'none']
[product]
price_css = ".p"
[[list]]
name = "l"
[login]
success = "redirect_awy"
[login.fields]
email = 3
"""


def test_every_problem_at_once_with_its_line() -> None:
    with pytest.raises(ConfigError) as refused:
        decode_platform(BAD, "mine")
    text = str(refused.value)
    for words in (
        'mine.toml:2: never_touch: pattern "admin" must start with',
        'mine.toml:3: logut: unknown key; did you mean "logout"?',
        'mine.toml:5: kinds.prodct: unknown page kind; did you mean "product"?',
        'mine.toml:7: catalogue.product_id: expression "(a)(b)" must have one group, not 2',
        'mine.toml:7: catalogue.product_id: expression "(" is none that RE2 knows',
        'mine.toml:7: catalogue.product_id: expression "none" must have one group, not 0',
        'mine.toml:8: product: lacks "name_css"',
        'mine.toml:10: list[0]: lacks "items"',
        'mine.toml:12: login: lacks "at"',
        'mine.toml:13: login.success: "redirect_awy" is not one of',
        "mine.toml:15: login.fields.email: must be an array of texts, not a number (3)",
    ):
        assert words in text

"""A whole configuration: the documented example, every problem at once, and settings without a file."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.decode import decode, load, settings_for_origin
from config.errors import ConfigError
from config.settings import Budget, Cap, Consent, ConsentCookie, Limits, Placement, Retention, Settings

EXAMPLE = """version = 1
listen = ":8080"
admin = "127.0.0.1:9109"
data = "./data"
workers = 2
[site]
origin = "http://10.0.0.5:8080"
host = "public"
platform = "auto"
mode = "live"
holdout = 5
never_touch = ["/admin/**"]
never_read = ["/checkout_payment*"]
budget = { profile_ms = 20, decide_ms = 5, rewrite_ms = 15, max_html_kb = 2048 }
[redis]
url = "embedded"
[consent]
required = true
cookie = { name = "cookie_policy", contains = "prefs=1" }
[placement.greeting]
on = "*"
at = "#header .welcome"
[placement.home_grid]
on = ["home", "/index.php?cPath=*"]
items = "#new-products > .box"
[segment.at_risk]
all = [{ orders = { gte = 1 } }, { silent_for = "2x usual_gap" }]
[offer.vuelve10]
html = "offers/vuelve10.html"
code = "VUELVE10"
per_visitor = 1
[[experience]]
id = "hola"
at = "greeting"
who = { logged_in = true, has = ["first_name"] }
text = "Hola, {first_name}, ¡bienvenido de nuevo!"
[[experience]]
id = "portada"
at = "home_grid"
reorder = { by = "affinity", pin = [1] }
rollout = 10
[[experience]]
id = "vuelve"
at = "greeting"
insert = "after"
who = { segment = "at_risk" }
offer = "vuelve10"
cap = { times = 1, per = "7d" }
"""

LEAST = 'version = 1\n[site]\norigin = "http://127.0.0.1:1"\n'


@pytest.fixture
def example(tmp_path: Path) -> Path:
    (tmp_path / "offers").mkdir()
    (tmp_path / "offers" / "vuelve10.html").write_text("<p>¡Vuelve!</p>\n", "utf-8")
    path = tmp_path / "site.toml"
    path.write_text(EXAMPLE, "utf-8")
    return path


def least(more: str = "", **environment: str) -> Settings:
    return decode(LEAST + more, "site.toml", Path("/nowhere"), environment=environment)


def problems(text: str, root: Path = Path("/nowhere")) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        decode(text, "site.toml", root, environment={})
    return [str(problem) for problem in refused.value.problems]


def test_the_documented_example(example: Path) -> None:
    settings = load(example)
    assert settings.site.origin == "http://10.0.0.5:8080"
    assert (settings.site.mode, settings.site.holdout, settings.workers) == ("live", 5.0, 2)
    assert settings.site.budget == Budget(20.0, 5.0, 15.0, 2048)
    assert settings.consent == Consent(required=True, cookie=ConsentCookie("cookie_policy", "prefs=1"))
    assert settings.placements["greeting"] == Placement("greeting", ("*",), "#header .welcome", None)
    assert settings.placements["home_grid"].items == "#new-products > .box"
    assert settings.offers["vuelve10"].html == "<p>¡Vuelve!</p>"
    hola, portada, vuelve = settings.experiences
    assert hola.settings == {"text": "Hola, {first_name}, ¡bienvenido de nuevo!"}
    assert portada.settings == {"reorder": {"by": "affinity", "pin": [1]}}
    assert portada.rollout == 10.0
    assert vuelve.cap == Cap(1, 604_800.0)
    assert vuelve.settings == {"insert": "after", "offer": "vuelve10"}
    assert hola.place == "site.toml:32"


def test_the_version_tells_any_change(example: Path) -> None:
    before = load(example).version
    assert load(example).version == before
    (example.parent / "offers" / "vuelve10.html").write_text("<p>Otra</p>", "utf-8")
    assert load(example).version != before


def test_an_error_page_is_a_file_beside_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(LEAST + 'error_page = "sorry.html"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"site.toml:4: site.error_page: cannot read .*sorry.html"):
        load(file)
    (tmp_path / "sorry.html").write_text("<h1>Volvemos en un momento</h1>\n", "utf-8")
    before = load(file)
    assert before.site.error_page == "<h1>Volvemos en un momento</h1>"
    (tmp_path / "sorry.html").write_text("<h1>Mañana</h1>", "utf-8")
    assert load(file).version != before.version


def test_what_is_not_said_has_its_default() -> None:
    settings = least()
    assert settings.site.mode == "observe"
    assert settings.consent == Consent()
    assert settings.retention == Retention(clicks_days=90, profiles_days=395)
    assert settings.limits == Limits()
    assert settings.redis.url == "embedded"
    assert settings.admin == "127.0.0.1:9109"


def test_consent_purpose_by_purpose() -> None:
    settings = least(
        '[consent]\ngpc = true\ncookie = { name = "b", contains = "1" }\n'
        '[consent.statistics]\ncookie = { name = "s", contains = "2" }\n[retention]\nclicks_days = 30\n'
    )
    assert settings.consent == Consent(cookie=ConsentCookie("b", "1"), statistics=ConsentCookie("s", "2"), gpc=True)
    assert settings.consent.cookie_for("email") == ConsentCookie("b", "1")
    assert settings.consent.by_purpose
    assert settings.retention == Retention(clicks_days=30)
    assert problems(LEAST + "[consent.email]\n") == ['site.toml:4: consent.email: lacks "cookie"']


def test_limits_by_their_own_names() -> None:
    limits = least("[limits]\nconnect_timeout_s = 2\nmax_headers = 500\n").limits
    assert limits == dataclasses.replace(Limits(), connect_timeout_s=2.0, max_headers=500)


def test_markup_may_stand_in_the_file() -> None:
    assert least('[offer.o]\nhtml = "<b>10 %</b>"\n').offers["o"].html == "<b>10 %</b>"


def test_a_secret_from_the_environment() -> None:
    text = LEAST + 'debug_secret = "env:DEBUG"\n[redis]\nurl = "env:REDIS"\n'
    settings = decode(text, "s", Path(), environment={"DEBUG": "s3", "REDIS": "rediss://u:p@h"})
    assert (settings.site.debug_secret, settings.redis.url) == ("s3", "rediss://u:p@h")


EVERYTHING_WRONG = """version = 2
listn = ":8080"
listen = "1.2.3.4"
workers = 1.5
[site]
origin = "http://169.254.169.254"
mode = "livee"
host = 3
never_read = ["admin", "/ok"]
holdout = 120
trusted = ["10.0.0.0/99"]
debug_secret = "hunter2"
origin_ca = "none.pem"
budget = { profile_ms = "a", rewrite = 3 }
platform = "phonix"
[redis]
url = "mysql://x"
[consent]
required = "yes"
cookie = { contains = "x" }
[limits]
max_header = 3
[placement.a]
on = ["hom", "/x"]
at = ""
[placement.b]
at = "x"
items = "y"
[placement."c d"]
at = "x"
[segment.s]
all = [{ segment = "s" }]
[segment.empty]
[offer.o]
html = "nope.html"
[[experience]]
id = "x"
at = "greeting"
[[experience]]
id = "x"
at = "b"
text = "t"
rollout = true
who = { segment = "z" }
offer = "p"
cap = { times = 0, per = "week", x = 1 }
[[experience]]
text = "t"
"""

EXPECTED = (
    "site.toml:1: version: must be 1, not 2",
    'site.toml:2: listn: unknown key; did you mean "listen"?',
    'site.toml:3: listen: "1.2.3.4" is no address',
    "site.toml:4: workers: must be a whole number, not a number (1.5)",
    'site.toml:6: site.origin: "169.254.169.254" is a cloud metadata service',
    'site.toml:7: site.mode: "livee" is not one of off, observe, preview, live; did you mean "live"?',
    "site.toml:8: site.host: must be text, not a number (3)",
    'site.toml:9: site.never_read[0]: pattern "admin" must start with',
    "site.toml:10: site.holdout: must be between 0 and 100, not 120",
    'site.toml:11: site.trusted[0]: "10.0.0.0/99" is no address or network',
    "site.toml:12: site.debug_secret: a secret does not stand in the file",
    "site.toml:13: site.origin_ca: no such file",
    'site.toml:14: site.budget.profile_ms: must be a number, not text ("a")',
    'site.toml:14: site.budget.rewrite: unknown key; did you mean "rewrite_ms"?',
    'site.toml:15: site.platform: unknown platform "phonix"; did you mean "phoenix"?',
    'site.toml:17: redis.url: must be "embedded" or a URL',
    'site.toml:19: consent.required: must be true or false, not text ("yes")',
    'site.toml:20: consent.cookie: lacks "name"',
    'site.toml:22: limits.max_header: unknown key; did you mean "max_headers"?',
    'site.toml:24: placement.a.on: "hom" is no page kind and no path pattern; did you mean "home"?',
    "site.toml:25: placement.a.at: must not be empty",
    'site.toml:26: placement.b: needs exactly one of "at"',
    "site.toml:29: placement.c d: a name has letters",
    "site.toml:31: segment.s: leads back to itself",
    "site.toml:33: segment.empty: has no conditions",
    "site.toml:35: offer.o.html: cannot read",
    "site.toml:36: experience[0]: does nothing",
    'site.toml:38: experience[0].at: no placement "greeting"',
    'site.toml:40: experience[1].id: "x" is already the id of the experience at site.toml:36',
    "site.toml:43: experience[1].rollout: must be a number, not a boolean (true)",
    'site.toml:44: experience[1].who.segment: no segment "z"',
    'site.toml:45: experience[1].offer: no offer "p"; did you mean "o"?',
    "site.toml:46: experience[1].cap.times: must be between 1 and 1000000, not 0",
    'site.toml:46: experience[1].cap.per: "week" is no duration',
    "site.toml:46: experience[1].cap.x: unknown key",
    'site.toml:47: experience[2]: lacks "id"',
    'site.toml:47: experience[2]: lacks "at"',
)


def test_every_problem_at_once_in_the_files_order() -> None:
    found = problems(EVERYTHING_WRONG)
    for expected in EXPECTED:
        assert any(problem.startswith(expected.removesuffix('; did you mean "o"?')) for problem in found), expected
    assert len(found) == len(EXPECTED)
    assert not any("hunter2" in problem for problem in found)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'site.toml: lacks "version"'),
        ("version = 1\n", "site.toml: lacks [site]"),
        ("version = 1\nsite = 3\n", "site.toml:2: site: must be a table"),
        ("version = 1\n[site]\n", 'site.toml:2: site: lacks "origin"'),
        ("version =\n", "site.toml:1: is not TOML"),
        ("version = 1\nversion = 1\n", "site.toml:2: is not TOML"),
        (LEAST + "experience = 3\n[placement]\nx = 1\n", "site.toml:6: placement.x: must be a table"),
        ("version = 1\nexperience = [3]\n" + LEAST[12:], "site.toml:2: experience[0]: must be a table, not a number"),
        ('listen = ":1"\nadmin = ":1"\n' + LEAST, "site.toml:2: admin: is the same address as listen"),
    ],
)
def test_one_problem(text: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in problems(text))


def test_a_missing_file_is_a_problem_not_a_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "l.toml").write_bytes("# ñ".encode("latin-1"))
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load(tmp_path / "l.toml")


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:3000", "public"),
        ("http://10.0.0.5", "public"),
        ("http://localhost:80", "public"),
        ("http://shop", "public"),
        ("https://www.shop.example", "origin"),
        ("http://8.8.8.8", "origin"),
    ],
)
def test_settings_without_a_file(origin: str, host: str) -> None:
    settings = settings_for_origin(origin)
    assert (settings.site.origin, settings.site.host, settings.site.mode) == (origin, host, "observe")
    assert settings.experiences == ()
    assert settings.version


def test_an_origin_that_is_none() -> None:
    with pytest.raises(ConfigError, match="--origin: "):
        settings_for_origin("shop.example")


@given(
    st.recursive(
        st.booleans() | st.integers(-9, 9) | st.sampled_from(['"a"', '""', '"7d"']), lambda x: st.lists(x, max_size=2)
    )
)
def test_any_value_anywhere_is_accepted_or_a_problem(value: object) -> None:
    text = str(value).replace("True", "true").replace("False", "false").replace("'", "")
    keys = ("listen", "workers", "site", "redis", "consent", "limits", "placement", "segment", "offer", "experience")
    for key in keys:
        with pytest.raises(ConfigError):
            decode(f"version = 1\n{key} = {text}\n", "s", Path())

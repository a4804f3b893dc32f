"""The reference pages say what the code says: every key, option, field and name, and none that does not exist."""

import argparse
import dataclasses
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bench.events.costs import described
from bench.events.report import RESULTS, table
from clicks.click import Click
from clicks.events import EVENT_NAMES
from config.decode import decode
from config.errors import ConfigError
from config.platforms import FORM_NAMES, PAGE_KINDS, PLATFORM_NAMES, decode_platform
from config.settings import (
    Budget,
    Cap,
    Consent,
    ConsentCookie,
    Experience,
    Limits,
    Log,
    Offer,
    Placement,
    RedisSettings,
    Retention,
    Settings,
    Site,
    Sources,
    Statistics,
    Tls,
    Who,
)
from console.exposition import HistogramFamily
from decisions.ranking import STRATEGIES
from storage.control import ControlPage
from storage.measures import COUNTERS, GAUGES, STAGES
from tests.unit.docs.reading import ROOT, code, headings, rows_by_code, tables
from transforms.registry import STANDARD_KEYS, TRANSFORMS
from visitors.conditions import OPERATORS
from visitors.segments import CONDITION_FIELDS
from vitrina.cli import parser
from vitrina.doctor.checks import CHECKS
from vitrina.metrics import COUNTERS as METRIC_COUNTERS
from vitrina.metrics import GAUGES as METRIC_GAUGES
from vitrina.metrics import ConfigInUse, NamedProcess, families

REFERENCE = ROOT / "docs" / "reference"

_SETTINGS: list[tuple[str, str, type, tuple[str, ...]]] = [
    ("configuration.md", "[site]", Site, ()),
    ("configuration.md", "[site.budget]", Budget, ()),
    ("configuration.md", "[tls]", Tls, ("place",)),
    ("configuration.md", "[log]", Log, ()),
    ("configuration.md", "[redis]", RedisSettings, ()),
    ("consent.md", "[consent]", Consent, ()),
    ("consent.md", "[consent.cookie]", ConsentCookie, ()),
    ("consent.md", "[retention]", Retention, ()),
    ("configuration.md", "[sources]", Sources, ()),
    ("configuration.md", "[statistics]", Statistics, ()),
    ("configuration.md", "[placement.NAME]", Placement, ("name", "place")),
    ("configuration.md", "[segment.NAME]", Who, ()),
    ("configuration.md", "[offer.NAME]", Offer, ("name", "place")),
    ("configuration.md", "[[experience]]", Experience, ("settings", "place")),
    ("configuration.md", "[experience.cap]", Cap, ()),
    ("limits.md", "[limits]", Limits, ()),
]
_SPELT = {"per_s": "per"}
"""Settings whose key in the file has another name."""


@pytest.mark.parametrize(("page", "heading", "kind", "hidden"), _SETTINGS, ids=[row[1] for row in _SETTINGS])
def test_every_setting_is_described(page: str, heading: str, kind: type, hidden: tuple[str, ...]) -> None:
    fields = [_SPELT.get(item.name, item.name) for item in dataclasses.fields(kind) if item.name not in hidden]

    assert list(rows_by_code(REFERENCE / page, heading)) == fields


def test_top_level_settings_are_described() -> None:
    tables_of_their_own = {
        "site",
        "tls",
        "log",
        "redis",
        "consent",
        "retention",
        "sources",
        "statistics",
        "limits",
        "placements",
        "segments",
        "offers",
        "experiences",
        "forms",
        "banners",
    }
    described = set(rows_by_code(REFERENCE / "configuration.md", "Top level"))

    assert described == {item.name for item in dataclasses.fields(Settings)} - tables_of_their_own


_NO_DEFAULT_IN_THE_DATACLASS = {"on", "contains"}


def _defaults() -> Iterator[tuple[str, type, str, str]]:
    for page, heading, kind, _ in _SETTINGS:
        for key, row in rows_by_code(REFERENCE / page, heading).items():
            yield heading, kind, key, row[2]
    for key, row in rows_by_code(REFERENCE / "configuration.md", "Top level").items():
        yield "", Settings, key, row[2]


@pytest.mark.parametrize(("heading", "kind", "key", "written"), list(_defaults()))
def test_defaults_are_those_of_the_code(heading: str, kind: type, key: str, written: str) -> None:
    if key in _NO_DEFAULT_IN_THE_DATACLASS or (heading == "" and key == "version"):
        return
    field = next(item for item in dataclasses.fields(kind) if _SPELT.get(item.name, item.name) == key)
    default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if written == "required":
        assert default is dataclasses.MISSING
    elif written == "none":
        assert default is None
    else:
        [literal] = code(written)
        value = tomllib.loads(f"value = {literal}")["value"]
        if value == {}:
            assert default == type(default)()
        else:
            assert (list(default) if isinstance(default, tuple) else default) == value


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [("[placement.x]", "on", '"*"'), ("[consent.cookie]", "contains", None)],
    ids=["placement.on", "consent.cookie.contains"],
)
def test_defaults_made_while_decoding(table: str, key: str, value: str | None) -> None:
    text = 'version = 1\n[site]\norigin = "http://10.0.0.5"\n[placement.x]\nat = "h1"\n[consent.cookie]\nname = "c"\n'
    settings = decode(text, "site.toml", ROOT)
    heading = "[placement.NAME]" if table == "[placement.x]" else table
    page = "consent.md" if table == "[consent.cookie]" else "configuration.md"
    row = rows_by_code(REFERENCE / page, heading)[key]

    assert code(row[2]) == [value or '""']
    assert settings.placements["x"].on == ("*",)
    assert settings.consent.cookie == ConsentCookie("c", "")


def test_the_words_of_modes_and_kinds() -> None:
    page = REFERENCE / "configuration.md"
    site = rows_by_code(page, "[site]")

    assert code(site["mode"][3]) == ["off", "observe", "preview", "live"]
    assert set(code(site["platform"][3])) == {"auto", *PLATFORM_NAMES}
    assert set(PAGE_KINDS) <= set(code(rows_by_code(page, "[placement.NAME]")["on"][3]))


def _subparsers(top: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    nested = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    if name and not nested:
        yield name, top
    for action in nested:
        for word, inner in action.choices.items():
            yield from _subparsers(inner, f"{name} {word}".strip())


def _described_commands() -> Mapping[str, list[str]]:
    """Command → the arguments of its table, as written."""
    found: dict[str, list[str]] = {}
    for heading, rows in tables(REFERENCE / "cli.md").items():
        for name in heading.split(", "):
            found[name] = [argument for row in rows for argument in code(row[0])]
    return {name: arguments for name, arguments in found.items() if name != "Command line"}


def _arguments(command: argparse.ArgumentParser) -> Iterator[set[str]]:
    """For each argument of a command, the ways it may be written in the reference."""
    for action in command._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        if not action.option_strings:
            yield {metavar}
        elif action.nargs == 0:
            yield set(action.option_strings)
        else:
            yield {f"{option} {metavar}" for option in action.option_strings}


def test_every_command_is_described() -> None:
    assert set(_described_commands()) == {name for name, _ in _subparsers(parser())}


@pytest.mark.parametrize(("name", "command"), list(_subparsers(parser())), ids=lambda value: str(value)[:20])
def test_every_argument_is_described(name: str, command: argparse.ArgumentParser) -> None:
    described = set(_described_commands()[name])
    known = list(_arguments(command))

    assert [ways for ways in known if not ways & described] == []
    assert described <= set().union(*known)


def test_exit_codes_are_those_of_the_command_line() -> None:
    described = re.sub(r"\s+", " ", parser().epilog or "")
    listed = [row[0] for row in tables(REFERENCE / "cli.md")["Command line"]]

    assert listed == re.findall(r"(\d+) \w", described)


def test_every_transform_is_described() -> None:
    page = REFERENCE / "transforms.md"
    described = {heading: tuple(rows_by_code(page, heading)) for heading in headings(page) if heading in tables(page)}

    assert {name: keys[: len(t.keys)] for (name, keys), t in zip(described.items(), TRANSFORMS, strict=True)} == {
        transform.key: transform.keys for transform in TRANSFORMS
    }


def test_every_strategy_is_described() -> None:
    described = rows_by_code(REFERENCE / "transforms.md", "reorder")

    assert [key for key in described if key in STRATEGIES] == list(STRATEGIES)


def test_keys_of_every_experience() -> None:
    assert tuple(rows_by_code(REFERENCE / "configuration.md", "[[experience]]")) == STANDARD_KEYS


def test_every_condition_is_described() -> None:
    rows = rows_by_code(REFERENCE / "conditions.md", "Fields")

    assert [(name, row[1], row[2]) for name, row in rows.items()] == [
        (name, field.kind, field.meaning) for name, field in CONDITION_FIELDS.items()
    ]


def test_every_operator_is_described() -> None:
    rows = tables(REFERENCE / "conditions.md")["Conditions"]

    assert {row[0]: tuple(code(row[1])) for row in rows} == dict(OPERATORS)


def test_every_field_of_a_click_is_described() -> None:
    rows = rows_by_code(REFERENCE / "clicks.md", "Fields")

    assert list(rows) == list(Click.__struct_fields__)


def test_every_event_is_described() -> None:
    assert set(rows_by_code(REFERENCE / "clicks.md", "Events")) == set(EVENT_NAMES)


def test_every_metric_is_described() -> None:
    page = REFERENCE / "metrics.md"

    assert tuple(rows_by_code(page, "Counters")) == COUNTERS
    assert tuple(rows_by_code(page, "Gauges")) == GAUGES
    assert tuple(METRIC_COUNTERS) == COUNTERS
    assert tuple(METRIC_GAUGES) == GAUGES
    assert set(rows_by_code(page, "Stages")) == set(STAGES)


def test_every_family_of_metrics_is_described(tmp_path: Path) -> None:
    page = REFERENCE / "metrics.md"
    control = ControlPage.create(tmp_path / "control")
    found = families(control, ConfigInUse("", "live", 0), [NamedProcess("console", os.getpid(), 1)])
    plain = {f"vitrina_{name.removesuffix('_total')}_total" for name in COUNTERS} | {f"vitrina_{n}" for n in GAUGES}
    described = {name: row[1] for name, row in rows_by_code(page, "With labels").items()}

    kinds = {f.name: "histogram" if isinstance(f, HistogramFamily) else f.kind for f in found if f.name not in plain}
    assert described == kinds


@pytest.mark.parametrize("name", ["watch.md", "alerts.yml"])
def test_metrics_of_the_how_to_exist(name: str, tmp_path: Path) -> None:
    control = ControlPage.create(tmp_path / "control")
    known = {family.name for family in families(control, ConfigInUse("", "live", 0), [])}
    known |= {f"{name}_{part}" for name in known if name.endswith("_seconds") for part in ("bucket", "sum", "count")}
    used = set(re.findall(r"\bvitrina_[a-z_]+", (ROOT / "docs" / "how-to" / name).read_text("utf-8")))

    assert used - {"vitrina_preview"} <= known
    assert len(used) > 5


def test_every_check_of_the_doctor_is_described() -> None:
    assert list(
        rows_by_code(ROOT / "docs" / "how-to" / "before-you-cut-over.md", "Before you cut over: doctor")
    ) == list(CHECKS)


def test_every_platform_is_described() -> None:
    assert tuple(rows_by_code(REFERENCE / "platforms.md", "Platforms")) == PLATFORM_NAMES


_FORMS = FORM_NAMES


def _platform_keys() -> Iterator[tuple[str, ...]]:
    page = REFERENCE / "platforms.md"
    for heading, rows in tables(page).items():
        keys = [code(row[0])[0] for row in rows]
        if heading == "Top level":
            yield from ((key,) for key in keys)
        elif heading.startswith("["):
            yield from ((heading.strip("[]"), key) for key in keys)
        elif heading == "Forms":
            yield from ((form, key) for form in _FORMS for key in keys)


@pytest.mark.parametrize("path", list(_platform_keys()), ids=".".join)
def test_every_documented_key_of_a_platform_is_known(path: tuple[str, ...]) -> None:
    """A value of a type that no key takes is complained about in other words than an unknown key."""
    if len(path) == 1:
        text = f"{path[0]} = 2026-01-01\n"
    else:
        header = f"[[{path[0]}]]" if path[0] == "list" else f"[{path[0]}]"
        text = f"{header}\n{path[1]} = 2026-01-01\n"
    with pytest.raises(ConfigError) as raised:
        decode_platform(text, "example")

    assert [str(problem) for problem in raised.value.problems if "unknown" in problem.message] == []


def test_every_key_of_the_platforms_that_ship_is_documented() -> None:
    documented = set(_platform_keys())
    used: set[tuple[str, ...]] = set()
    for name in PLATFORM_NAMES:
        for key, value in tomllib.loads((ROOT / "config" / "platforms" / f"{name}.toml").read_text("utf-8")).items():
            inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
            if key == "kinds":
                continue
            used |= {(key, word) for word in inner} if isinstance(inner, dict) else {(key,)}

    assert used - documented == set()


def test_the_table_of_replayed_shops_is_that_of_the_raw_results() -> None:
    page = (REFERENCE / "events.md").read_text("utf-8")
    shown = page.partition("<!-- replay -->")[2].partition("<!-- end of replay -->")[0].strip()
    assert shown.splitlines() == table(RESULTS.read_text("utf-8").splitlines())
    assert all(row.endswith("| 0 | 0 |") for row in shown.splitlines()[2:])


def test_tables_of_forms_and_banners_name_every_key() -> None:
    page = REFERENCE / "configuration.md"
    for heading, key in (("[[form]]", "form"), ("[[banner]]", "banner")):
        described = rows_by_code(page, heading)
        with pytest.raises(ConfigError) as raised:
            decode(f'version = 1\n[site]\norigin = "http://10.0.0.5"\n[[{key}]]\nzz = 1\n', "site.toml", ROOT)
        [unknown] = [problem.message for problem in raised.value.problems if "unknown" in problem.message]
        assert unknown.partition("allowed: ")[2].split(", ") == sorted(described)


def test_the_costs_of_events_are_those_measured() -> None:
    page = (REFERENCE / "events.md").read_text("utf-8")
    shown = page.partition("<!-- costs -->")[2].partition("<!-- end of costs -->")[0].strip()
    found = json.loads((ROOT / "bench" / "results" / "events-costs.json").read_text("utf-8"))
    assert shown.splitlines() == described(found)
    assert found["page: facts and events"] <= 8
    assert found["asset: click, encoded and written"] <= 10

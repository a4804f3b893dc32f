"""The configuration that `detect` and `try` write: `check` accepts it, and a greeting and an order come of it."""

import json
from collections.abc import Sequence

from clicks.detecting.consent_banners import Banner
from clicks.detecting.site import SURE, Learnt
from config.platform import ListRule, Platform
from config.platform_file import write_platform
from config.settings import HostMode
from vitrina.looking import Looked


def site_file(looked: Looked, host: HostMode, data: str, *, is_trial: bool = False) -> str:
    """The text of a site.toml for a shop as it was seen; for a trial nobody but its operator comes through."""
    learnt, known, origin = looked.learnt, looked.known, looked.origin
    changes = bool(_lists(learnt, known))
    lines = [
        f"# Written by `python -m vitrina {'try' if is_trial else 'detect'} {origin}`; yours to change.",
        "# Reference: docs/reference/configuration.md",
        *(f"#   {part.name}: {part.found}{_doubt(part.confidence)}" for part in learnt.parts),
        f"#   pages are {looked.charset}",
        "version = 1",
        f"data = {json.dumps(data)}",
        "",
        "[site]",
        f"origin = {json.dumps(origin)}",
        f"host = {json.dumps(host)}" + (_ANOTHER_NAME if host == "origin" else ""),
        f"platform = {json.dumps(known.name if known else 'own')}" + ("" if known else "   # described below, as seen"),
        f"mode = {json.dumps('live' if changes else 'observe')}{_MODES}",
        *(_TRIAL if is_trial else _HOLDOUT),
        "",
        "[consent]",
        *(_NOBODY_ELSE if is_trial else _consent(learnt.banner)),
    ]
    if changes and learnt.greeting is not None:
        lines += _greeting(learnt.greeting, looked.greeting)
    for rule in _lists(learnt, known):
        lines += _list(rule, learnt, known)
    if known is None:
        lines += ["", "# The shop as it was seen. docs/how-to/write-a-platform.md explains each key."]
        lines += write_platform(learnt.platform)
    return "\n".join(lines) + "\n"


_MODES = "                  # observe: only look and learn; preview: only for you"
_ANOTHER_NAME = "                # shown under another name: URLs and cookies are mapped; production: public"
_HOLDOUT = ("holdout = 5                    # percent of visitors who always get the shop's own bytes",)
_TRIAL = ("holdout = 0                    # everybody is you; in production leave the default of 5 percent",)
_NOBODY_ELSE = (
    "required = false               # nobody but you comes through here; in production name your banner's cookie",
)


def _consent(banner: Banner | None) -> Sequence[str]:
    if banner is None:
        return (
            "# No consent banner was recognised. If your visitors must agree first, say true and name its cookie:",
            '#   cookie = { name = "…", contains = "…" }',
            "required = false",
        )
    return (
        "required = true",
        f"# {banner.name} keeps the visitor's answer here: check the value in your browser after agreeing.",
        f"cookie = {{ name = {json.dumps(banner.cookie)}, contains = {json.dumps(banner.contains)} }}",
    )


def _doubt(confidence: float) -> str:
    return "" if confidence >= SURE or confidence == 0 else f" (not sure: {confidence:.0%}, left alone)"


def _greeting(place: tuple[str, str], text: str) -> list[str]:
    css, insert = place
    return [
        "",
        "# A place that is once on every page; customers who signed in, and nobody else, are greeted there.",
        "[placement.greeting]",
        'on = "*"',
        f"at = {json.dumps(css)}",
        "",
        "[[experience]]",
        'id = "greeting"',
        'at = "greeting"',
        f"insert = {json.dumps(insert)}",
        "who = { logged_in = true }",
        f"text = {json.dumps(text, ensure_ascii=False)}",
    ]


def _lists(learnt: Learnt, known: Platform | None) -> Sequence[ListRule]:
    """The lists to reorder: rankings keep their order."""
    rankings = {found.rule.items for found in learnt.lists if found.is_ranking}
    return [rule for rule in (known or learnt.platform).lists if rule.items not in rankings]


def _list(rule: ListRule, learnt: Learnt, known: Platform | None) -> list[str]:
    # Where addresses do not tell a category, its page is an "other"; searches, carts and orders are known all the same.
    kinds = ["home", "category"] + ([] if known or learnt.tells_categories else ["other"])
    return [
        "",
        f"[placement.{rule.name}]",
        f"on = {json.dumps(kinds)}",
        f"items = {json.dumps(rule.items)}",
        "",
        "[[experience]]",
        f'id = "{rule.name}-by-affinity"',
        f'at = "{rule.name}"',
        'reorder = { by = "affinity" }',
    ]

"""set_attribute: one attribute of a placement; never an event handler, style or anything else that acts."""

import re
from collections.abc import Iterator, Sequence

from config.errors import Problem
from config.settings import Experience, Settings
from decisions.decision import Choice
from transforms.complaints import did_you_mean, problem
from transforms.markup import attribute_problem, is_url_attribute
from transforms.message import (
    PERSONAL_FIELDS,
    Placeholder,
    filled,
    message_problems,
    missing,
    names_in,
    parse_message,
    profile_values,
)
from transforms.page import escape
from transforms.page.edits import Edit, SetAttribute
from transforms.targets import targets
from transforms.transform import Dependence, NotShown, PageInput

_NAME = re.compile(r"[a-z][a-z0-9-]*")


class AttributeValue:
    """`set_attribute = { name = "title", value = "Para ti, {first_name}" }`; a URL is http(s) or relative."""

    key = "set_attribute"
    keys = ("set_attribute",)

    def depends_on(self, experience: Experience, settings: Settings) -> Dependence:
        """The names in the value."""
        return names_in(_name_and_value(experience)[1])

    def claim(self, experience: Experience) -> str | None:
        """An attribute has one value."""
        return f"attribute {_name_and_value(experience)[0]}"

    def problems(self, experience: Experience, settings: Settings) -> Sequence[Problem]:
        """Attributes that act, URLs that are neither http(s) nor relative, unknown keys and placeholders."""
        return [
            problem(experience, settings, f"set_attribute{key}", message) for key, message in self._found(experience)
        ]

    def _found(self, experience: Experience) -> Iterator[tuple[str, str]]:
        table = experience.settings["set_attribute"]
        if not isinstance(table, dict):
            yield "", f'found {table!r}; a table such as {{ name = "title", value = "…" }} is expected'
            return
        for key in table:
            if key not in ("name", "value"):
                yield f".{key}", f"unknown key{did_you_mean(key, ('name', 'value'))}"
        name, value = table.get("name"), table.get("value")
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            yield ".name", f"found {name!r}; the name of an attribute in lower case is expected"
            return
        refused = attribute_problem(name)
        if refused is not None:
            yield ".name", refused
        if not isinstance(value, str):
            yield ".value", f"found {value!r}; a text is expected"
            return
        for message in message_problems(value, PERSONAL_FIELDS):
            yield ".value", message
        if is_url_attribute(name):
            if any(isinstance(piece, Placeholder) for piece in parse_message(value)):
                yield ".value", f"{name} is a URL: it holds no value of a visitor"
            elif escape.url(value) is None:
                yield ".value", f"found {value!r}; an http(s) or relative URL is expected"

    def edits(self, choice: Choice, given: PageInput) -> Sequence[Edit] | NotShown:
        """The attribute set; not shown when a value is missing."""
        name, message = _name_and_value(choice.experience)
        values = profile_values(given.profile)
        value = filled(message, values)
        if value is None:
            return NotShown("NOT_TARGETED", f"no value for {missing(message, values)}")
        return [SetAttribute(target, name, value) for target in targets(choice, given)]


def _name_and_value(experience: Experience) -> tuple[str, str]:
    table = experience.settings["set_attribute"]
    return (str(table.get("name")), str(table.get("value"))) if isinstance(table, dict) else ("", "")

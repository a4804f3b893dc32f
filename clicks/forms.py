"""Form posts: which are read at all, and of those only the allow-listed fields.

Invariant: a field that the platform's rule does not name is never returned, so a password or a card number cannot
reach a click through here; what is required (a password) is only ever looked at for being filled in.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes

from clicks.privacy import has_card_number
from clicks.rules import Form, rules_of
from clicks.targets import Target
from config.platform import FormRule, Platform

FORM_METHODS = frozenset(("POST", "PUT", "PATCH", "DELETE"))
MAX_FIELDS = 500
MAX_VALUE_LENGTH = 320
"""The longest e-mail address (RFC 5321 section 4.5.3.1); longer values are cut."""

_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_DISPOSITION_NAME = re.compile(rb'(?:^|[;\s])name="([^"]*)"', re.IGNORECASE)
_NUMBER = re.compile(r"(?<=\[)[0-9a-f-]{16,40}(?=\])|[0-9]+")
"""A number in a field's name; between brackets also one in hexadecimal, as a UUID is written."""
_REFERENCE = re.compile(r"&#(\d{2,7});")


@dataclass(frozen=True, slots=True)
class FormValues:
    """The allow-listed fields of a form by our names; `complete`: everything the rule requires was filled in.

    `fields` has one value a name (the last filled in, as PHP has it), `every` all values of names that came often.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    every: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    index: int | None = None
    """Which of the platform's rules it was read by (`Rules.forms`); None: the first of its name."""

    def get(self, name: str) -> str | None:
        """A field's value, or None when it is absent or empty."""
        return self.fields.get(name) or None


def forms_at(platform: Platform, method: str, target: Target) -> tuple[Form, ...]:
    """All forms that this request may be ("login", "register", "add_to_cart", …): its body is worth holding.

    None where nothing is read; `submitted_form` tells several of one URL apart by their fields. What changes or deletes
    something that is there can only be what takes it out of the cart.
    """
    if method not in FORM_METHODS:
        return ()
    rules = rules_of(platform)
    found = tuple(
        form for form in rules.forms if (method == "POST" or form.name == "remove_from_cart") and form.at.match(target)
    )
    return () if found and rules.private.match(target.text) else found


def submitted_form(
    platform: Platform, method: str, target: Target, content_type: str, body: bytes | None
) -> tuple[str, FormValues] | None:
    """The form that was really submitted: of those whose URL this is, the first that is complete, else the first.

    This is what belongs in `Exchange.form`. Without a body only a form of which nothing is read can be told.
    """
    pairs: list[tuple[str, str]] | None = None
    first: tuple[str, FormValues] | None = None
    for form in forms_at(platform, method, target):
        if not form.is_read:
            return form.name, FormValues(complete=True, index=form.index)
        if pairs is None:
            pairs = None if body is None else _pairs(content_type, body)
            if pairs is None:
                continue
        values = replace(_values(form.rule, pairs), index=form.index)
        if values.complete:
            return form.name, values
        first = first or (form.name, values)
    return first


def _values(rule: FormRule, pairs: list[tuple[str, str]]) -> FormValues:
    wanted = {theirs: ours for ours, names in rule.fields.items() for theirs in names}
    has_rows = any("*" in theirs for theirs in wanted)
    every: dict[str, list[str]] = {}
    for name, value in pairs:
        ours = wanted.get(name) or (wanted.get(any_number(name)) if has_rows else None)
        value = " ".join(value.split())[:MAX_VALUE_LENGTH] if ours else ""
        # A card number typed into a name field stays where it was typed.
        if ours and value and not has_card_number(value):
            every.setdefault(ours, []).append(value)
    required = set(rule.requires)
    if required:
        required -= {name for name, value in pairs if value.strip()}
    return FormValues(
        {name: values[-1] for name, values in every.items()},
        not required,
        {name: tuple(values) for name, values in every.items() if len(values) > 1},
    )


def any_number(name: str) -> str:
    """The field's name with "*" for each number in it: `items[14][qty]` is `items[*][qty]`."""
    return _NUMBER.sub("*", name)


def _pairs(content_type: str, body: bytes) -> list[tuple[str, str]] | None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type in ("application/x-www-form-urlencoded", ""):
        return _urlencoded(body)
    if media_type == "multipart/form-data":
        return _multipart(content_type, body)
    if media_type == "application/json" or media_type.endswith("+json"):
        return _json(body)
    return None


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    pairs = []
    for part in body.split(b"&", MAX_FIELDS)[:MAX_FIELDS]:
        name, _, value = part.partition(b"=")
        pairs.append((_unquote(name), _unquote(value)))
    return pairs


def _unquote(raw: bytes) -> str:
    data = raw.replace(b"+", b" ")
    return _text(unquote_to_bytes(data) if b"%" in data else data)


def _text(data: bytes) -> str:
    """Text in UTF-8 or a legacy page's windows-1252; what that lacked came as character references (WHATWG forms)."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("windows-1252", "replace")
    return _REFERENCE.sub(_character, text) if "&#" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1])
    return chr(code) if 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else match[0]


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]] | None:
    """Fields of a multipart body (RFC 7578); parts with a file name are passed over."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        return None
    delimiter = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    pairs = []
    for part in body.split(delimiter, MAX_FIELDS + 1)[1 : MAX_FIELDS + 1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        disposition = next((line for line in head.split(b"\r\n") if line[:20].lower() == b"content-disposition:"), b"")
        name = _DISPOSITION_NAME.search(disposition)
        if not separator or name is None or b"filename" in disposition.lower():
            continue
        pairs.append((_text(name[1]), _text(content.removesuffix(b"\r\n"))))
    return pairs


def _json(body: bytes) -> list[tuple[str, str]] | None:
    """Members of a JSON object; those of objects inside it under "outer.inner"."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    pairs: list[tuple[str, str]] = []
    for name, value in list(document.items())[:MAX_FIELDS]:
        if isinstance(value, dict):
            pairs.extend((f"{name}.{key}", str(inner)) for key, inner in value.items() if _is_plain(inner))
        elif _is_plain(value):
            pairs.append((name, str(value)))
    return pairs[:MAX_FIELDS]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)

"""Form posts: which are read at all, and of those only the allow-listed fields.

Invariant: a field that the platform's rule does not name is never returned, so a password or a card number cannot
reach a click through here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clicks.targets import Target
from config.platform import FormRule, Platform


@dataclass(frozen=True, slots=True)
class FormValues:
    """The allow-listed fields of a form by our names; `complete`: everything the rule requires was filled in."""

    fields: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False


def form_rule_for(platform: Platform, method: str, target: Target) -> tuple[str, FormRule] | None:
    """The form that this request submits ("login", "register", "add_to_cart", …): its body is worth holding.

    Several forms may share a URL; `submitted_form` tells them apart by their fields.
    """
    raise NotImplementedError


def read_form(rule: FormRule, content_type: str, body: bytes) -> FormValues | None:
    """One rule's fields of a urlencoded, multipart or JSON body; None when it is none of these."""
    raise NotImplementedError


def submitted_form(
    platform: Platform, method: str, target: Target, content_type: str, body: bytes
) -> tuple[str, FormValues] | None:
    """The form that was really submitted: of those whose URL this is, the first that is complete, else the first.

    This is what belongs in `Exchange.form`.
    """
    raise NotImplementedError

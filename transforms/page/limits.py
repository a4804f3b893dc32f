"""What the engine is told from outside: its limits, the key of a template, and how it says no.

Every cap is named here; a page beyond one goes out as it came.
"""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PageLimits:
    """Caps of the page engine; sizes in bytes, times in milliseconds of CPU.

    What is over `inline_compile_ms` by prediction, or `inline_html_bytes`, is work for a compile process.
    """

    max_html_bytes: int = 2 * 1024 * 1024
    max_depth: int = 512
    max_attributes: int = 500
    max_templates: int = 2000
    templates_per_key: int = 8
    max_template_bytes: int = 128 * 1024 * 1024
    max_form_bytes: int = 32 * 1024 * 1024
    """Of the structures of kinds of pages, each engine."""
    max_gaps: int = 4000
    max_gap_bytes: int = 4096
    inline_compile_ms: float = 15.0
    inline_html_bytes: int = 256 * 1024
    max_edits: int = 200
    max_payload_bytes: int = 256 * 1024
    gates_per_template: int = 256
    max_tags: int = 100_000
    max_formed_bytes: int = 64 * 1024
    """Larger bodies are matched with templates only, not with shapes: a first match would take too long."""
    max_formed_tags: int = 4000
    """As are bodies with more tags."""
    max_left_open: int = 16
    """Formatting elements without an end tag: a parser opens them all anew in each paragraph that follows."""


class TemplateKey(NamedTuple):
    """Which bodies are expected to look alike: one shop, one path (or page kind), signed in or not, one config.

    Pages of one `kind` are built alike whatever their paths; "" when that is not known.
    """

    host: str
    path: str
    signed_in: bool
    version: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A page the engine leaves alone: `reason` is counted (TOO_LARGE, ENCODING, ERROR, …), `detail` is logged."""

    reason: str
    detail: str

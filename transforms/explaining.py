"""Why a page looks as it does for a visitor: each placement's experiences with the values that decided."""

from dataclasses import dataclass

from config.platform import Platform
from config.settings import Settings
from transforms.personaliser import PageContext


@dataclass(frozen=True, slots=True)
class Explained:
    """One experience on one page. `inputs` are (condition, value found, whether it held)."""

    placement: str
    experience: str
    shown: bool
    reason: str
    inputs: tuple[tuple[str, str, bool], ...]
    detail: str = ""
    ms: float = 0.0


def explain(
    settings: Settings, platform: Platform, body: bytes, content_type: bytes | None, context: PageContext
) -> list[Explained]:
    """Every experience of the configuration, in its order, for this page and visitor; `ms` is the caller's to fill."""
    raise NotImplementedError

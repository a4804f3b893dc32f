"""Pictures of raw results, SVG or PNG by the file's name; the same results give the same bytes."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".svg", ".png")


def picture_file(name: str) -> Path:
    """What `--plot` takes."""
    path = Path(name)
    if path.suffix not in SUFFIXES:
        raise ArgumentTypeError(f"{name}: a picture is .svg or .png")
    return path


@contextmanager
def drawn(path: Path, width: float, height: float) -> "Iterator[Figure]":
    """A figure of so many inches to draw on, written to `path` at the end."""
    # Not at the top: measuring needs no matplotlib, and the suite is faster without it.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "vitrina", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.savefig(path, dpi=100, metadata={"Date": None} if path.suffix == ".svg" else {"Software": None})

"""Our own code raises: a transform, the decision, identity, the click's bytes. Every visitor gets an answer, nobody
hangs; where the page may go out as it came, it does, and the failure is counted and in the log."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.chaos.figures import answered, failures
from bench.chaos.records import Record
from bench.chaos.stage import Theatre
from storage.following import SpoolFollower

PLANTED = """
import importlib.abc, importlib.machinery, os, sys

module, _, name = os.environ["CHAOS_RAISES"].partition(":")


class Planting(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname, path, target=None):
        if fullname != module or "vitrina.processes dataplane" not in " ".join(sys.orig_argv):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        run = spec.loader.exec_module

        def planted(loaded):
            run(loaded)
            owner = loaded
            *classes, last = name.split(".")
            for part in classes:
                owner = getattr(owner, part)

            def raising(*args, **options):
                raise ZeroDivisionError("planted")

            setattr(owner, last, raising)

        spec.loader.exec_module = planted
        return spec


sys.meta_path.insert(0, Planting())
"""
"""A sitecustomize module (site(7) of Python): the worker's own code, with one function that raises."""


@dataclass(frozen=True, slots=True)
class Seam:
    """`is_original`: the page must go out as the shop sent it; else any answer will do, as long as there is one."""

    name: str
    where: str
    is_original: bool = True


SEAMS = (
    Seam("a transform", "transforms.builtin.text:MessageText.edits"),
    Seam("the decision", "decisions.deciding:Decider.decide"),
    Seam("the page engine", "transforms.opening:PageReader.open"),
    Seam("a profile that cannot be read", "visitors.wire:open_profile"),
    Seam("the click's bytes", "clicks.wire:encode_click", is_original=False),
    Seam("identity", "visitors.identity:identify", is_original=False),
)


async def run(theatre: Theatre) -> AsyncIterator[Record]:
    """A record per seam."""
    planted = theatre.folder / "planted"
    planted.mkdir()
    (planted / "sitecustomize.py").write_text(PLANTED)
    for seam in SEAMS[: theatre.scale.pick(len(SEAMS), 1)]:
        yield await _try(theatre, seam, planted)


async def _try(theatre: Theatre, seam: Seam, planted: Path) -> Record:
    root = Path(__file__).parents[3]
    environment = {"PYTHONPATH": f"{planted}:{root}", "CHAOS_RAISES": seam.where}
    async with theatre.stage(environment=environment, workers=1) as stage:
        async with stage.load("failing") as load:
            await load.some_more(theatre.scale.pick(150, 60))
        totals = stage.vitrina.totals()
        clicks = SpoolFollower(stage.vitrina.data / "spool", from_start=True).poll()
        said = stage.vitrina.log.read_text()
    kinds = Counter(answer.kind for answer in load.answers if answer.status == 200)
    other = [answer for answer in load.answers if answer.status != 200]
    hung = [answer for answer in other if answer.why == "TimeoutError"]
    reasons = {reason.code for click in clicks for reason in click.reasons}
    was_called = "ZeroDivisionError" in said or totals["fail_open"] > 0 or "ERROR" in reasons
    is_good = was_called and not kinds["wrong"] and not hung
    if seam.is_original:
        is_good = is_good and not other and not kinds["personalised"]
    else:
        is_good = is_good and len(other) == 0
    return Record(
        "failing-code",
        seam.name,
        is_good,
        "; ".join(failures(load)) or ("" if was_called else "it was never called"),
        {**answered(load), "original": kinds["original"], "personalised": kinds["personalised"], "hung": len(hung),
         "fail_open": totals["fail_open"], "clicks_lost": totals["clicks_lost"]},
    )  # fmt: skip

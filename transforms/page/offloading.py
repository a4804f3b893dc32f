"""Offloading: jobs of one engine that are too long for the event loop, under way and done.

Invariant: a job that fails costs what it was for, and nothing else: its page stays as it came, its edits stay unmade.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from transforms.page.charset import Encoding
from transforms.page.edits import Edit
from transforms.page.family import Family
from transforms.page.job import Compiler, Setup, proof_job, proven, survey_job, surveyed
from transforms.page.limits import Refusal
from transforms.page.template import Template

Learn = Callable[[Family], None]
BUSY = "the compile processes are busy"


class Offloading:
    """The jobs of an engine; at most one under way for each thing to be known."""

    __slots__ = ("_compiler", "_digest_key", "_pending", "_setup", "failed")

    def __init__(self, compiler: Compiler, setup: Setup) -> None:
        self._compiler = compiler
        self._setup = setup
        self._pending: set[Hashable] = set()
        # Python's own hash has a key that is drawn per process: one that nobody else can guess comes of it.
        self._digest_key = b"".join(hash(f"digest {number}").to_bytes(8, "big", signed=True) for number in range(4))
        self.failed = 0
        """Jobs whose process crashed, hung or ran out of memory."""

    def survey(
        self,
        what: Hashable,
        family: Family,
        body: bytes,
        encoding: Encoding,
        visitor: str | None,
        learn: Callable[[Callable[[], object]], None],
        *,
        is_private: bool,
    ) -> Refusal:
        """Have `body` surveyed; what comes of it is learnt inside of `learn`."""
        if what in self._pending:
            return Refusal("COMPILING", "a page like this is being compiled")
        if not family.is_worth_learning:
            return Refusal("OVER_BUDGET", f"{len(body)} bytes, and pages like this are never alike or never compile")
        known, offered = family.known(encoding, near=len(body))
        job = survey_job(self._setup, body, encoding, known, self._digest_key if is_private else None)

        def done(result: bytes | None) -> None:
            self._pending.discard(what)
            found = None
            if result is None:
                self.failed += 1
            else:
                found = surveyed(result)
            if found is None:
                family.fail()
            else:
                learn(partial(family.adopt, found, offered, body, encoding, visitor, is_private=is_private))

        if not self._compiler.compile(job, done):
            return Refusal("COMPILING", BUSY)
        self._pending.add(what)
        return Refusal("COMPILING", f"{len(body)} bytes go to a compile process first")

    def prove(
        self,
        body: bytes,
        encoding: Encoding,
        template: Template,
        shapes: tuple[tuple[str | int, ...], ...],
        edits: Sequence[Edit],
    ) -> str:
        """Have edits proven on `body`, which `template` matches; returns why they are not made now."""
        what = (id(template.verdicts), shapes)
        if what in self._pending:
            return "COMPILING"

        def done(result: bytes | None) -> None:
            self._pending.discard(what)
            found = None
            if result is None:
                self.failed += 1
            else:
                found = proven(result)
            is_told = found is not None and found[0] == shapes and len(found[1]) == len(shapes)
            template.verdicts.put(shapes, found[1] if found is not None and is_told else (False,) * len(shapes))

        if self._compiler.compile(proof_job(self._setup, body, encoding, edits), done):
            self._pending.add(what)
        return "COMPILING"

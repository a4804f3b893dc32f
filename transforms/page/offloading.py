"""Offloading: jobs of one engine that are too long for the event loop, under way and done.

Invariant: a job that fails costs what it was for, and nothing else: its page stays as it came, its edits stay unmade.
"""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

from transforms.page.candidate import process_key
from transforms.page.charset import Encoding
from transforms.page.edits import Edit
from transforms.page.family import Family
from transforms.page.forms import Forms
from transforms.page.job import Compiler, Setup, lesson_job, proof_job, proven, survey_job, surveyed, taught
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
        self._digest_key = process_key()
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

    def teach(
        self,
        what: Hashable,
        forms: Forms,
        body: bytes,
        visitor: str | None,
        learn: Callable[[Callable[[], bool]], bool],
        *,
        is_again: bool = False,
    ) -> None:
        """Have the structure of `body` learnt inside of `learn`; once more when others had shown what varies on it."""
        if what in self._pending:
            return

        def done(result: bytes | None) -> None:
            self._pending.discard(what)
            if result is None:
                self.failed += 1
                forms.fail()
            elif learn(partial(forms.adopt, taught(result), body, visitor)) and not is_again:
                self.teach(what, forms, body, visitor, learn, is_again=True)

        if self._compiler.compile(lesson_job(self._setup, body, forms.first, forms.varying, self._digest_key), done):
            self._pending.add(what)

    def prove(
        self,
        body: bytes,
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

        if self._compiler.compile(proof_job(self._setup, body, edits), done):
            self._pending.add(what)
        return "COMPILING"

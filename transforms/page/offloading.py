"""Offloading: jobs of one engine that are too long for the event loop, under way and done.

Invariant: a job that fails costs what it was for, and nothing else: its page stays as it came, its edits stay unmade.
"""

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import NamedTuple

from transforms.page.candidate import process_key
from transforms.page.charset import Encoding
from transforms.page.edits import Edit
from transforms.page.family import Family
from transforms.page.forms import Forms
from transforms.page.job import Compiler, Setup, lesson_job, proof_job, proven, survey_job, surveyed, taught
from transforms.page.limits import Refusal
from transforms.page.passing import Passing
from transforms.page.template import Template

_WAITING = 8
"""Bodies of one kind that wait for the lesson before theirs; the oldest gives way."""

BUSY = "the compile processes are busy"


class Lesson(NamedTuple):
    """A body whose structure is to be learnt by `forms`; `learn` does what it is given unless they were forgotten."""

    forms: Forms
    body: bytes
    visitor: str | None
    learn: Callable[[Callable[[], None]], None]


class Offloading:
    """The jobs of an engine; at most one under way for each thing to be known."""

    __slots__ = ("_compiler", "_digest_key", "_pending", "_setup", "_waiting", "failed")

    def __init__(self, compiler: Compiler, setup: Setup) -> None:
        self._compiler = compiler
        self._setup = setup
        self._pending: set[Hashable] = set()
        self._waiting: dict[Hashable, deque[Lesson]] = {}
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

    def teach(self, what: Hashable, lesson: Lesson) -> None:
        """Have the structure of a body learnt, after those of its kind that came before."""
        if what in self._pending:
            self._waiting.setdefault(what, deque(maxlen=_WAITING)).append(lesson)
        elif lesson.forms.is_worth_learning:
            self._send(what, lesson)

    def _send(self, what: Hashable, lesson: Lesson) -> None:
        forms, body = lesson.forms, lesson.body

        def done(result: bytes | None) -> None:
            self._pending.discard(what)
            waiting = self._waiting.pop(what, deque())
            try:
                if result is None:
                    self.failed += 1
                    forms.fail()
                else:
                    lesson.learn(partial(forms.adopt, taught(result), body, lesson.visitor))
            finally:
                while waiting and what not in self._pending:
                    following = waiting.popleft()
                    if following.forms.match(following.body) is None:
                        self.teach(what, following)
                if waiting:
                    self._waiting[what] = waiting

        if self._compiler.compile(lesson_job(self._setup, body, forms.first, forms.seen, self._digest_key), done):
            self._pending.add(what)

    def prove(
        self,
        body: bytes,
        template: Template | Passing,
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

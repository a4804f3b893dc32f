"""A pytest plugin that runs, per mutant, the tests of its function in a fork of the process that collected them.

Nothing is tested before a fork, so that no cache filled by the code as it is hides a mutant from its tests.
"""

import gc
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TextIO

import pytest
from _pytest.runner import runtestprotocol

KILLED, SURVIVED, TIMEOUT, NO_TESTS = "killed", "survived", "timeout", "no tests"
BUDGET_S = 2.5
"""Seconds of CPU of tests per mutant. Hundreds of tests run through the core's functions; the nearest of them run, so
that the score is rather too low than too high."""
MIN_CPU_S = 10
CPU_FACTOR = 10
"""A fork gets at least `MIN_CPU_S` seconds of CPU, and so many times what its tests take without a mutant."""
MAX_WALL_S = 300


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutant by mutmut's name, the hash of the function it is of, and its tests, the nearest first."""

    name: str
    hash: str
    tests: tuple[str, ...]
    tests_s: float


@dataclass(frozen=True, slots=True)
class Reached:
    """The tests that run through each function, and how many seconds of CPU each takes."""

    of: Mapping[str, Sequence[str]]
    seconds: Mapping[str, float]


def mutants(place: Path, tests: Reached, commit: str) -> Sequence[Mutant]:
    """All mutants that mutmut made in the directory `place`, in an order that is the same for any start at `commit`.

    It is as good as drawn, so that a run that is stopped has tried a fair sample. Another commit draws anew: else each
    would begin with what survived the last one.
    """
    tests_of, durations = tests.of, tests.seconds
    reach = Counter(test for tests in tests_of.values() for test in tests)
    found = []
    for path in sorted(place.glob("transforms/**/*.meta")):
        meta = json.loads(path.read_text())
        nearest: dict[str, tuple[tuple[str, ...], float]] = {}
        for name in meta["exit_code_by_key"]:
            function = name.rpartition("__mutmut_")[0]
            if function not in nearest:
                nearest[function] = _nearest(tests_of.get(function, ()), reach, durations)
            names, took = nearest[function]
            found.append(Mutant(name, meta["hash_by_function_name"][function.rpartition(".")[2]], names, took))
    return sorted(found, key=lambda mutant: blake2b(f"{commit} {mutant.name}".encode()).digest())


def _nearest(
    tests: Iterable[str], reach: Mapping[str, int], durations: Mapping[str, float]
) -> tuple[tuple[str, ...], float]:
    """Those of `tests` that reach the fewest functions besides, within the budget, and how long they take."""
    kept, took = [], 0.0
    for test in sorted(tests, key=lambda test: (reach[test], durations.get(test, 0.0), test)):
        needed = durations.get(test, 0.0)
        if took + needed <= BUDGET_S:
            kept.append(test)
            took += needed
    return tuple(kept), took


class Forks:
    """The plugin: instead of running what was collected, runs what each mutant's tests are."""

    def __init__(
        self, choose: Callable[[Reached], Sequence[Mutant]], results: Path, commit: str, children: int
    ) -> None:
        """`choose` says, knowing the tests of each function, which mutants are run."""
        self._choose = choose
        self._results = results
        self._commit = commit
        self._children = children
        self._running: dict[int, tuple[Mutant, float]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """A test that fails is the end of its fork; nobody reads how it failed, which takes long to write."""
        if call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception):
            os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run every mutant; pytest's own loop does not run."""
        if session.testsfailed:
            raise session.Interrupted("the tests could not be collected")
        gc.freeze()  # or each fork's first collection copies all that was loaded
        items = {item.nodeid: item for item in session.items}
        todo = self._choose(_tests_of_functions(session.items))
        with self._results.open("a") as out:
            for number, mutant in enumerate(todo):
                tests = [items[test] for test in mutant.tests if test in items]
                if not tests:
                    self._write(out, mutant, NO_TESTS, 0.0)
                    continue
                while len(self._running) >= self._children:
                    self._reap(out)
                self._fork(mutant, tests)
                if number % 100 == 0:
                    print(f"{number} of {len(todo)}", file=sys.__stderr__, flush=True)
            while self._running:
                self._reap(out)
        return True

    def _fork(self, mutant: Mutant, tests: Sequence[pytest.Item]) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = mutant, time.monotonic()
            return
        code = 2
        try:
            limit = int(MIN_CPU_S + CPU_FACTOR * mutant.tests_s)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 2))
            code = _run(mutant.name, tests)
        finally:
            os._exit(code)

    def _reap(self, out: TextIO) -> None:
        """Wait for one fork to end; end those that take far too long."""
        while True:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if pid in self._running:
                mutant, _ = self._running.pop(pid)
                ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
                if ended_by in (signal.SIGXCPU, signal.SIGKILL):
                    found = TIMEOUT
                else:
                    found = SURVIVED if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 else KILLED
                self._write(out, mutant, found, usage.ru_utime + usage.ru_stime)
                return
            for late, (_, since) in self._running.items():
                if time.monotonic() - since > MAX_WALL_S:
                    os.kill(late, signal.SIGKILL)
            time.sleep(0.005)

    def _write(self, out: TextIO, mutant: Mutant, status: str, seconds: float) -> None:
        row = {"name": mutant.name, "hash": mutant.hash, "status": status, "s": round(seconds, 2)}
        print(json.dumps({**row, "commit": self._commit}), file=out, flush=True)


def _tests_of_functions(items: Sequence[pytest.Item]) -> Reached:
    """Run all tests once, in a fork too, and see which functions they run through."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = 2
        try:
            with open(writer, "w") as out:
                json.dump(_recorded(items), out)
            code = 0
        finally:
            os._exit(code)
    os.close(writer)
    with open(reader) as told:
        raw = told.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise RuntimeError("a test fails without any mutant")
    of, seconds = json.loads(raw)
    return Reached(of, seconds)


def _recorded(items: Sequence[pytest.Item]) -> tuple[dict[str, list[str]], dict[str, float]]:
    from mutmut.mutation import trampoline

    hits: set[str] = set()
    of: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    trampoline.set_mutant_under_test("stats")
    trampoline.get_mutant_under_test = lambda: "stats"
    trampoline.record_trampoline_hit = lambda name, caller=None: hits.add(name)
    for number, item in enumerate(items):
        hits.clear()
        _forget_what_is_memoised()
        since = time.process_time()
        runtestprotocol(item, log=False, nextitem=items[number + 1] if number + 1 < len(items) else None)
        seconds[item.nodeid] = round(time.process_time() - since, 4)
        for name in hits:
            of.setdefault(name, []).append(item.nodeid)
    return of, seconds


def _forget_what_is_memoised() -> None:
    """So that a test is seen to run through functions whose results another test had worked out."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "transforms":
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


def _run(name: str, tests: Sequence[pytest.Item]) -> int:
    """In the fork: 0 when every test passes with the mutant; it ends at the first that does not."""
    from mutmut.mutation import trampoline

    trampoline.set_mutant_under_test(name)
    trampoline.get_mutant_under_test = lambda: name
    for number, item in enumerate(tests):
        following = tests[number + 1] if number + 1 < len(tests) else None
        runtestprotocol(item, log=False, nextitem=following)
    return 0

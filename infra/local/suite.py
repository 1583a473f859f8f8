"""Runs the parts of a test suite, in parallel where their dependencies permit, with each output line prefixed by the part's name."""

import os
import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.local import slowest
from infra.local.tasks import NotRun, Task, run_all
from infra.root import ROOT

LAST_LINES = 10
"""Lines of a failed command to repeat at the end, since often only the end of a long log is kept."""
REPORTS = ROOT / "target/test-reports"
"""The folder of the runners' JUnit reports."""


class PartFailed(Exception):
    """The short reason why a part failed."""


@dataclass
class Part:
    """Some tests, or set-up for others. It starts after the parts in `needs` succeeded and those in `after` ended; parts with the same
    `lane` run one at a time."""

    name: str
    work: Callable[["Output"], None]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lane: str | None = None


@dataclass
class Outcome:
    seconds: float = 0.0
    failure: str | None = None
    not_run: bool = False


class Output:
    """A part's output and test reports."""

    _lock = threading.Lock()

    def __init__(self, name: str):
        self.name = name
        self.reports: list[Path] = []
        self._running: subprocess.Popen | None = None

    def stop(self) -> None:
        """Terminates the running command, if any."""
        if self._running:
            self._running.terminate()

    def line(self, text: str) -> None:
        with self._lock:
            print(f"{self.name:>9} │ {text}", flush=True)

    def report(self) -> Path:
        """The path of a new report."""
        REPORTS.mkdir(parents=True, exist_ok=True)
        path = REPORTS / f"{self.name}-{len(self.reports) + 1}.xml"
        path.unlink(missing_ok=True)
        self.reports.append(path)
        return path

    def run(self, *command: str, folder: str = ".", forbidden: re.Pattern | None = None, **environment: str) -> None:
        """Runs a command and prints its lines as they come.

        # Errors
        `PartFailed` if its exit code is not 0, or a line matches `forbidden`.
        """
        wrong = []
        last: deque[str] = deque(maxlen=LAST_LINES)
        with subprocess.Popen(
            command, cwd=ROOT / folder, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process:
            self._running = process
            try:
                for line in process.stdout:
                    if line.strip():
                        self.line(line.rstrip())
                        last.append(f"    {line.rstrip()}")
                        if forbidden and forbidden.search(line):
                            wrong.append(line.strip())
            finally:
                self._running = None
        if process.returncode:
            raise PartFailed("\n".join([f"{' '.join(command)} exited with {process.returncode}", *last]))
        if wrong:
            raise PartFailed("\n    ".join([f"{' '.join(command)} printed:", *wrong]))


def chosen(parts: list[Part], names: list[str]) -> list[Part]:
    """The named parts with their dependencies, in order; all parts without names."""
    known = {part.name: part for part in parts}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"Unknown part: {', '.join(unknown)}. Known: {', '.join(known)}")
    wanted, waiting = set(), list(names) or list(known)
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += known[name].needs
    return [part for part in parts if part.name in wanted]


def run_parts(parts: list[Part], failures: tuple[type[Exception], ...] = ()) -> bool:
    """Runs the parts and prints their times; returns whether all succeeded. `failures` are exceptions to report without their type."""
    began = time.monotonic()
    outcomes = {part.name: Outcome() for part in parts}
    outputs = {part.name: Output(part.name) for part in parts}
    lanes = {part.lane: threading.Lock() for part in parts if part.lane}

    def work(part: Part) -> None:
        outcome, lane = outcomes[part.name], lanes.get(part.lane, threading.Lock())
        with lane:
            start = time.monotonic()
            outputs[part.name].line("started")
            try:
                part.work(outputs[part.name])
            except (PartFailed, *failures) as error:
                outcome.failure = str(error)
                raise
            except BaseException as error:
                outcome.failure = f"{type(error).__name__}: {error}"
                raise
            finally:
                outcome.seconds = time.monotonic() - start
                outputs[part.name].line(f"{'FAILED' if outcome.failure else 'done'} after {outcome.seconds:.1f} s")

    tasks = [Task(part.name, lambda part=part: work(part), part.needs, part.after) for part in parts]
    try:
        errors = run_all(tasks)
    except BaseException:
        for output in outputs.values():
            output.stop()
        raise
    for name, error in errors.items():
        if isinstance(error, NotRun):
            outcomes[name].not_run, outcomes[name].failure = True, str(error)
    print_table(outcomes, outputs, time.monotonic() - began)
    return not any(outcome.failure for outcome in outcomes.values())


def print_table(outcomes: dict[str, Outcome], outputs: dict[str, Output], seconds: float) -> None:
    """Prints each suite's slowest tests, each part's time, and finally the failures."""
    for name, output in outputs.items():
        tests = slowest.slowest(output.reports)
        if tests:
            print(f"\n  {name}: the slowest tests")
            print("\n".join(f"  {test.seconds:8.1f} s  {test.name}" for test in tests))
    print()
    for name, outcome in outcomes.items():
        state = "not run" if outcome.not_run else "FAILED" if outcome.failure else "ok"
        print(f"  {name:<12}{state:<8}{outcome.seconds:8.1f} s")
    failed = {name: outcome for name, outcome in outcomes.items() if outcome.failure}
    print(f"  {'all':<12}{'FAILED' if failed else 'ok':<8}{seconds:8.1f} s")
    for name, outcome in failed.items():
        print(f"\n  {name}: {outcome.failure}")
    sys.stdout.flush()

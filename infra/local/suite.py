"""Runs the parts of a test suite: as many at once as do not need one another, each line of output behind its part's name."""

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
"""What is said once more at the end of a failed command: the end of a long log is often all that is kept of it."""
REPORTS = ROOT / "target/test-reports"
"""Where the runners write which test took how long."""


class PartFailed(Exception):
    """A part that did not succeed, in a few words."""


@dataclass
class Part:
    """Some tests, or what others need. `needs` names parts that must have succeeded, `after` those that must have ended; parts with the
    same `lane` never run at once."""

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
    """Where a part's commands write, and the reports on its tests."""

    _lock = threading.Lock()

    def __init__(self, name: str):
        self.name = name
        self.reports: list[Path] = []
        self._running: subprocess.Popen | None = None

    def stop(self) -> None:
        """Ends the command that runs, if one does."""
        if self._running:
            self._running.terminate()

    def line(self, text: str) -> None:
        with self._lock:
            print(f"{self.name:>9} │ {text}", flush=True)

    def report(self) -> Path:
        """A new file for a runner's report."""
        REPORTS.mkdir(parents=True, exist_ok=True)
        path = REPORTS / f"{self.name}-{len(self.reports) + 1}.xml"
        path.unlink(missing_ok=True)
        self.reports.append(path)
        return path

    def run(self, *command: str, folder: str = ".", refused: re.Pattern | None = None, **environment: str) -> None:
        """Runs a command; each of its lines is printed as it comes.

        # Errors
        `PartFailed` when it leaves with anything but 0, or one of its lines is `refused`.
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
                        if refused and refused.search(line):
                            wrong.append(line.strip())
            finally:
                self._running = None
        if process.returncode:
            raise PartFailed("\n".join([f"{' '.join(command)} left with {process.returncode}", *last]))
        if wrong:
            raise PartFailed("\n    ".join([f"{' '.join(command)} said:", *wrong]))


def chosen(parts: list[Part], names: list[str]) -> list[Part]:
    """The parts of these names with what they need, in their order; all without a name."""
    known = {part.name: part for part in parts}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"No part {', '.join(unknown)}; there are {', '.join(known)}")
    wanted, waiting = set(), list(names) or list(known)
    while waiting:
        name = waiting.pop()
        wanted.add(name)
        waiting += known[name].needs
    return [part for part in parts if part.name in wanted]


def run_parts(parts: list[Part], failures: tuple[type[Exception], ...] = ()) -> bool:
    """Runs them, prints the table of times, and answers whether all succeeded. `failures` are exceptions that say enough by their text."""
    began = time.monotonic()
    outcomes = {part.name: Outcome() for part in parts}
    outputs = {part.name: Output(part.name) for part in parts}
    lanes = {part.lane: threading.Lock() for part in parts if part.lane}

    def work(part: Part) -> None:
        outcome, lane = outcomes[part.name], lanes.get(part.lane, threading.Lock())
        with lane:
            start = time.monotonic()
            outputs[part.name].line("begins")
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
    """Each part's time, the slowest tests of each suite, and last what failed."""
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

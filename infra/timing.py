"""Prints steps, their progress and durations."""

import sys
import threading
import time
from contextlib import contextmanager

from infra.cache import Durations

LONG_SECONDS = 10
"""Steps that usually take longer print their usual duration when they start."""
STATUS_SECONDS = 30
"""How often the status of running steps is printed if the output is not a terminal."""


def format_duration(seconds: float) -> str:
    """For example `8.2 s` or `3 min 20 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02} s"


class Running:
    """A running step, whose body may set its progress and outcome."""

    def __init__(self, name: str, usual: float | None):
        self.name = name
        self.usual = usual
        self.began = time.monotonic()
        self.progress = ""
        self.outcome: list[str] = []

    def append(self, word: str) -> None:
        """Adds a word to the outcome."""
        self.outcome.append(word)

    def status(self) -> str:
        taken = format_duration(time.monotonic() - self.began)
        usual = f" of about {format_duration(self.usual)}" if self.usual and self.usual > LONG_SECONDS else ""
        return f"{self.name}: {taken}{usual}{f', {self.progress}' if self.progress else ''}"


class StepReporter:
    """Prints steps when they end, and the status of running ones; a terminal shows the status in its last line."""

    def __init__(self, stream=sys.stdout, durations: Durations | None = None):
        self._stream = stream
        self._live = stream.isatty()
        self._durations = durations or Durations()
        self._lock = threading.Lock()
        self._running: list[Running] = []
        self._reported = time.monotonic()
        self._ticker: threading.Thread | None = None

    @contextmanager
    def step(self, name: str, usual: float | None = None, alone: bool = True):
        """Runs its body as a step. `usual` is its expected duration in seconds, used until it has been measured.

        A step that is not `alone` on the terminal prints only one line, at its end.
        """
        running = Running(name, self._durations.read().get(name, usual))
        if alone:
            self._begin(running)
        try:
            yield running
        except BaseException:
            self._end(running, "failed")
            raise
        seconds = time.monotonic() - running.began
        self._durations.write(name, seconds)
        self._end(running, f"{' '.join(running.outcome):<14}{seconds:7.1f} s")

    def _begin(self, running: Running) -> None:
        with self._lock:
            self._running.append(running)
            if not self._live and running.usual and running.usual > LONG_SECONDS:
                self._line(f"  {running.name} …  usually {format_duration(running.usual)}")
            if self._ticker is None:
                self._reported = time.monotonic()
                self._ticker = threading.Thread(target=self._tick, daemon=True)
                self._ticker.start()

    def _end(self, running: Running, outcome: str) -> None:
        with self._lock:
            if running in self._running:
                self._running.remove(running)
            self._line(f"  {running.name:<44}{outcome}")

    def _tick(self) -> None:
        while True:
            time.sleep(1)
            with self._lock:
                if not self._running:
                    self._ticker = None
                    return
                status = " · ".join(running.status() for running in self._running)
                if self._live:
                    self._stream.write(f"\r\x1b[K  {status}"[:200])
                    self._stream.flush()
                elif time.monotonic() - self._reported >= STATUS_SECONDS:
                    self._reported = time.monotonic()
                    self._line(f"    {status}")

    def _line(self, text: str) -> None:
        self._stream.write(f"\r\x1b[K{text}\n" if self._live else f"{text}\n")
        self._stream.flush()


step = StepReporter().step


def fail(message: str) -> int:
    """Prints an error; returns the exit code."""
    print(message, file=sys.stderr)
    return 1

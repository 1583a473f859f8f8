"""Says what is being done, and how long it took."""

import sys
import time
from contextlib import contextmanager


@contextmanager
def step(name: str, alone: bool = True):
    """Prints the name and, at the end, the seconds; the body may put a word on the outcome into the list it gets.

    A step that is not `alone` on the terminal prints its line at the end.
    """
    outcome: list[str] = []
    began = time.monotonic()
    title = f"  {name:<44}"
    if alone:
        print(title, end="", flush=True)
    try:
        yield outcome
    except BaseException:
        print("failed" if alone else f"{title}failed", flush=True)
        raise
    print(f"{'' if alone else title}{' '.join(outcome):<14}{time.monotonic() - began:7.1f} s", flush=True)


def fail(message: str) -> int:
    """Prints why nothing came of it; answers with the code to leave with."""
    print(message, file=sys.stderr)
    return 1

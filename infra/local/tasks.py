"""Runs tasks side by side, each once those that it needs are done."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Task:
    """A piece of work; it raises when it fails. `needs` names tasks that succeed before, as far as they are run at all; `after` those
    that end before, however."""

    name: str
    work: Callable[[], None]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    _over: threading.Event = field(default_factory=threading.Event)
    _error: Exception | None = None


class NotRun(Exception):
    """A task that was not begun, as one that it needs failed."""


def run_all(tasks: list[Task], on_error: Callable[[str, Exception], object] = lambda name, error: None) -> dict[str, Exception]:
    """Runs all of them; answers what went wrong, by task, in their order. `on_error` is told at once, as others may go on for long."""
    known = {task.name: task for task in tasks}

    def one(task: Task) -> None:
        try:
            for name in task.after:
                if name in known:
                    known[name]._over.wait()
            for need in (known[name] for name in task.needs if name in known):
                need._over.wait()
                if need._error:
                    raise NotRun(f"{need.name} failed")
            task.work()
        except Exception as error:
            task._error = error
            on_error(task.name, error)
        finally:
            task._over.set()

    threads = [threading.Thread(target=one, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        # In short waits: Ctrl-C is heard between them.
        while thread.is_alive():
            thread.join(0.2)
    return {task.name: task._error for task in tasks if task._error}

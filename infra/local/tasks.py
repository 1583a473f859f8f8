"""Runs tasks in parallel, each after its dependencies."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Task:
    """Work that raises if it fails. It starts after the tasks in `needs` succeeded and those in `after` ended, as far as they are run."""

    name: str
    work: Callable[[], None]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    _ended: threading.Event = field(default_factory=threading.Event)
    _error: Exception | None = None


class NotRun(Exception):
    """A task that was not started because one in its `needs` failed."""


def run_all(tasks: list[Task], on_error: Callable[[str, Exception], object] = lambda name, error: None) -> dict[str, Exception]:
    """Runs all tasks; returns the errors by task name, in order. `on_error` is called immediately, as other tasks may run on for long."""
    known = {task.name: task for task in tasks}

    def run(task: Task) -> None:
        try:
            for name in task.after:
                if name in known:
                    known[name]._ended.wait()
            for need in (known[name] for name in task.needs if name in known):
                need._ended.wait()
                if need._error:
                    raise NotRun(f"{need.name} failed")
            task.work()
        except Exception as error:
            task._error = error
            on_error(task.name, error)
        finally:
            task._ended.set()

    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        # A join without a timeout would block Ctrl-C.
        while thread.is_alive():
            thread.join(0.2)
    return {task.name: task._error for task in tasks if task._error}

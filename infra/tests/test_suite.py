"""The runner of test parts and set-up tasks: order, failures, times."""

import io
import re
import tempfile
import threading
import unittest
import unittest.mock
from contextlib import redirect_stdout
from pathlib import Path

from infra.cache import Durations, folder
from infra.local.slowest import slowest
from infra.local.suite import Output, Part, PartFailed, chosen, run_parts
from infra.local.tasks import NotRun, Task, run_all
from infra.timing import StepReporter


class Tasks(unittest.TestCase):
    def test_independent_tasks_run_in_parallel_before_dependent_ones(self):
        order, met = [], threading.Barrier(2, timeout=10)
        tasks = [
            Task("last", lambda: order.append("last"), ("one", "other")),
            # Each waits for the other: in sequence they would deadlock.
            Task("one", lambda: (met.wait(), order.append("one"))),
            Task("other", lambda: (met.wait(), order.append("other"))),
        ]
        self.assertEqual(run_all(tasks), {})
        self.assertEqual((sorted(order[:2]), order[2]), (["one", "other"], "last"))

    def test_dependents_of_a_failed_task_are_not_run(self):
        done, failed = [], []

        def fail():
            raise ValueError("broken")

        tasks = [Task("a", fail), Task("b", lambda: done.append("b"), ("a",)), Task("c", lambda: done.append("c"), ("b",)), Task("d", lambda: done.append("d"))]
        errors = run_all(tasks, lambda name, error: failed.append(name))
        self.assertEqual({name: type(error) for name, error in errors.items()}, {"a": ValueError, "b": NotRun, "c": NotRun})
        self.assertEqual((done, sorted(failed)), (["d"], ["a", "b", "c"]))

    def test_after_does_not_require_success(self):
        done = []

        def fail():
            done.append("a")
            raise ValueError("broken")

        self.assertEqual(list(run_all([Task("b", lambda: done.append("b"), after=("a",)), Task("a", fail)])), ["a"])
        self.assertEqual(done, ["a", "b"])

    def test_a_dependency_that_is_not_in_the_run_is_ignored(self):
        self.assertEqual(run_all([Task("a", lambda: None, ("elsewhere",))]), {})


class Parts(unittest.TestCase):
    def run_and_read(self, *parts: Part) -> tuple[bool, str]:
        printed = io.StringIO()
        with redirect_stdout(printed):
            good = run_parts(list(parts))
        return good, printed.getvalue()

    def test_parts_of_a_lane_run_one_at_a_time(self):
        running, most = [0], [0]
        lock = threading.Lock()

        def work(output: Output) -> None:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            threading.Event().wait(0.05)
            with lock:
                running[0] -= 1

        good, _ = self.run_and_read(*(Part(name, work, lane="cargo") for name in "abc"))
        self.assertEqual((good, most[0]), (True, 1))

    def test_the_table_shows_failed_and_skipped_parts(self):
        def fail(output: Output) -> None:
            raise PartFailed("three tests are red")

        good, printed = self.run_and_read(Part("a", fail), Part("b", lambda output: None, ("a",)), Part("c", lambda output: None))
        self.assertFalse(good)
        for line in (r"a +FAILED +\d", r"b +not run", r"c +ok +\d", r"all +FAILED +\d", "a: three tests are red"):
            self.assertRegex(printed, line)

    def test_a_command_that_fails_or_prints_a_forbidden_line_fails_its_part(self):
        with redirect_stdout(io.StringIO()):
            with self.assertRaisesRegex(PartFailed, "exited with 3(?s:.*)the end"):
                Output("a").run("sh", "-c", "echo the end; exit 3")
            with self.assertRaisesRegex(PartFailed, "printed:\n.*generated 2 warnings"):
                Output("a").run("echo", "warning: `app` (lib) generated 2 warnings", forbidden=re.compile("generated"))

    def test_chosen_parts_include_their_dependencies(self):
        parts = [Part("a", lambda output: None), Part("b", lambda output: None, ("a",)), Part("c", lambda output: None)]
        self.assertEqual([part.name for part in chosen(parts, ["b"])], ["a", "b"])
        self.assertEqual(len(chosen(parts, [])), 3)
        with self.assertRaises(SystemExit):
            chosen(parts, ["d"])


class Times(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_the_ten_slowest_of_all_reports(self):
        cases = "".join(f'<testcase classname="c" name="n{number}" time="{number}.5"/>' for number in range(12))
        (self.folder / "1.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
        (self.folder / "2.xml").write_text('<testsuites><testcase name="alone" time="99"/></testsuites>')
        (self.folder / "3.xml").write_text("<testsuites>")
        found = slowest([self.folder / name for name in ("1.xml", "2.xml", "3.xml", "4.xml")])
        self.assertEqual((len(found), found[0].name, found[0].seconds, found[1].name), (10, "alone", 99.0, "c n11"))

    def test_durations_are_stored_and_a_damaged_file_is_empty(self):
        path = self.folder / "deep/durations.json"
        Durations(path).write("a", 1.25)
        Durations(path).write("b", 61)
        self.assertEqual(Durations(path).read(), {"a": 1.2, "b": 61.0})
        path.write_text("[")
        self.assertEqual(Durations(path).read(), {})

    def test_only_a_long_step_prints_its_usual_duration(self):
        durations, output = Durations(self.folder / "durations.json"), io.StringIO()
        durations.write("long", 200)
        reporter = StepReporter(output, durations)
        with reporter.step("long", usual=20) as running:
            running.append("3 of 4")
        with reporter.step("short", usual=2):
            pass
        self.assertRegex(output.getvalue(), r"^  long …  usually 3 min 20 s\n  long +3 of 4 +0\.\d s\n  short +0\.\d s\n$")
        self.assertLess(durations.read()["long"], 1)

    def test_a_failed_step_is_reported_and_not_measured(self):
        durations, output = Durations(self.folder / "durations.json"), io.StringIO()
        with self.assertRaises(ValueError), StepReporter(output, durations).step("a"):
            raise ValueError
        self.assertRegex(output.getvalue(), "a +failed")
        self.assertEqual(durations.read(), {})


class Cache(unittest.TestCase):
    def test_it_follows_the_xdg_specification(self):
        for base, expected in [("/elsewhere", Path("/elsewhere/shoebox")), ("", Path.home() / ".cache/shoebox"), ("relative", Path.home() / ".cache/shoebox")]:
            with self.subTest(base), unittest.mock.patch.dict("os.environ", {"XDG_CACHE_HOME": base}):
                self.assertEqual(folder(), expected)


if __name__ == "__main__":
    unittest.main()

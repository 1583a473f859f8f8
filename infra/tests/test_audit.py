"""What is asked of dependencies, by the copies of the databases, and what is accepted."""

import io
import re
import subprocess
import tempfile
import tomllib
import unittest
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from unittest.mock import Mock, patch

from infra.local import advisories, audit
from infra.local.advisories import Advisory
from infra.root import ROOT

DENY = tomllib.loads((ROOT / "deny.toml").read_text())
DATED = re.compile(r"(\d{4}-\d\d-\d\d): \S.{20,}")


class Exceptions(unittest.TestCase):
    def test_each_has_a_date_and_a_reason(self):
        crates = [each.get("reason", "") for each in [*DENY["advisories"]["ignore"], *DENY["bans"]["deny"], *DENY["licenses"].get("exceptions", [])]]
        for reason in crates:
            self.assertRegex(reason, DATED)
            self.assertLessEqual(date.fromisoformat(DATED.match(reason)[1]), date.today())
        for each in audit.exceptions():
            self.assertIsInstance(each["date"], date)
            self.assertTrue(each["id"] and each["package"] and len(each["reason"]) > 20, each)

    def test_one_is_for_one_package_alone(self):
        found = [Advisory("A-1", "one", "1.0"), Advisory("A-1", "other", "1.0"), Advisory("A-2", "one", "1.0")]
        self.assertEqual(audit.accepted(found, [{"id": "A-1", "package": "one"}]), (found[:1], found[1:]))


class Crates(unittest.TestCase):
    def test_one_that_is_no_longer_maintained_is_refused_unless_it_is_accepted(self):
        configuration = audit.CONFIGURATION.read_text()
        with tempfile.TemporaryDirectory() as folder, patch.object(audit, "FOLDER", Path(folder)):
            accepted = audit.by_copy(Path(folder, "known"), configuration)
            self.assertEqual(accepted.returncode, 0, accepted.stdout)
            self.assertEqual(audit.told(accepted.stdout), [])
            refused = audit.by_copy(Path(folder, "strict"), re.sub(r"(?s)\nignore = \[.*?\n\]", "", configuration))
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(("RUSTSEC-2024-0436", "paste"), [(one.id, one.package) for one in audit.told(refused.stdout)])

    def test_what_the_registry_withdraws_is_a_warning(self):
        self.assertEqual(DENY["advisories"]["yanked"], "warn")


class Databases(unittest.TestCase):
    """What they say decides nothing: what is right today must not fail tomorrow."""

    known, new = Advisory("A-1", "one", "1.0"), Advisory("A-2", "one", "1.0")

    def audit(self, ask, *in_copies: Advisory) -> tuple[int, str]:
        """How the audit ends, and what it prints, where `ask` stands for each database."""
        said = io.StringIO()
        with (
            patch.multiple(audit, rust_answers=ask, npm_answers=ask),
            patch.object(audit, "by_copy", return_value=subprocess.CompletedProcess([], 0, "", "")),
            patch.object(advisories, "matching", return_value=list(in_copies)),
            redirect_stdout(said),
        ):
            return audit.main(ask=True), said.getvalue()

    def test_something_new_is_a_warning_and_fails_nothing(self):
        answer, said = self.audit(lambda: [self.new])
        self.assertEqual(answer, 0)
        for kind in ("rust", "npm"):
            self.assertIn(f"{kind}: warning: one 1.0: A-2", said)

    def test_one_that_does_not_answer_or_not_as_expected_fails_nothing(self):
        for error in (audit.NoAnswer(), OSError(), KeyError("via"), subprocess.TimeoutExpired("npm", 60)):
            answer, said = self.audit(Mock(side_effect=error))
            self.assertEqual((answer, said.count(f"does not answer ({type(error).__name__})")), (0, 2))

    def test_what_the_copies_have_fails_whatever_the_databases_say(self):
        for answered in ([], [self.known]):
            answer, said = self.audit(lambda: answered, self.known)
            self.assertEqual(answer, 1)
            self.assertNotIn("npm: warning", said)


class Copies(unittest.TestCase):
    def found(self, kind: str, *packages: tuple[str, str]) -> list[str]:
        return [f"{each.package} {each.version}" for each in advisories.matching(set(packages), advisories.read(kind))]

    def test_versions_within_a_range_are_found_and_no_others(self):
        self.assertEqual(self.found("npm", ("ws", "7.5.9"), ("ws", "7.5.10"), ("ws", "8.17.0"), ("ws", "8.17.1")), ["ws 7.5.9", "ws 8.17.0"])
        self.assertIn("cryptography 41.0.5", self.found("python", ("cryptography", "41.0.5")))
        self.assertEqual(self.found("python", ("cryptography", "50.0.2")), [])

    def test_each_says_where_it_is_from_and_when(self):
        for kind in ("rust", "npm", "python"):
            copy = advisories.read(kind)
            self.assertRegex(copy["commit"], r"^[0-9a-f]{40}$")
            self.assertLessEqual(date.fromisoformat(copy["date"]), date.today())
            self.assertTrue(copy["source"] and copy["advisories"], kind)

    def test_every_version_that_we_have_can_be_compared(self):
        every = {"advisories": [{"id": "A", "package": name, "vulnerable": [["0", None]]} for name, _ in advisories.npm_packages()]}
        self.assertGreaterEqual(len(advisories.matching(advisories.npm_packages(), every)), len(advisories.npm_packages()))


class Actions(unittest.TestCase):
    def test_each_is_pinned_by_its_commit(self):
        for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
            for line in path.read_text().splitlines():
                if "uses:" in line:
                    self.assertRegex(line, r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.name)


if __name__ == "__main__":
    unittest.main()

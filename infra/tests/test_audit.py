"""The dependency audit: advisories, exceptions, and failures of remote databases."""

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
DATE_AND_REASON = re.compile(r"(\d{4}-\d\d-\d\d): \S.{20,}")


class Exceptions(unittest.TestCase):
    def test_each_has_a_date_and_a_reason(self):
        crates = [each.get("reason", "") for each in [*DENY["advisories"]["ignore"], *DENY["bans"]["deny"], *DENY["licenses"].get("exceptions", [])]]
        for reason in crates:
            self.assertRegex(reason, DATE_AND_REASON)
            self.assertLessEqual(date.fromisoformat(DATE_AND_REASON.match(reason)[1]), date.today())
        for each in audit.exceptions():
            self.assertIsInstance(each["date"], date)
            self.assertTrue(each["id"] and each["package"] and len(each["reason"]) > 20, each)

    def test_an_exception_applies_to_one_package(self):
        found = [Advisory("A-1", "one", "1.0"), Advisory("A-1", "other", "1.0"), Advisory("A-2", "one", "1.0")]
        self.assertEqual(audit.accepted(found, [{"id": "A-1", "package": "one"}]), (found[:1], found[1:]))


class Crates(unittest.TestCase):
    def test_an_unmaintained_crate_fails_unless_it_is_excepted(self):
        configuration = audit.CONFIGURATION.read_text()
        with tempfile.TemporaryDirectory() as folder, patch.object(audit, "FOLDER", Path(folder)):
            accepted = audit.check_snapshot(Path(folder, "known"), configuration)
            self.assertEqual(accepted.returncode, 0, accepted.stdout)
            self.assertEqual(audit.parse_output(accepted.stdout), [])
            failed = audit.check_snapshot(Path(folder, "strict"), re.sub(r"(?s)\nignore = \[.*?\n\]", "", configuration))
            self.assertNotEqual(failed.returncode, 0)
            self.assertIn(("RUSTSEC-2024-0436", "paste"), [(one.id, one.package) for one in audit.parse_output(failed.stdout)])

    def test_a_yanked_crate_is_a_warning(self):
        self.assertEqual(DENY["advisories"]["yanked"], "warn")


class Databases(unittest.TestCase):
    """Remote databases never fail the audit, so that the result does not change over time."""

    known, new = Advisory("A-1", "one", "1.0"), Advisory("A-2", "one", "1.0")

    def audit(self, query, *in_snapshots: Advisory) -> tuple[int, str]:
        """The audit's exit code and output, with `query` in place of each remote database."""
        output = io.StringIO()
        with (
            patch.multiple(audit, query_rustsec=query, query_npm=query),
            patch.object(audit, "check_snapshot", return_value=subprocess.CompletedProcess([], 0, "", "")),
            patch.object(advisories, "matching", return_value=list(in_snapshots)),
            redirect_stdout(output),
        ):
            return audit.main(ask=True), output.getvalue()

    def test_a_new_advisory_is_a_warning(self):
        code, output = self.audit(lambda: [self.new])
        self.assertEqual(code, 0)
        for kind in ("rust", "npm"):
            self.assertIn(f"{kind}: warning: one 1.0: A-2", output)

    def test_a_failing_database_does_not_fail_the_audit(self):
        for error in (audit.DatabaseUnavailable(), OSError(), KeyError("via"), subprocess.TimeoutExpired("npm", 60)):
            code, output = self.audit(Mock(side_effect=error))
            self.assertEqual((code, output.count(f"is unavailable ({type(error).__name__})")), (0, 2))

    def test_an_advisory_in_a_snapshot_fails_the_audit(self):
        for reported in ([], [self.known]):
            code, output = self.audit(lambda: reported, self.known)
            self.assertEqual(code, 1)
            self.assertNotIn("npm: warning", output)


class Snapshots(unittest.TestCase):
    def found(self, kind: str, *packages: tuple[str, str]) -> list[str]:
        return [f"{each.package} {each.version}" for each in advisories.matching(set(packages), advisories.read(kind))]

    def test_matching_finds_versions_within_ranges(self):
        self.assertEqual(self.found("npm", ("ws", "7.5.9"), ("ws", "7.5.10"), ("ws", "8.17.0"), ("ws", "8.17.1")), ["ws 7.5.9", "ws 8.17.0"])
        self.assertIn("cryptography 41.0.5", self.found("python", ("cryptography", "41.0.5")))
        self.assertEqual(self.found("python", ("cryptography", "50.0.2")), [])

    def test_each_has_its_source_commit_and_date(self):
        for kind in ("rust", "npm", "python"):
            snapshot = advisories.read(kind)
            self.assertRegex(snapshot["commit"], r"^[0-9a-f]{40}$")
            self.assertLessEqual(date.fromisoformat(snapshot["date"]), date.today())
            self.assertTrue(snapshot["source"] and snapshot["advisories"], kind)

    def test_all_installed_versions_are_comparable(self):
        every = {"advisories": [{"id": "A", "package": name, "vulnerable": [["0", None]]} for name, _ in advisories.npm_packages()]}
        self.assertGreaterEqual(len(advisories.matching(advisories.npm_packages(), every)), len(advisories.npm_packages()))


class Actions(unittest.TestCase):
    def test_each_is_pinned_to_a_commit(self):
        for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
            for line in path.read_text().splitlines():
                if "uses:" in line:
                    self.assertRegex(line, r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", path.name)


if __name__ == "__main__":
    unittest.main()

"""What is asked of dependencies, by the copies of the databases, and what is accepted."""

import re
import tempfile
import tomllib
import unittest
from datetime import date
from pathlib import Path
from unittest.mock import patch

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
        with tempfile.TemporaryDirectory() as folder, patch.object(audit, "FOLDER", Path(folder)):
            advisories.write_rustsec(advisories.read("rust"), Path(folder, "rust", audit.RUST_DATABASE))
            told = (ROOT / "deny.toml").read_text().replace('"target/audit/rust"', f'"{folder}/rust"')
            strict, known = Path(folder, "strict.toml"), Path(folder, "known.toml")
            known.write_text(told)
            strict.write_text(re.sub(r"(?s)\nignore = \[.*?\n\]", "", told))
            accepted = audit.deny(known)
            self.assertEqual(accepted.returncode, 0, accepted.stdout)
            refused = audit.deny(strict)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("RUSTSEC-2024-0436", refused.stdout)


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

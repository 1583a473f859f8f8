"""The page of access patterns and the code say the same, and nothing anywhere reads more than it answers."""

import json
import re
import unittest

from infra.stage import ROOT
from infra.tests.patterns import beginnings, patterns

FOLDERS = ("server", "app", "frontend", "infra", "end2end")
KINDS = {".rs", ".py", ".js", ".mjs", ".ts", ".yaml", ".json"}
NOT_OURS = {"node_modules", "__pycache__", "target"}
# Reads everything, or leaves out some of what it read; a policy that allows all allows that, too.
UNBOUNDED = re.compile(
    r"\.scan\(|scan_paginator|[\"'][Ss]can[\"']|dynamodb:(Scan|\*)|filter_expression|FilterExpression|query_filter|(Query|Scan)Filter"
)
MAY = {
    "infra/local/drill.py": "compares the whole table before its loss and after, at home",
    "infra/tests/cloud/test_leaving.py": "looks for what is left of an account, at home",
    "infra/tests/test_grants.py": "widens a policy to see it refused",
    "infra/tests/test_table.py": "names what it looks for",
}


def sources(*folders: str, kinds: set[str] = KINDS) -> dict[str, str]:
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")))
    ours = (path for path in paths if path.suffix in kinds and not NOT_OURS & set(path.parts[len(ROOT.parts) :]))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in ours}


def template(text: str) -> str:
    """A key's form, whatever its values are called: `PHOTO#<photo>` and `PHOTO#{id}` are one."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "<>", text)


class Bounded(unittest.TestCase):
    def test_nothing_scans_or_filters(self):
        found = {name for name, text in sources(*FOLDERS).items() if UNBOUNDED.search(text)}
        self.assertEqual(found, set(MAY))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patterns = patterns()

    def test_names_each_pattern_once_with_its_bounds(self):
        names = [pattern.name for pattern in self.patterns]
        self.assertEqual(len(names), len(set(names)))
        for pattern in self.patterns:
            with self.subTest(pattern.name):
                self.assertIn(pattern.operation, ("GetItem", "Query", "UpdateItem", "DeleteItem"))
                self.assertEqual(bool(pattern.bound), pattern.operation == "Query")
                self.assertTrue(pattern.sk.startswith(pattern.prefix))
                self.assertFalse(pattern.index and pattern.consistent, "an index is never consistent")
                self.assertLess(pattern.limit * pattern.bytes, 2**20, "a query reads 1 MB at most")

    def test_has_every_key_of_the_code(self):
        partitions = {template(pattern.pk) for pattern in self.patterns if not pattern.index}
        known = {beginnings(key) for pattern in self.patterns for key in (pattern.pk, pattern.sk)}
        seen = set()
        for name, text in sources("server/src", kinds={".rs"}).items():
            for key in re.findall(r'Key::new\(\s*(?:format!\(\s*)?"([A-Z][^"]*)"', text):
                self.assertIn(template(key), partitions, name)
                seen.add(template(key))
            for begin in re.findall(r'"([A-Z]+)#', text):
                self.assertIn(begin, known, name)
        self.assertIn("PHOTO#<>", seen)

    def test_has_the_place_of_every_published_row(self):
        places = [
            [re.compile(re.sub("<[^>]*>", "[^#]+", key) + "$") for key in (pattern.pk, pattern.sk)]
            for pattern in self.patterns
            if not pattern.index
        ]
        rows = [json.loads(text) for text in sources("server/tests/contracts/rows").values()]
        self.assertTrue(rows)
        for row in rows:
            found = any(pk.match(row["pk"]) and sk.match(row["sk"]) for pk, sk in places)
            self.assertTrue(found, f"{row['pk']} {row['sk']}")


if __name__ == "__main__":
    unittest.main()

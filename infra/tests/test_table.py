"""The documented access patterns match the code, and no read scans or filters."""

import json
import re
import unittest

from infra.stage import ROOT
from infra.tests.patterns import prefix_of, patterns

# The module of the table's keys.
KEYS = "server/src/aws/table/keys.rs"
FOLDERS = ("server", "app", "frontend", "infra", "end2end")
KINDS = {".rs", ".py", ".js", ".mjs", ".ts", ".yaml", ".json"}
IGNORED_FOLDERS = {"node_modules", "__pycache__", "target"}
# Scans, filters, and policies that allow scans.
UNBOUNDED = re.compile(
    r"\.scan\(|scan_paginator|[\"'][Ss]can[\"']|dynamodb:(Scan|\*)|filter_expression|FilterExpression|query_filter|(Query|Scan)Filter"
)
EXCEPTIONS = {
    "infra/local/drill.py": "compares the whole table before and after its loss, on a local stage",
    "infra/tests/cloud/test_account_data.py": "looks for rows left of an account, on a local stage",
    "infra/tests/test_grants.py": "widens a policy to test that it is rejected",
    "infra/tests/test_table.py": "has the pattern",
}


def sources(*folders: str, kinds: set[str] = KINDS) -> dict[str, str]:
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")))
    files = (path for path in paths if path.suffix in kinds and not IGNORED_FOLDERS & set(path.parts[len(ROOT.parts) :]))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in files}


def template(text: str) -> str:
    """A key with anonymous placeholders: `PHOTO#<photo>` and `PHOTO#{id}` become equal."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "<>", text)


class Bounded(unittest.TestCase):
    def test_nothing_scans_or_filters(self):
        found = {name for name, text in sources(*FOLDERS).items() if UNBOUNDED.search(text)}
        self.assertEqual(found, set(EXCEPTIONS))


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.patterns = patterns()

    def test_patterns_are_unique_and_bounded(self):
        names = [pattern.name for pattern in self.patterns]
        self.assertEqual(len(names), len(set(names)))
        for pattern in self.patterns:
            with self.subTest(pattern.name):
                self.assertIn(pattern.operation, ("GetItem", "Query", "UpdateItem", "DeleteItem"))
                self.assertEqual(bool(pattern.bound), pattern.operation == "Query")
                self.assertTrue(pattern.sk.startswith(pattern.prefix))
                self.assertFalse(pattern.index and pattern.consistent, "an index does not support consistent reads")
                self.assertLess(pattern.limit * pattern.bytes, 2**20, "a query reads 1 MB at most")

    def test_every_key_in_the_code_is_documented(self):
        code = sources("server/src", kinds={".rs"})
        constants = dict(re.findall(r'const (\w+): &str = "([^"]*)"', code[KEYS]))
        code[KEYS] = re.sub(r"\{(\w+)\}", lambda name: constants.get(name[1], name[0]), code[KEYS])
        partitions = {template(pattern.pk) for pattern in self.patterns if not pattern.index}
        known = {prefix_of(key) for pattern in self.patterns for key in (pattern.pk, pattern.sk)}
        seen = set()
        for name, text in code.items():
            for key in re.findall(r'Key::new\(\s*(?:format!\(\s*)?"([A-Z][^"]*)"', text):
                self.assertIn(template(key), partitions, name)
                seen.add(template(key))
            for begin in re.findall(r'"([A-Z]+)#', text):
                self.assertIn(begin, known, name)
        self.assertIn("PHOTO#<>", seen)

    def test_only_one_module_writes_keys(self):
        for name, text in sources("server/src", kinds={".rs"}).items():
            before_tests = text.split("#[cfg(test)]")[0]
            if name != KEYS:
                self.assertIsNone(re.search(r'"[A-Z][A-Z-]*#|Key::new\(\s*(format!\(\s*)?"', before_tests), name)

    def test_every_contract_row_matches_a_documented_key(self):
        keys = [
            [re.compile(re.sub("<[^>]*>", "[^#]+", key) + "$") for key in (pattern.pk, pattern.sk)]
            for pattern in self.patterns
            if not pattern.index
        ]
        rows = [json.loads(text) for text in sources("server/tests/contracts/rows").values()]
        self.assertTrue(rows)
        for row in rows:
            found = any(pk.match(row["pk"]) and sk.match(row["sk"]) for pk, sk in keys)
            self.assertTrue(found, f"{row['pk']} {row['sk']}")


if __name__ == "__main__":
    unittest.main()

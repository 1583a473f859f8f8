"""A clone's build folder begins with what another has compiled, and never with another's own crates."""

import fcntl
import shutil
import tempfile
import unittest
from pathlib import Path

from infra.local import artifacts

MEMBERS = {"app", "model"}


class Folders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)
        self.builds = self.base / "builds"
        (self.base / "ada").mkdir()
        (self.base / "ben").mkdir()

    def make(self, name: str, clone: str) -> Path:
        own = self.builds / "00" / name
        artifacts.make(own, self.base / clone, MEMBERS)
        return own

    def compile(self, own: Path, crate: str) -> Path:
        """As cargo leaves a compiled crate behind."""
        library = own / "debug/deps" / f"lib{crate}-1234.rlib"
        for path in (library, own / "debug/.fingerprint" / f"{crate.replace('_', '-')}-1234" / "lib", own / "debug/incremental/x"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(crate)
        return library

    def names(self, own: Path, folder: str) -> set[str]:
        return {path.name for path in (own / "debug" / folder).glob("*")}

    def test_the_first_is_empty(self):
        own = self.make("ada", "ada")
        self.assertEqual([path.name for path in own.iterdir()], ["clone"])

    def test_another_has_the_crates_of_others_and_none_of_the_clones_own(self):
        first = self.make("ada", "ada")
        for crate in ("serde_json", "app", "model"):
            self.compile(first, crate)
        (first / "debug/deps/functions-1234").write_text("a program")
        own = self.make("ben", "ben")
        self.assertEqual(self.names(own, "deps"), {"libserde_json-1234.rlib"})
        self.assertEqual(self.names(own, ".fingerprint"), {"serde-json-1234"})
        self.assertEqual(self.names(own, "incremental"), set())
        self.assertEqual(self.names(first, ".fingerprint"), {"serde-json-1234", "app-1234", "model-1234"})

    def test_what_cargo_writes_over_in_one_stays_in_the_other(self):
        first = self.make("ada", "ada")
        self.compile(first, "serde")
        own = self.make("ben", "ben")
        (own / "debug/.fingerprint/serde-1234/lib").write_text("another")
        self.assertEqual((first / "debug/.fingerprint/serde-1234/lib").read_text(), "serde")

    def test_what_a_clone_left_behind_that_is_gone_is_taken_over(self):
        first = self.make("ada", "ada")
        for crate in ("serde", "app"):
            self.compile(first, crate)
        (self.base / "ada").rmdir()
        own = self.make("ben", "ben")
        self.assertFalse(first.exists())
        self.assertEqual(self.names(own, ".fingerprint"), {"serde-1234"})
        self.assertEqual((own / "clone").read_text(), str(self.base / "ben"))

    def test_a_folder_that_is_there_is_left_alone(self):
        own = self.make("ada", "ada")
        self.compile(own, "app")
        self.make("ada", "ada")
        self.assertEqual(self.names(own, ".fingerprint"), {"app-1234"})

    def test_a_folder_that_is_small_is_not_trimmed(self):
        own = self.make("ada", "ada")
        self.compile(own, "app")
        artifacts.trim(own, MEMBERS, largest=1000, least_free=0)
        self.assertEqual(self.names(own, ".fingerprint"), {"app-1234"})

    def test_where_the_disk_is_almost_full_the_folders_of_clones_that_are_gone_are_deleted(self):
        gone = self.make("ada", "ada")
        own = self.make("ben", "ben")
        (self.base / "ada").rmdir()
        artifacts.trim(own, MEMBERS, least_free=shutil.disk_usage(self.base).total + 1)
        self.assertFalse(gone.exists())
        self.assertTrue(own.exists())

    def test_a_large_folder_loses_the_workspaces_own_crates(self):
        own = self.make("ada", "ada")
        for crate in ("serde", "app"):
            self.compile(own, crate)
        (own / "debug/deps/functions-1234").write_text("a program" * 1000)
        artifacts.trim(own, MEMBERS, largest=1000, least_free=0)
        self.assertEqual(self.names(own, "deps"), {"libserde-1234.rlib"})
        self.assertEqual(self.names(own, ".fingerprint"), {"serde-1234"})
        self.assertEqual(self.names(own, "incremental"), set())

    def test_a_large_folder_is_left_alone_while_cargo_builds_in_it(self):
        own = self.make("ada", "ada")
        self.compile(own, "app").write_text("app" * 1000)
        with (own / "debug/.cargo-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            artifacts.trim(own, MEMBERS, largest=1000, least_free=0)
            self.assertEqual(self.names(own, ".fingerprint"), {"app-1234"})
        artifacts.trim(own, MEMBERS, largest=1000, least_free=0)
        self.assertEqual(self.names(own, ".fingerprint"), set())

    def test_one_that_is_still_large_is_emptied(self):
        own = self.make("ada", "ada")
        self.compile(own, "serde").write_text("serde" * 1000)
        artifacts.trim(own, MEMBERS, largest=1000, least_free=0)
        self.assertEqual([path.name for path in own.iterdir()], ["clone"])
        self.assertEqual((own / "clone").read_text(), str(self.base / "ada"))


if __name__ == "__main__":
    unittest.main()

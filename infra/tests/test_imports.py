"""No files of a crate import each other in a cycle, so that each can be read and tested without those above it."""

import re
import unittest

from infra.root import ROOT
from infra.tests.imports import Crate, cycles

LOWER = {
    # Shared components know of no feature.
    "ui/": re.compile("(?!ui/)"),
    # The photo store knows of no view.
    "photos/library/": re.compile("photos/(timeline|viewer|uploads|collection|tile)|app|frame"),
}
"""Parts of the client, and the files that none of theirs imports."""


def described(files: list[str], arrows: dict[str, set[str]]) -> str:
    """A cycle's files, each with those of its imports that are part of the cycle."""
    return "\n".join(f"  {file} imports {', '.join(sorted(arrows[file] & set(files)))}" for file in files)


class Reading(unittest.TestCase):
    def arrows(self, **modules: str) -> dict[str, set[str]]:
        """The arrows of a crate with these modules at its root."""
        files = {f"{name}.rs": text for name, text in modules.items()}
        files.setdefault("lib.rs", "".join(f"mod {name};" for name in modules))
        return {file: targets for file, targets in Crate(files).arrows().items() if targets}

    def test_imports_and_paths_lead_to_files(self):
        for text in (
            "use crate::b::{C, d::{self, E}};",
            "use super::b;",
            "pub(crate) use crate::b::C as D;",
            "fn f() -> super::b::C { todo!() }",
            "use crate::b as other; fn f() { other::g::<u8>(); }",
            "fn f() { view! { <crate::b::C/> } }",
            "mod inner { use super::super::b::C; }",
            "fn f() -> impl C + use<> { super::b::g() }",
        ):
            self.assertEqual(self.arrows(a=text, b=""), {"a.rs": {"b.rs"}}, text)

    def test_comments_texts_other_crates_and_tests_do_not_count(self):
        for text in (
            "// crate::b::C\n/* crate::b::C */ /// [`crate::b::C`]",
            "const A: &str = \"crate::b::C \\\"\"; const B: &str = r#\"crate::b::\"C\"#; const C: char = '\"';",
            "use std::b::C; fn f<'a>(c: &'a <C as D>::b) {}",
            "#[cfg(test)] mod tests { use crate::b::C; }",
            '#[cfg(all(test, feature = "x"))] #[allow(dead_code)] use crate::b::{C, D};',
            "#[cfg(test)] pub fn f(c: crate::b::C) { crate::b::g() }",
        ):
            self.assertEqual(self.arrows(a=text, b=""), {}, text)
        self.assertEqual(self.arrows(a='#[cfg(feature = "x")] use crate::b::C;', b=""), {"a.rs": {"b.rs"}})

    def test_a_reexport_leads_to_the_file_that_defines_the_item(self):
        lib = "mod a; mod b; mod c; pub use c::C; pub use std::D;"
        self.assertEqual(self.arrows(lib=lib, a="use crate::{C, c};", b="", c=""), {"a.rs": {"c.rs"}})
        self.assertEqual(self.arrows(lib=lib, a="use crate::D;", b="", c=""), {"a.rs": {"lib.rs"}})
        self.assertEqual(self.arrows(lib=lib, a="use crate::b::C;", b="pub use crate::c::C;", c=""), {"a.rs": {"c.rs"}, "b.rs": {"c.rs"}})

    def test_a_parent_depends_on_a_child_that_it_uses_and_a_child_on_its_parents_items(self):
        lib = "mod a; pub use a::A; struct B;"
        self.assertEqual(self.arrows(lib=lib, a="use super::B;"), {"a.rs": {"lib.rs"}})
        both = {"a.rs": {"lib.rs"}, "lib.rs": {"a.rs"}}
        self.assertEqual(self.arrows(lib=lib + "use a::C;", a="use super::B;"), both)
        self.assertEqual(self.arrows(lib=lib + "fn f() { a::g() }", a="use super::B;"), both)

    def test_cycles_of_any_length_are_found(self):
        arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a", "e"}, "e": set(), "f": {"g"}, "g": {"f", "a"}}
        self.assertEqual(cycles(arrows), [["a", "b", "c"], ["f", "g"]])


class Crates(unittest.TestCase):
    def arrows(self, crate: str) -> dict[str, set[str]]:
        folder = ROOT / crate / "src"
        arrows = Crate({path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.rs"))}).arrows()
        self.assertGreater(sum(map(len, arrows.values())), len(arrows), crate)
        return arrows

    def test_no_files_import_each_other_in_a_cycle(self):
        for crate in ("app", "server"):
            with self.subTest(crate):
                arrows = self.arrows(crate)
                if found := cycles(arrows):
                    self.fail("imports in a cycle\n\n" + "\n\n".join(described(files, arrows) for files in found))

    def test_lower_parts_of_the_client_import_no_higher_ones(self):
        arrows = self.arrows("app")
        for part, above in LOWER.items():
            targets = {target for file, targets in arrows.items() if file.startswith(part) for target in targets}
            self.assertTrue(targets, part)
            self.assertEqual({target for target in targets if above.match(target)}, set(), part)


if __name__ == "__main__":
    unittest.main()

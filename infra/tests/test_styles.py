"""The check that no class is defined in two style files."""

import unittest

from infra.local.styles import leading_classes, defined_twice


class Classes(unittest.TestCase):
    def test_a_selector_defines_its_leading_class(self):
        for style, leading in {
            ".steps { display: flex; }": {"steps"},
            "@layer pages { .steps > li, ol.rows .quiet { gap: 0; } }": {"steps", "rows"},
            "@media (width < 36rem) { .a:is(.b, .c):not(.d, :has(.e)) { gap: 0; } }": {"a"},
            "main .steps { gap: 0; } /* .old { } */": set(),
        }.items():
            self.assertEqual(leading_classes(style), leading, style)

    def test_a_class_defined_in_two_files_is_reported(self):
        styles = {"viewer.css": ".steps { gap: 0; }", "settings.css": ".settings .rows, .steps > li { gap: 0; }", "parts.css": ".quiet { gap: 0; }"}
        self.assertEqual(defined_twice(styles), [".steps is defined in settings.css and viewer.css"])


if __name__ == "__main__":
    unittest.main()

//! File names in a zip that every operating system can unpack.

use crate::photos::name::{beginning, split, trimmed, with_extension};
use icu_normalizer::DecomposingNormalizerBorrowed;
use messages::untrusted::is_control;
use std::collections::HashMap;

/// Bytes of the longest name: the limit of file systems of Linux and macOS. Windows counts UTF-16 units, which are no more.
const MAX_BYTES: usize = 255;

/// A photo's name as a file name that is valid on every system, with an extension.
pub fn portable(name: &str, kind: &str) -> String {
    let refused = |c: char| is_control(c) || r#"<>:"/\|?*"#.contains(c);
    let name: String = name.chars().map(|c| if refused(c) { '_' } else { c }).collect();
    let name = with_extension(trimmed(name.trim_start()), kind);
    let name = if is_device(&name) { format!("_{name}") } else { name };
    let (stem, extension) = split(&name);
    let portable = joined(stem, "", extension);
    trimmed(&portable).to_owned()
}

/// Whether a name is a reserved device name on Windows, whatever its extension.
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_port = |number: &str| number.chars().count() == 1 && "0123456789¹²³".contains(number);
    let port = base.strip_prefix("COM").or_else(|| base.strip_prefix("LPT"));
    port.is_some_and(is_port) || matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
}

/// Joins a stem, a number and an extension; cuts the stem if the name would be too long.
fn joined(stem: &str, number: &str, extension: &str) -> String {
    let stem = beginning(stem, MAX_BYTES.saturating_sub(number.len() + extension.len()), str::len);
    format!("{stem}{number}{extension}")
}

/// The paths of a zip: unique even on systems that ignore case and Unicode normalization.
#[derive(Default)]
pub struct Paths {
    /// By folded path, the last number that was given to a duplicate of it.
    taken: HashMap<String, u32>,
}

impl Paths {
    /// The path of a file in a folder, which is empty or ends with a slash. Duplicate names get a number, as in `cup (2).jpg`.
    pub fn add(&mut self, folder: &str, name: &str) -> String {
        let compared = |name: &str| format!("{folder}{}", folded(name));
        let plain = compared(name);
        let Some(mut number) = self.taken.get(&plain).copied() else {
            self.taken.insert(plain, 1);
            return format!("{folder}{name}");
        };
        let (stem, extension) = split(name);
        loop {
            number += 1;
            let numbered = joined(stem, &format!(" ({number})"), extension);
            let key = compared(&numbered);
            if !self.taken.contains_key(&key) {
                self.taken.insert(key, 1);
                self.taken.insert(plain, number);
                return format!("{folder}{numbered}");
            }
        }
    }
}

/// A name as file systems compare it: macOS by canonical decomposition and full case folding, Windows by its own simple case folding.
/// Names that are equal on either are equal here; some others are, too, and get a needless number.
fn folded(name: &str) -> String {
    let nfd = DecomposingNormalizerBorrowed::new_nfd();
    // HFS+ ignores these in comparisons; the marks and embeddings that it also ignores have been replaced before.
    let compared = name.chars().filter(|c| !matches!(c, '\u{200c}' | '\u{200d}'));
    let name: String = nfd.normalize_iter(compared).collect();
    // Lowercase first: `ẞ` is its own uppercase.
    let folded = name.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    let folded: String = folded.flat_map(char::to_lowercase).collect();
    nfd.normalize(&folded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> String {
        portable(name, "image/jpeg")
    }

    #[test]
    fn a_name_cannot_escape_its_folder() {
        for (name, expected) in [
            ("beach.jpg", "beach.jpg"),
            ("été 1.jpg", "été 1.jpg"),
            ("../../etc/passwd", ".._.._etc_passwd.jpg"),
            ("C:\\a?.jpg", "C__a_.jpg"),
            ("a%2F..%2Fb%00.jpg", "a%2F..%2Fb%00.jpg"),
            (".hidden.jpg", ".hidden.jpg"),
            ("-rf.jpg", "-rf.jpg"),
            ("..", "photo.jpg"),
            (". .", "photo.jpg"),
            (" \u{3000}", "photo.jpg"),
            ("", "photo.jpg"),
        ] {
            assert_eq!(named(name), expected);
        }
    }

    #[test]
    fn refused_and_invisible_characters_are_replaced() {
        for (name, expected) in [
            ("q?x=1#y&z.jpg", "q_x=1#y&z.jpg"),
            ("<>:\"/\\|?*.jpg", "_________.jpg"),
            ("quote\"'`$(id);.jpg", "quote_'`$(id);.jpg"),
            ("line\nbreak\ttab.jpg", "line_break_tab.jpg"),
            ("a\u{0}\u{1f}\u{7f}\u{85}\u{2028}b.jpg", "a_____b.jpg"),
            ("rechnung\u{202e}gpj.exe", "rechnung_gpj.exe"),
            ("a\u{200e}\u{2066}\u{61c}b.jpg", "a___b.jpg"),
            (" leading space.jpg", "leading space.jpg"),
            ("ends with dot.jpg.", "ends with dot.jpg"),
            ("ends with blank.jpg . ", "ends with blank.jpg"),
            ("صورة العائلة ١.jpg", "صورة العائلة ١.jpg"),
            ("👨‍👩‍👧‍👦 Strand 🏖️.jpg", "👨‍👩‍👧‍👦 Strand 🏖️.jpg"),
        ] {
            assert_eq!(named(name), expected);
        }
    }

    #[test]
    fn reserved_device_names_are_prefixed() {
        for (name, expected) in [
            ("CON.jpg", "_CON.jpg"),
            ("con", "_con.jpg"),
            ("aux.photo.png", "_aux.photo.png"),
            ("Nul .jpg", "_Nul .jpg"),
            (" prn.jpg", "_prn.jpg"),
            ("COM1.jpg", "_COM1.jpg"),
            ("lpt9.tar.gz", "_lpt9.tar.gz"),
            ("COM¹.jpg", "_COM¹.jpg"),
            ("COM10.jpg", "COM10.jpg"),
            ("console.jpg", "console.jpg"),
            ("a.con", "a.con"),
        ] {
            assert_eq!(named(name), expected);
        }
    }

    #[test]
    fn an_extension_is_kept_or_added_by_media_type() {
        assert_eq!(portable("is-a-jpeg.heic", "image/jpeg"), "is-a-jpeg.heic");
        assert_eq!(portable("no-extension", "image/png"), "no-extension.png");
        assert_eq!(portable("no-extension.", "image/x-raw"), "no-extension");
    }

    #[test]
    fn a_name_is_cut_before_its_extension() {
        assert_eq!(named(&format!("{}.jpg", "x".repeat(251))), format!("{}.jpg", "x".repeat(251)));
        assert_eq!(named(&format!("{}.jpg", "é".repeat(250))), format!("{}.jpg", "é".repeat(125)));
        assert_eq!(named(&"x".repeat(255)), format!("{}.jpg", "x".repeat(251)));
        assert_eq!(named(&format!("con{}.jpg", " ".repeat(252))).len(), MAX_BYTES);
        assert_eq!(portable(&"é".repeat(255), "image/x-raw"), "é".repeat(127));
    }

    fn paths(names: &[&str]) -> Vec<String> {
        let mut paths = Paths::default();
        names.iter().map(|name| paths.add("2024/", name)).collect()
    }

    #[test]
    fn duplicate_names_are_numbered() {
        assert_eq!(
            paths(&["a.jpg", "a.jpg", "A.JPG", "a (2).jpg", "a.jpg", "b", "b"]),
            [
                "2024/a.jpg",
                "2024/a (2).jpg",
                "2024/A (3).JPG",
                "2024/a (2) (2).jpg",
                "2024/a (4).jpg",
                "2024/b",
                "2024/b (2)"
            ]
        );
        let mut paths = Paths::default();
        let separate = ["2024/", "2025/", ""].map(|folder| paths.add(folder, "a.jpg"));
        assert_eq!(separate, ["2024/a.jpg", "2025/a.jpg", "a.jpg"]);
    }

    #[test]
    fn names_that_a_file_system_considers_equal_are_numbered() {
        for (one, other) in [
            ("IMG_0001.jpg", "img_0001.JPG"),
            ("Caf\u{e9}.jpg", "Cafe\u{301}.jpg"),
            ("CAF\u{c9}.jpg", "cafe\u{301}.jpg"),
            ("\u{130}STANBUL.jpg", "i\u{307}stanbul.jpg"),
            ("STRASSE.jpg", "Straße.jpg"),
            ("STRAẞE.jpg", "strasse.jpg"),
            ("ΣΊΣΥΦΟΣ.jpg", "σίσυφος.jpg"),
            ("\u{212a}elvin.jpg", "kelvin.jpg"),
        ] {
            let paths = paths(&[one, other]);
            assert_eq!(paths[0], format!("2024/{one}"));
            assert!(paths[1].contains(" (2)."), "{paths:?}");
        }
        assert_eq!(
            paths(&["zerowidth.jpg", "zero\u{200b}width.jpg"]),
            ["2024/zerowidth.jpg", "2024/zero\u{200b}width.jpg"]
        );
    }

    #[test]
    fn a_numbered_name_is_cut_to_the_limit() {
        let long = format!("{}.jpg", "é".repeat(125));
        assert_eq!(paths(&[&long, &long])[1], format!("2024/{} (2).jpg", "é".repeat(123)));
    }
}

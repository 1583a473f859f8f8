//! File names: as they are stored, and as a photo is downloaded.

use super::records::PhotoRecord;
use model::photos::{MAX_NAME_CHARS, extension_of};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text after the last dot that counts as an extension, in characters.
const MAX_EXTENSION_CHARS: usize = 16;

/// The name of a file whose own consists of dots and blanks.
const UNNAMED: &str = "photo";

/// A name as it is stored: unchanged, but cut before its extension if it is too long.
pub fn kept(name: &str) -> String {
    if name.chars().count() <= MAX_NAME_CHARS {
        return name.to_owned();
    }
    let (stem, extension) = split(name);
    let extension = trimmed(extension);
    let chars = |text: &str| text.chars().count();
    let stem = beginning(stem, MAX_NAME_CHARS - chars(extension), chars);
    format!("{stem}{extension}")
}

/// The name of a downloaded original: as it was uploaded, with an extension.
pub fn of_download(photo: &PhotoRecord) -> String {
    with_extension(&photo.name, &photo.kind)
}

/// A name with an extension: its own, or else that of its media type.
pub fn with_extension(name: &str, kind: &str) -> String {
    let name = if trimmed(name).is_empty() { UNNAMED } else { name };
    match (split(name), extension_of(kind)) {
        ((stem, ""), Some(extension)) => format!("{}.{extension}", trimmed(stem)),
        _ => name.to_owned(),
    }
}

/// Stem and extension; the latter includes its dot, and trailing dots and blanks. `.hidden`, `Dr. Who` and `12.5.2024` are all stem.
pub fn split(name: &str) -> (&str, &str) {
    let end = trimmed(name);
    let dot = end.rfind('.').filter(|dot| {
        let (before, after) = (trimmed(&end[..*dot]), &end[dot + 1..]);
        !before.is_empty()
            && after.chars().count() <= MAX_EXTENSION_CHARS
            && after.chars().all(char::is_alphanumeric)
            && after.chars().any(char::is_alphabetic)
    });
    name.split_at(dot.unwrap_or(name.len()))
}

/// A name without trailing dots and blanks.
pub fn trimmed(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// The longest prefix of a text of at most `longest`, as `length` counts it. It ends at a grapheme boundary, or within the first grapheme
/// if that is too long.
pub fn beginning(text: &str, longest: usize, length: impl Fn(&str) -> usize) -> &str {
    let fits = |end: &usize| length(&text[..*end]) <= longest;
    let graphemes = text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
    let chars = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let end = graphemes.take_while(fits).last();
    &text[..end.or_else(|| chars.take_while(fits).last()).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_valid_file_name() {
        let longest = [
            format!("{}.jpg", "x".repeat(251)),
            format!("{}.jpg", "é".repeat(125)),
            format!("{}.jpg", "あ".repeat(251)),
        ];
        let names = [
            "",
            "line\nbreak\ttab.jpg",
            "rechnung\u{202e}gpj.exe",
            "a%2F..%2Fb%00.jpg",
            "Caf\u{e9} au lait.jpg",
            "Cafe\u{301} au lait.jpg",
            " leading space.jpg",
            "ends with dot.jpg.",
        ];
        for name in longest.iter().map(String::as_str).chain(names) {
            assert_eq!(kept(name), name);
        }
    }

    #[test]
    fn cuts_a_longer_name_before_its_extension() {
        assert_eq!(
            kept(&format!("{}.jpeg", "ü".repeat(300))),
            format!("{}.jpeg", "ü".repeat(250))
        );
        assert_eq!(kept(&format!("{}.jpg{}", "a".repeat(9), ".".repeat(300))), "aaaaaaaaa.jpg");
        assert_eq!(kept(&format!("a.{}", "b".repeat(300))), format!("a.{}", "b".repeat(253)));
    }

    #[test]
    fn cuts_between_graphemes() {
        let family = "👨‍👩‍👧‍👦";
        assert_eq!(
            kept(&format!("{}.jpg", family.repeat(50))),
            format!("{}.jpg", family.repeat(35))
        );
        assert_eq!(
            kept(&format!("{}.jpg", "e\u{301}".repeat(200))),
            format!("{}.jpg", "e\u{301}".repeat(125))
        );
        let zalgo = format!("e{}.jpg", "\u{301}".repeat(400));
        assert_eq!(kept(&zalgo), format!("e{}.jpg", "\u{301}".repeat(250)));
    }

    #[test]
    fn adds_a_missing_extension() {
        for (name, expected) in [
            ("no-extension", "no-extension.jpg"),
            (".hidden", ".hidden.jpg"),
            ("Dr. Who", "Dr. Who.jpg"),
            ("Walk 12.5.2024", "Walk 12.5.2024.jpg"),
            ("no-extension.", "no-extension.jpg"),
            ("", "photo.jpg"),
            ("..", "photo.jpg"),
            ("is-a-jpeg.heic", "is-a-jpeg.heic"),
            ("UPPER.JPEG", "UPPER.JPEG"),
            (".hidden.jpg", ".hidden.jpg"),
            ("ends with dot.jpg.", "ends with dot.jpg."),
            ("фото.джпг", "фото.джпг"),
        ] {
            assert_eq!(with_extension(name, "image/jpeg"), expected);
        }
        assert_eq!(with_extension("no-extension", "image/x-raw"), "no-extension");
    }
}

//! Text that others wrote, as it is shown: names of files, captions, what a camera says of itself.
//!
//! Unicode has characters that set the direction of what follows them: with one of them `rechnung⟨RLO⟩gpj.exe` reads
//! "rechnungexe.jpg", and the text behind it is reordered, too.

/// Stands for a character that is not shown (U+FFFD).
const REPLACEMENT: char = '\u{fffd}';

/// First strong isolate and pop directional isolate: what is between them reorders nothing around it.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Whether a character breaks a line, controls a device, or sets the direction of text.
pub fn is_control(c: char) -> bool {
    is_mark(c)
        || c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// A mark that is a letter without a shape: right-to-left names have them, and none has an effect on what is isolated.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Text in one line, without characters that break it or set its direction. To be put in an element of its own with
/// `dir="auto"`; text that stands within another goes through [`isolated`].
pub fn one_line(text: &str) -> String {
    let shown = text.chars().filter(|c| !is_mark(*c));
    shown.map(|c| if is_control(c) { REPLACEMENT } else { c }).collect()
}

/// Text in one line for a place that has no elements, such as a title or an attribute, and for the middle of a sentence.
pub fn isolated(text: &str) -> String {
    let line = one_line(text);
    // From left to right is how the words around it go.
    if !line.chars().any(is_right_to_left) {
        return line;
    }
    let [begin, end] = ISOLATE;
    format!("{begin}{line}{end}")
}

/// Whether a character is of a block whose scripts go from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_character_sets_the_direction_of_what_follows() {
        for c in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            assert_eq!(one_line(&format!("rechnung{c}gpj.exe")), "rechnung\u{fffd}gpj.exe");
        }
        for c in "\u{200e}\u{200f}\u{61c}".chars() {
            assert_eq!(one_line(&format!("a{c}b.jpg")), "ab.jpg");
        }
    }

    #[test]
    fn no_character_breaks_the_line() {
        let breaks = "\n\r\t\u{b}\u{c}\u{85}\u{2028}\u{2029}\u{0}\u{1b}\u{7f}";
        assert_eq!(one_line(breaks), "\u{fffd}".repeat(breaks.chars().count()));
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        let names = [
            "IMG_0001.jpg",
            "Cafe\u{301} au lait.jpg",
            "👨‍👩‍👧‍👦 Strand 🏖️.jpg",
            "صورة العائلة ١.jpg",
            "תמונה 7.jpg",
            "می\u{200c}خواهم.jpg",
        ];
        for name in names {
            assert_eq!(one_line(name), name);
        }
    }

    #[test]
    fn what_goes_from_right_to_left_is_isolated() {
        assert_eq!(isolated("צילום.jpg"), "\u{2068}צילום.jpg\u{2069}");
        // It cannot end its isolation itself.
        assert_eq!(isolated("صورة\u{2069}.jpg"), "\u{2068}صورة\u{fffd}.jpg\u{2069}");
        assert_eq!(isolated("a\u{202e}b.jpg"), "a\u{fffd}b.jpg");
        assert_eq!(isolated("Straße.jpg"), "Straße.jpg");
    }
}

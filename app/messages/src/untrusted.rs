//! Sanitizing untrusted text for display: file names, captions, camera metadata.
//!
//! Unicode's bidirectional control characters reorder the text that follows: `rechnung⟨RLO⟩gpj.exe` reads "rechnungexe.jpg".

/// Replaces characters that are not shown.
const REPLACEMENT: char = '\u{fffd}';

/// First strong isolate and pop directional isolate: text between them does not reorder its surroundings.
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// Whether a character is a line break, a control character, or sets the direction of text.
pub fn is_control(c: char) -> bool {
    is_mark(c)
        || c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// Invisible direction marks (LRM, RLM, ALM). They are common in right-to-left names, and harmless in isolated text.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Text in one line, without characters that break it or set its direction. For an element of its own with `dir="auto"`; use
/// [`isolated`] within other text.
pub fn one_line(text: &str) -> String {
    let shown = text.chars().filter(|c| !is_mark(*c));
    shown.map(|c| if is_control(c) { REPLACEMENT } else { c }).collect()
}

/// Text in one line, for titles, attributes and sentences, which have no element for it.
pub fn isolated(text: &str) -> String {
    let line = one_line(text);
    // The surrounding text is left-to-right, too.
    if !line.chars().any(is_right_to_left) {
        return line;
    }
    let [begin, end] = ISOLATE;
    format!("{begin}{line}{end}")
}

/// Whether a character is in a Unicode block of right-to-left scripts.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn direction_controls_are_replaced() {
        for c in "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}".chars() {
            assert_eq!(one_line(&format!("rechnung{c}gpj.exe")), "rechnung\u{fffd}gpj.exe");
        }
        for c in "\u{200e}\u{200f}\u{61c}".chars() {
            assert_eq!(one_line(&format!("a{c}b.jpg")), "ab.jpg");
        }
    }

    #[test]
    fn line_breaks_and_controls_are_replaced() {
        let breaks = "\n\r\t\u{b}\u{c}\u{85}\u{2028}\u{2029}\u{0}\u{1b}\u{7f}";
        assert_eq!(one_line(breaks), "\u{fffd}".repeat(breaks.chars().count()));
    }

    #[test]
    fn ordinary_names_are_unchanged() {
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
    fn right_to_left_text_is_isolated() {
        assert_eq!(isolated("צילום.jpg"), "\u{2068}צילום.jpg\u{2069}");
        // Text cannot end its own isolation.
        assert_eq!(isolated("صورة\u{2069}.jpg"), "\u{2068}صورة\u{fffd}.jpg\u{2069}");
        assert_eq!(isolated("a\u{202e}b.jpg"), "a\u{fffd}b.jpg");
        assert_eq!(isolated("Straße.jpg"), "Straße.jpg");
    }
}

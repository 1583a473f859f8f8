//! Which messages of a channel were heard. They come in any order and more than once.

use std::collections::BTreeSet;

/// What was heard of one channel.
#[derive(Debug, Default)]
pub struct Heard {
    /// Everything up to this number; unknown until a page says what it shows.
    upto: Option<u64>,
    /// What came before its turn.
    ahead: BTreeSet<u64>,
}

impl Heard {
    /// Starts anew from what a page shows.
    pub fn start(&mut self, number: u64) {
        self.upto = Some(number);
        self.ahead.clear();
    }

    /// Hears a number. False if it was heard before.
    pub fn hear(&mut self, number: u64) -> bool {
        let upto = *self.upto.get_or_insert(number.saturating_sub(1));
        if number <= upto || !self.ahead.insert(number) {
            return false;
        }
        let mut upto = upto;
        while self.ahead.remove(&(upto + 1)) {
            upto += 1;
        }
        self.upto = Some(upto);
        true
    }

    /// The number up to which nothing is missing, if any is known.
    pub fn upto(&self) -> Option<u64> {
        self.upto
    }

    /// Whether something is missing.
    pub fn has_gap(&self) -> bool {
        !self.ahead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Heard;

    #[test]
    fn hears_each_number_once_in_any_order_and_sees_gaps() {
        let mut heard = Heard::default();
        heard.start(4);
        assert!(!heard.hear(4));
        assert!(heard.hear(6));
        assert!(heard.has_gap());
        assert_eq!(heard.upto(), Some(4));
        assert!(!heard.hear(6));
        assert!(heard.hear(5));
        assert!(!heard.has_gap());
        assert_eq!(heard.upto(), Some(6));
    }

    #[test]
    fn begins_with_the_first_number_where_no_page_said_one() {
        let mut heard = Heard::default();
        assert_eq!(heard.upto(), None);
        assert!(heard.hear(9));
        assert!(!heard.has_gap());
        assert!(heard.hear(10));
        assert_eq!(heard.upto(), Some(10));
    }
}

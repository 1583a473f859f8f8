//! Tracks which messages of a channel were received. They may arrive out of order and more than once.

use std::collections::BTreeSet;

/// The sequence numbers received on one channel.
#[derive(Debug, Default)]
pub struct ReceivedNumbers {
    /// All numbers up to this one were received; unknown until a page has its own.
    upto: Option<u64>,
    /// Numbers that were received out of order.
    ahead: BTreeSet<u64>,
}

impl ReceivedNumbers {
    /// Restarts from the number of a loaded page.
    pub fn start(&mut self, number: u64) {
        self.upto = Some(number);
        self.ahead.clear();
    }

    /// Records a number. False if it was received before.
    pub fn record(&mut self, number: u64) -> bool {
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

    /// The number up to which nothing is missing, if known.
    pub fn upto(&self) -> Option<u64> {
        self.upto
    }

    /// Whether a number is missing.
    pub fn has_gap(&self) -> bool {
        !self.ahead.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::ReceivedNumbers;

    #[test]
    fn each_number_is_received_once_in_any_order_and_gaps_are_found() {
        let mut received = ReceivedNumbers::default();
        received.start(4);
        assert!(!received.record(4));
        assert!(received.record(6));
        assert!(received.has_gap());
        assert_eq!(received.upto(), Some(4));
        assert!(!received.record(6));
        assert!(received.record(5));
        assert!(!received.has_gap());
        assert_eq!(received.upto(), Some(6));
    }

    #[test]
    fn starts_with_the_first_number_without_a_page() {
        let mut received = ReceivedNumbers::default();
        assert_eq!(received.upto(), None);
        assert!(received.record(9));
        assert!(!received.has_gap());
        assert!(received.record(10));
        assert_eq!(received.upto(), Some(10));
    }
}

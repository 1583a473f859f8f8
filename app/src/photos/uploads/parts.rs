//! The parts of a file that is uploaded in several requests.

use model::photos::{PART_BYTES, part_bytes, parts_of};
use std::ops::Range;

/// The number and the bytes of each part that the store lacks.
pub fn missing_parts(bytes: u64, stored: &[u32]) -> Vec<(u32, Range<u64>)> {
    let numbers = (1..=parts_of(bytes)).filter(|number| !stored.contains(number));
    let part = |number: u32| {
        let start = u64::from(number - 1) * PART_BYTES;
        Some((number, start..start + part_bytes(bytes, number)?))
    };
    numbers.filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::{PART_BYTES, missing_parts};

    #[test]
    fn parts_that_are_stored_are_not_sent_again() {
        let bytes = 2 * PART_BYTES + 5;
        let all = [
            (1, 0..PART_BYTES),
            (2, PART_BYTES..2 * PART_BYTES),
            (3, 2 * PART_BYTES..bytes),
        ];
        assert_eq!(missing_parts(bytes, &[]), all);
        assert_eq!(missing_parts(bytes, &[2, 9]), [all[0].clone(), all[2].clone()]);
        assert!(missing_parts(bytes, &[3, 1, 2]).is_empty());
    }
}

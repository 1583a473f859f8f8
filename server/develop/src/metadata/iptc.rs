//! Dates in IPTC's records, which agencies and scanners' programs write.

use super::moment::Moment;

/// Record and number of a data set: IPTC-NAA Information Interchange Model 4.2.
const DATE_CREATED: [u8; 2] = [2, 55];
const TIME_CREATED: [u8; 2] = [2, 60];

/// Photoshop's name for a block of resources, and the resource that holds IPTC's records.
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const RESOURCE: &[u8] = b"8BIM\x04\x04";

/// When the photo was taken.
pub(super) fn moment(records: &[u8]) -> Option<Moment> {
    Moment::of_iptc(
        data_set(records, DATE_CREATED)?,
        data_set(records, TIME_CREATED).unwrap_or_default(),
    )
}

/// A data set's content. Those of more than 32 KiB, whose lengths are written otherwise, end the search.
fn data_set(mut records: &[u8], wanted: [u8; 2]) -> Option<&[u8]> {
    loop {
        let start = records.iter().position(|byte| *byte == 0x1c)?;
        let [_, record, number, high, low, rest @ ..] = &records[start..] else {
            return None;
        };
        let (content, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
        if [*record, *number] == wanted {
            return Some(content);
        }
        records = rest;
    }
}

/// The records in Photoshop's block, as JPEG carries it.
pub(crate) fn in_photoshop(segment: &[u8]) -> Option<&[u8]> {
    let resources = segment.strip_prefix(PHOTOSHOP)?;
    let at = resources.windows(RESOURCE.len()).position(|found| found == RESOURCE)?;
    let [name, rest @ ..] = &resources[at + RESOURCE.len()..] else {
        return None;
    };
    // A name with its length before it, filled to an even length; then the content's length.
    let rest = rest.get(usize::from(*name | 1)..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.get(..u32::from_be_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &[u8] = b"\x1c\x02\x05\0\x04Cats\x1c\x02\x37\0\x0820160128\x1c\x02\x3c\0\x0b122120+0100";

    #[test]
    fn date_and_time_are_put_together() {
        assert_eq!(moment(RECORDS), Moment::parse(b"2016:01:28 12:21:20+01:00"));
        assert_eq!(moment(&RECORDS[..22]), Moment::parse(b"2016:01:28 12:00:00"));
        for length in [0, 5, 12, 21] {
            assert_eq!(moment(&RECORDS[..length]), None);
        }
    }

    #[test]
    fn photoshop_puts_them_between_others() {
        let length = RECORDS.len() as u8;
        let block = [
            PHOTOSHOP,
            b"8BIM\x03\xed\0\0\0\0\0\0",
            RESOURCE,
            &[0, 0, 0, 0, 0, length],
            RECORDS,
            b"8BIM",
        ]
        .concat();
        assert_eq!(in_photoshop(&block), Some(RECORDS));
        let named = [PHOTOSHOP, RESOURCE, b"\x03abc", &[0, 0, 0, length], RECORDS].concat();
        assert_eq!(in_photoshop(&named), Some(RECORDS));
        assert_eq!(in_photoshop(&block[..40]), None);
        assert_eq!(in_photoshop(b"8BIM"), None);
    }
}

//! Dates in IPTC-IIM, which agencies and scanning software write.

use super::moment::DateTime;

/// Record and dataset numbers: IPTC-NAA Information Interchange Model 4.2.
const DATE_CREATED: [u8; 2] = [2, 55];
const TIME_CREATED: [u8; 2] = [2, 60];

/// Identifier of Photoshop's image resource block, and signature and ID of the resource that holds IPTC-IIM.
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const IPTC_RESOURCE: &[u8] = b"8BIM\x04\x04";

/// Capture time.
pub(super) fn date_time(records: &[u8]) -> Option<DateTime> {
    DateTime::parse_iptc(
        data_set(records, DATE_CREATED)?,
        data_set(records, TIME_CREATED).unwrap_or_default(),
    )
}

/// A dataset's content. Stops at an extended dataset (over 32 KiB), whose length is coded differently.
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

/// IPTC-IIM records in an APP13 segment of JPEG.
pub(crate) fn in_photoshop(segment: &[u8]) -> Option<&[u8]> {
    let resources = segment.strip_prefix(PHOTOSHOP)?;
    let start = resources
        .windows(IPTC_RESOURCE.len())
        .position(|found| found == IPTC_RESOURCE)?;
    let [name, rest @ ..] = &resources[start + IPTC_RESOURCE.len()..] else {
        return None;
    };
    // A Pascal string padded to even length, then the length of the content.
    let rest = rest.get(usize::from(*name | 1)..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.get(..u32::from_be_bytes(*length) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: &[u8] = b"\x1c\x02\x05\0\x04Cats\x1c\x02\x37\0\x0820160128\x1c\x02\x3c\0\x0b122120+0100";

    #[test]
    fn date_and_time_are_combined() {
        assert_eq!(date_time(RECORDS), DateTime::parse(b"2016:01:28 12:21:20+01:00"));
        assert_eq!(date_time(&RECORDS[..22]), DateTime::parse(b"2016:01:28 12:00:00"));
        for length in [0, 5, 12, 21] {
            assert_eq!(date_time(&RECORDS[..length]), None);
        }
    }

    #[test]
    fn iptc_is_found_among_other_photoshop_resources() {
        let length = RECORDS.len() as u8;
        let block = [
            PHOTOSHOP,
            b"8BIM\x03\xed\0\0\0\0\0\0",
            IPTC_RESOURCE,
            &[0, 0, 0, 0, 0, length],
            RECORDS,
            b"8BIM",
        ]
        .concat();
        assert_eq!(in_photoshop(&block), Some(RECORDS));
        let named = [PHOTOSHOP, IPTC_RESOURCE, b"\x03abc", &[0, 0, 0, length], RECORDS].concat();
        assert_eq!(in_photoshop(&named), Some(RECORDS));
        assert_eq!(in_photoshop(&block[..40]), None);
        assert_eq!(in_photoshop(b"8BIM"), None);
    }
}

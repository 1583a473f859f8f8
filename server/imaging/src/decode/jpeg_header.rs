//! Parses a JPEG's markers and segments without decoding the picture.

use crate::ImageError;
use crate::metadata::{Blocks, in_photoshop};
use std::borrow::Cow;

mod marker {
    pub(super) const START_OF_IMAGE: u8 = 0xd8;
    pub(super) const END_OF_IMAGE: u8 = 0xd9;
    pub(super) const START_OF_SCAN: u8 = 0xda;
    pub(super) const APP1: u8 = 0xe1;
    pub(super) const APP2: u8 = 0xe2;
    pub(super) const APP13: u8 = 0xed;
}

/// The last bytes of a JPEG.
pub(super) const END_OF_IMAGE: [u8; 2] = [0xff, marker::END_OF_IMAGE];

/// A JPEG's frame header, scans and metadata.
#[derive(Debug, Default)]
pub(super) struct JpegHeader<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bits per sample.
    pub(super) precision: u8,
    /// Neither lossless nor hierarchical.
    pub(super) lossy: bool,
    progressive: bool,
    pub(super) scans: u32,
    /// Whether it has a single, sequential scan of all components. For others the decoder buffers all coefficients.
    pub(super) has_single_scan: bool,
    /// Size of that buffer, in bytes.
    pub(super) coefficients: u64,
    components: u8,
    /// Whether the file has an end marker.
    pub(super) has_end: bool,
    /// The first metadata block of each type.
    pub(super) blocks: Blocks<'a>,
    /// The ICC profile, joined from its segments.
    pub(super) icc: Option<Vec<u8>>,
}

impl<'a> JpegHeader<'a> {
    /// Reads the whole file, marker by marker. A file without an end marker is damaged, unless it ends in a single scan, which may be
    /// complete: the decoder finds out.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, ImageError> {
        let mut header = Self::default();
        let mut icc = IccParts::default();
        let mut rest = file;
        loop {
            let marker;
            (marker, rest) = match next_marker(rest) {
                Some(next) => next,
                None if header.has_single_scan => break,
                None => return Err(ImageError::Damaged),
            };
            match marker {
                marker::START_OF_IMAGE => continue,
                marker::END_OF_IMAGE => {
                    header.has_end = true;
                    break;
                }
                _ => {}
            }
            let segment;
            (segment, rest) = next_segment(rest).ok_or(ImageError::Damaged)?;
            match marker {
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                    // The limits must be checked against the frame that is decoded.
                    if header.width != 0 {
                        return Err(ImageError::Damaged);
                    }
                    header.read_frame(marker, segment).ok_or(ImageError::Damaged)?
                }
                marker::START_OF_SCAN => header.read_scan(segment).ok_or(ImageError::Damaged)?,
                marker::APP1 => header.blocks.add_app1(segment),
                marker::APP13 if header.blocks.iptc.is_none() => header.blocks.iptc = in_photoshop(segment).map(Cow::Borrowed),
                marker::APP2 => icc.add(segment),
                _ => {}
            }
        }
        header.icc = icc.join();
        if header.scans == 0 || header.width == 0 {
            Err(ImageError::Damaged)
        } else {
            Ok(header)
        }
    }

    fn read_scan(&mut self, segment: &[u8]) -> Option<()> {
        self.has_single_scan = self.scans == 0 && !self.progressive && *segment.first()? == self.components;
        self.scans += 1;
        Some(())
    }

    fn read_frame(&mut self, marker: u8, segment: &[u8]) -> Option<()> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return None;
        };
        self.precision = *precision;
        self.width = u32::from(u16::from_be_bytes([*w1, *w0]));
        self.height = u32::from(u16::from_be_bytes([*h1, *h0]));
        if self.width == 0 || self.height == 0 {
            return None;
        }
        self.lossy = matches!(marker, 0xc0..=0xc2 | 0xc9 | 0xca);
        self.progressive = matches!(marker, 0xc2 | 0xca);
        self.components = *count;
        let samples: Vec<(u64, u64)> = components
            .chunks_exact(3)
            .map(|c| (u64::from(c[1] >> 4), u64::from(c[1] & 15)))
            .collect();
        let (widest, tallest) = (samples.iter().map(|s| s.0).max()?, samples.iter().map(|s| s.1).max()?);
        if samples.len() != usize::from(*count) || samples.iter().any(|s| s.0 == 0 || s.1 == 0) {
            return None;
        }
        let pixels = u64::from(self.width) * u64::from(self.height);
        self.coefficients = samples.iter().map(|s| 2 * pixels * s.0 * s.1 / (widest * tallest)).sum();
        Some(())
    }
}

/// The next marker. Skips fill bytes and entropy-coded data, where 0xff is followed by 0 or starts a restart marker.
fn next_marker(mut bytes: &[u8]) -> Option<(u8, &[u8])> {
    loop {
        let at = bytes.iter().position(|&byte| byte == 0xff)?;
        match &bytes[at + 1..] {
            [0xff, ..] => bytes = &bytes[at + 1..],
            [0 | 1 | 0xd0..=0xd7, rest @ ..] => bytes = rest,
            [marker, rest @ ..] => return Some((*marker, rest)),
            [] => return None,
        }
    }
}

fn next_segment(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let [high, low, ..] = bytes else { return None };
    let (segment, rest) = bytes.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((segment.get(2..)?, rest))
}

/// Numbered parts of an ICC profile that exceeds one segment.
#[derive(Default)]
struct IccParts<'a>(Vec<(u8, &'a [u8])>);

impl<'a> IccParts<'a> {
    fn add(&mut self, segment: &'a [u8]) {
        if let Some([number, _, part @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
            self.0.push((*number, part));
        }
    }

    fn join(mut self) -> Option<Vec<u8>> {
        self.0.sort_by_key(|(number, _)| *number);
        (!self.0.is_empty()).then(|| self.0.iter().flat_map(|(_, part)| *part).copied().collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FRAME: &[u8] = &[0xff, 0xc0, 0, 17, 8, 0, 16, 0, 32, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1];
    const SCAN: &[u8] = &[0xff, 0xda, 0, 3, 3, 0x55, 0xff, 0, 0xff, 0xd0, 0x55];
    const END: &[u8] = &[0xff, 0xd9];

    #[test]
    fn frame_and_scans_are_found_around_entropy_coded_data() {
        let file = [&[0xff, 0xd8], FRAME, SCAN, SCAN, END, b"a video"].concat();
        let header = JpegHeader::read(&file).unwrap();
        assert_eq!((header.width, header.height, header.precision, header.scans), (32, 16, 8, 2));
        assert_eq!(header.coefficients, 2 * 32 * 16 * 3 / 2);
        assert!(header.lossy && header.blocks.exif.is_none() && header.icc.is_none());
    }

    #[test]
    fn a_single_scan_has_all_components() {
        let has_single_scan = |scans: &[&[u8]]| {
            let file = [&[0xff, 0xd8], FRAME, &scans.concat(), END].concat();
            JpegHeader::read(&file).unwrap().has_single_scan
        };
        let of_one_component = &[0xff, 0xda, 0, 3, 1, 0x55][..];
        assert!(has_single_scan(&[SCAN]));
        assert!(!has_single_scan(&[SCAN, SCAN]));
        assert!(!has_single_scan(&[of_one_component]));
        assert!(!has_single_scan(&[of_one_component, SCAN]));
    }

    #[test]
    fn a_second_frame_is_damaged() {
        for frames in [[FRAME, SCAN, FRAME], [FRAME, FRAME, SCAN]] {
            let file = [&[0xff, 0xd8], &frames.concat()[..], END].concat();
            assert_eq!(JpegHeader::read(&file).err(), Some(ImageError::Damaged));
        }
    }

    #[test]
    fn an_icc_profile_is_joined_in_order() {
        let part = |number: u8, text: &[u8]| {
            [
                &[0xff, 0xe2, 0, 16 + text.len() as u8],
                &b"ICC_PROFILE\0"[..],
                &[number, 2],
                text,
            ]
            .concat()
        };
        let file = [&[0xff, 0xd8][..], &part(2, b"world"), &part(1, b"hello "), FRAME, SCAN, END].concat();
        assert_eq!(JpegHeader::read(&file).unwrap().icc.as_deref(), Some(&b"hello world"[..]));
    }

    #[test]
    fn truncated_files_are_damaged() {
        let file = [&[0xff, 0xd8], FRAME, SCAN, END].concat();
        let scan_start = file.len() - END.len() - (SCAN.len() - 5);
        for length in 0..scan_start {
            assert_eq!(
                JpegHeader::read(&file[..length]).err(),
                Some(ImageError::Damaged),
                "after {length} bytes"
            );
        }
        for length in scan_start..file.len() {
            assert!(!JpegHeader::read(&file[..length]).unwrap().has_end, "after {length} bytes");
        }
        let in_two_scans = [&[0xff, 0xd8], FRAME, SCAN, SCAN].concat();
        assert_eq!(JpegHeader::read(&in_two_scans).err(), Some(ImageError::Damaged));
        assert_eq!(JpegHeader::read(&[0xff, 0xd8, 0xff, 0xd9]).err(), Some(ImageError::Damaged));
        assert_eq!(
            JpegHeader::read(&[0xff, 0xd8, 0xff, 0xe0, 0, 1]).err(),
            Some(ImageError::Damaged)
        );
    }
}

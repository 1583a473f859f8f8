//! What shows before the picture: its ThumbHash as a tiny image.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// A ThumbHash knows seven waves a side, so that half of the 32 pixels it is decoded to lose nothing.
const SHRINK: usize = 2;

/// A ThumbHash of a picture that one cannot see through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder(Vec<u8>);

impl Placeholder {
    /// Bytes of an address, about.
    pub const USUAL_LENGTH: usize = 900;

    /// From base64. None for a picture that one can see through: it would show behind it for good.
    pub fn parse(thumbhash: &str) -> Option<Self> {
        let hash = BASE64_STANDARD.decode(thumbhash).ok()?;
        let see_through = hash.get(2)? & 0x80 != 0;
        (!see_through).then_some(Self(hash))
    }

    /// Address of the image, for `src`. None for bytes that are too few.
    pub fn address(&self) -> Option<String> {
        let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&self.0).ok()?;
        let (columns, rows) = ((width / SHRINK).max(1), (height / SHRINK).max(1));
        let pixel = |column: usize, row: usize| {
            let at = 4 * (row * SHRINK * width + column * SHRINK);
            pixels.get(at..at + 3).map_or([0; 3], |rgb| [rgb[2], rgb[1], rgb[0]])
        };
        Some(format!(
            "data:image/bmp;base64,{}",
            BASE64_STANDARD.encode(bitmap(columns, rows, pixel))
        ))
    }
}

/// A Windows bitmap: the one format that takes neither a compressor nor a checksum.
fn bitmap(columns: usize, rows: usize, pixel: impl Fn(usize, usize) -> [u8; 3]) -> Vec<u8> {
    const HEADERS: usize = 14 + 40;
    let padding = (4 - columns * 3 % 4) % 4;
    let size = HEADERS + rows * (columns * 3 + padding);
    let mut file = Vec::with_capacity(size);
    file.extend(b"BM");
    for field in [size, 0, HEADERS, 40, columns, rows] {
        file.extend((field as u32).to_le_bytes());
    }
    file.extend([1, 0, 24, 0]);
    file.extend([0; 24]);
    for row in (0..rows).rev() {
        file.extend((0..columns).flat_map(|column| pixel(column, row)));
        file.extend(std::iter::repeat_n(0, padding));
    }
    file
}

#[cfg(test)]
mod tests {
    use super::{Placeholder, bitmap};

    fn address(thumbhash: &str) -> Option<String> {
        Placeholder::parse(thumbhash)?.address()
    }

    #[test]
    fn writes_rows_from_the_bottom_in_blue_green_red() {
        let file = bitmap(1, 2, |_, row| [row as u8, 10, 20]);
        assert_eq!(file.len(), 54 + 2 * 4);
        assert_eq!(&file[54..], [1, 10, 20, 0, 0, 10, 20, 0]);
    }

    #[test]
    fn shows_nothing_for_what_is_no_thumbhash() {
        assert_eq!(address("not base64!"), None);
        assert_eq!(address(""), None);
        assert_eq!(address("1QcSHQRn"), None);
        assert!(address("1QcSHQRnh493V4dIh4eXh1h4kJUI").is_some_and(|address| address.starts_with("data:image/bmp;base64,Qk")));
    }
}

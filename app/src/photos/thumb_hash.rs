//! ThumbHashes as colours and as tiny images.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The decoded image is 32 pixels wide or high. A ThumbHash has seven frequencies per axis, so that half of that suffices.
const DOWNSCALE: usize = 2;

/// The ThumbHash of an opaque picture.
pub struct ThumbHash(Vec<u8>);

impl ThumbHash {
    /// From base64. None for a transparent picture, behind which the placeholder would stay visible.
    pub fn parse(thumbhash: &str) -> Option<Self> {
        let hash = BASE64_STANDARD.decode(thumbhash).ok()?;
        let transparent = hash.get(2)? & 0x80 != 0;
        (!transparent).then_some(Self(hash))
    }

    /// The average colour, in hexadecimal. None for one that is too short.
    pub fn colour(&self) -> Option<String> {
        let (red, green, blue, _) = thumbhash::thumb_hash_to_average_rgba(&self.0).ok()?;
        let [red, green, blue] = [red, green, blue].map(|part| (part * 255.0).round() as u8);
        Some(format!("#{red:02x}{green:02x}{blue:02x}"))
    }

    /// A `data:` URL. None for one that is too short.
    pub fn url(&self) -> Option<String> {
        let (width, height, pixels) = thumbhash::thumb_hash_to_rgba(&self.0).ok()?;
        let (columns, rows) = ((width / DOWNSCALE).max(1), (height / DOWNSCALE).max(1));
        let pixel = |column: usize, row: usize| {
            let at = 4 * (row * DOWNSCALE * width + column * DOWNSCALE);
            pixels.get(at..at + 3).map_or([0; 3], |rgb| [rgb[2], rgb[1], rgb[0]])
        };
        Some(format!(
            "data:image/bmp;base64,{}",
            BASE64_STANDARD.encode(bitmap(columns, rows, pixel))
        ))
    }
}

/// A Windows bitmap: the one format that needs neither compression nor a checksum.
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
    use super::{ThumbHash, bitmap};

    fn url(thumbhash: &str) -> Option<String> {
        ThumbHash::parse(thumbhash)?.url()
    }

    #[test]
    fn writes_rows_from_the_bottom_in_blue_green_red() {
        let file = bitmap(1, 2, |_, row| [row as u8, 10, 20]);
        assert_eq!(file.len(), 54 + 2 * 4);
        assert_eq!(&file[54..], [1, 10, 20, 0, 0, 10, 20, 0]);
    }

    #[test]
    fn the_colour_is_the_average() {
        let colour = |thumbhash: &str| ThumbHash::parse(thumbhash)?.colour();
        assert_eq!(colour("1QcSHQRnh493V4dIh4eXh1h4kJUI").as_deref(), Some("#565258"));
        assert_eq!(colour("1QcS"), None);
    }

    #[test]
    fn invalid_thumbhashes_have_no_url() {
        assert_eq!(url("not base64!"), None);
        assert_eq!(url(""), None);
        assert_eq!(url("1QcSHQRn"), None);
        assert!(url("1QcSHQRnh493V4dIh4eXh1h4kJUI").is_some_and(|url| url.starts_with("data:image/bmp;base64,Qk")));
    }
}

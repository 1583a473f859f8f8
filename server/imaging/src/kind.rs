//! Detects the format of a file by its magic number.

use super::boxes::child;
use super::{ImageError, tiff};

/// The format of an uploaded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Webp,
    Gif,
    Avif,
    Heic,
    Tiff,
    /// A camera's raw file, of which the embedded preview is decoded.
    Raw,
}

/// Major and compatible brands of the `ftyp` box (ISO/IEC 14496-12).
const BRANDS: [(&[u8], Kind); 9] = [
    (b"avif", Kind::Avif),
    (b"avis", Kind::Avif),
    (b"heic", Kind::Heic),
    (b"heix", Kind::Heic),
    (b"heim", Kind::Heic),
    (b"heis", Kind::Heic),
    (b"hevc", Kind::Heic),
    (b"hevx", Kind::Heic),
    (b"crx ", Kind::Raw),
];

impl Kind {
    pub(super) fn detect(bytes: &[u8]) -> Result<Self, ImageError> {
        match bytes {
            [] => Err(ImageError::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] if tiff::is_raw(bytes) => Ok(Self::Raw),
            [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Ok(Self::Tiff),
            // Olympus, Panasonic, Sigma and Fujifilm.
            [b'I', b'I', b'R', b'O' | b'S', ..]
            | [b'M', b'M', b'O', b'R', ..]
            | [b'I', b'I', b'U', 0, ..]
            | [b'F', b'O', b'V', b'b', ..] => Ok(Self::Raw),
            [
                b'F',
                b'U',
                b'J',
                b'I',
                b'F',
                b'I',
                b'L',
                b'M',
                b'C',
                b'C',
                b'D',
                b'-',
                b'R',
                b'A',
                b'W',
                ..,
            ] => Ok(Self::Raw),
            [0, 0, high, low, b'f', b't', b'y', b'p', rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]))
                    .saturating_sub(8)
                    .min(rest.len());
                Self::by_brands(&rest[..length]).or_else(|_| Self::by_item(&rest[..length], bytes))
            }
            _ => Err(ImageError::NotAPhoto),
        }
    }

    /// By the first known brand. The minor version, between the major and the compatible brands, matches none.
    fn by_brands(brands: &[u8]) -> Result<Self, ImageError> {
        let known = |brand: &[u8]| BRANDS.iter().find(|(name, _)| *name == brand).map(|(_, kind)| *kind);
        brands.chunks_exact(4).find_map(known).ok_or(ImageError::NotAPhoto)
    }

    /// A still may have the generic brand `mif1` alone: then by the type of its first known item.
    fn by_item(brands: &[u8], file: &[u8]) -> Result<Self, ImageError> {
        let is_still = brands.chunks_exact(4).any(|brand| brand == b"mif1");
        let items = child(file, b"meta").unwrap_or_default().windows(4);
        let known = |item: &[u8]| match item {
            b"hvc1" => Some(Self::Heic),
            b"av01" => Some(Self::Avif),
            _ => None,
        };
        items.filter(|_| is_still).find_map(known).ok_or(ImageError::NotAPhoto)
    }

    /// Its media type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Tiff => "image/tiff",
            Self::Raw => "image/x-raw",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_detected_by_magic_number() {
        assert_eq!(Kind::detect(b""), Err(ImageError::Empty));
        assert_eq!(Kind::detect(b"\xff\xd8"), Err(ImageError::NotAPhoto));
        assert_eq!(Kind::detect(b"Dear diary"), Err(ImageError::NotAPhoto));
        assert_eq!(Kind::detect(b"\xff\xd8\xff\xe0"), Ok(Kind::Jpeg));
        assert_eq!(Kind::detect(b"\x89PNG\r\n\x1a\n"), Ok(Kind::Png));
        assert_eq!(Kind::detect(b"RIFF\0\0\0\0WEBPVP8 "), Ok(Kind::Webp));
        assert_eq!(Kind::detect(b"RIFF\0\0\0\0WAVEfmt "), Err(ImageError::NotAPhoto));
        assert_eq!(Kind::detect(b"GIF89a"), Ok(Kind::Gif));
        assert_eq!(Kind::detect(b"II*\0"), Ok(Kind::Tiff));
        assert_eq!(Kind::detect(b"MM\0*\0\0\0\x08"), Ok(Kind::Tiff));
        assert_eq!(Kind::detect(b"II+\0\x08\0\0\0"), Ok(Kind::Tiff));
        assert_eq!(Kind::detect(b"FUJIFILMCCD-RAW 0201"), Ok(Kind::Raw));
        assert_eq!(Kind::detect(b"IIRO"), Ok(Kind::Raw));
    }

    #[test]
    fn isobmff_formats_are_detected_by_brand_or_item_type() {
        let brands = |text: &[u8]| Kind::detect(&[&[0, 0, 0, 8 + text.len() as u8], &b"ftyp"[..], text].concat());
        assert_eq!(brands(b"heic\0\0\0\0mif1heic"), Ok(Kind::Heic));
        assert_eq!(brands(b"mif1\0\0\0\0mif1heicmiaf"), Ok(Kind::Heic));
        assert_eq!(brands(b"avif\0\0\0\0avifmif1"), Ok(Kind::Avif));
        assert_eq!(brands(b"crx \0\0\0\x01crx isom"), Ok(Kind::Raw));
        assert_eq!(brands(b"isom\0\0\0\0mp41"), Err(ImageError::NotAPhoto));
        assert_eq!(brands(b"isom\0\0\0\0mp41hvc1"), Err(ImageError::NotAPhoto));
        let file = b"\0\0\0\x18ftypmif1\0\0\0\0mif1miaf\0\0\0\x0cmdathvc1\0\0\0\x10meta";
        let by_item = |item: &[u8]| Kind::detect(&[&file[..], item].concat());
        assert_eq!(by_item(b"infehvc1"), Ok(Kind::Heic));
        assert_eq!(by_item(b"infeav01"), Ok(Kind::Avif));
        assert_eq!(by_item(b"infejpeg"), Err(ImageError::NotAPhoto));
        assert_eq!(Kind::detect(b"\0\0\xff\xffftypmif1"), Err(ImageError::NotAPhoto));
    }
}

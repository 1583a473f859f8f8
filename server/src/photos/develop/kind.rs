//! What a file is, by its first bytes.

use super::Unfit;

/// A format that is developed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Webp,
    Gif,
}

impl Kind {
    /// A file's name says nothing about it; its first bytes do.
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Unfit> {
        match bytes {
            [] => Err(Unfit::Empty),
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            _ => Err(Unfit::NotAPhoto),
        }
    }

    /// Its media type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_it_begins_with() {
        assert_eq!(Kind::of(b""), Err(Unfit::Empty));
        assert_eq!(Kind::of(b"\xff\xd8"), Err(Unfit::NotAPhoto));
        assert_eq!(Kind::of(b"Dear diary"), Err(Unfit::NotAPhoto));
        assert_eq!(Kind::of(b"\xff\xd8\xff\xe0"), Ok(Kind::Jpeg));
        assert_eq!(Kind::of(b"\x89PNG\r\n\x1a\n"), Ok(Kind::Png));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WEBPVP8 "), Ok(Kind::Webp));
        assert_eq!(Kind::of(b"RIFF\0\0\0\0WAVEfmt "), Err(Unfit::NotAPhoto));
        assert_eq!(Kind::of(b"GIF89a"), Ok(Kind::Gif));
    }
}

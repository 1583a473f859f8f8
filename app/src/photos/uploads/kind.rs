//! The media type of a file: by its first bytes, and by its name only where these are ambiguous.

use infer::MatcherType;
use model::photos::{KINDS, RAW};

/// The media type to announce for a file with these first bytes. `believed` is its type by name and browser. None if the type
/// is not supported.
pub fn kind_by_bytes(head: &[u8], believed: &str) -> Option<String> {
    let found = infer::get(head).filter(|found| found.matcher_type() == MatcherType::Image);
    let kind = match found.map(|found| found.mime_type()) {
        // Raw formats of most makers are TIFFs.
        Some("image/tiff") if believed == RAW => RAW,
        Some("image/x-canon-cr2") => RAW,
        // These formats differ in a brand that `infer` does not distinguish.
        Some("image/heif" | "image/heic") if matches!(believed, "image/heic" | "image/heif" | "image/avif" | RAW) => believed,
        Some(kind) if KINDS.contains(&kind) => kind,
        // An unknown head may be a damaged one: the server reports that.
        _ => believed,
    };
    KINDS.contains(&kind).then(|| kind.to_owned())
}

#[cfg(test)]
mod tests {
    use super::kind_by_bytes;
    use model::photos::kind_of;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    /// The brand of an image sequence, which `infer` does not know.
    const HEVC: &[u8] = b"\0\0\0\x18ftyphevc\0\0\0\0msf1hevc";
    const TIFF: &[u8] = b"II*\0\x08\0\0\0\0\0\0\0\0\0\0\0";

    #[test]
    fn bytes_take_precedence_over_names() {
        for (head, believed, kind) in [
            (JPEG, "", Some("image/jpeg")),
            (JPEG, "text/plain", Some("image/jpeg")),
            (JPEG, "image/pjpeg", Some("image/jpeg")),
            (PNG, "image/jpeg", Some("image/png")),
            (TIFF, "image/x-raw", Some("image/x-raw")),
            (TIFF, "", Some("image/tiff")),
            (b"hello, world".as_slice(), "text/plain", None),
            (b"hello, world".as_slice(), "image/jpeg", Some("image/jpeg")),
            (b"".as_slice(), "", None),
            (b"%PDF-1.7 and more".as_slice(), "", None),
        ] {
            assert_eq!(kind_by_bytes(head, believed).as_deref(), kind, "{believed}");
        }
    }

    #[test]
    fn a_sequence_without_extension_is_recognised_by_its_type() {
        let believed = kind_of("a burst", "image/heic-sequence");
        assert_eq!(kind_by_bytes(HEVC, &believed).as_deref(), Some("image/heic"));
    }
}

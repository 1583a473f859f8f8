//! Boxes of the ISO base media file format (ISOBMFF): HEIC, AVIF and Canon CR3.

/// Consecutive boxes, each with its type and content. The size has 32 bits, or 64 if these are 1; 0 extends to the end of the file:
/// ISO/IEC 14496-12, 4.2. Stops at the first box that exceeds the bytes.
pub(crate) fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (kind, content) = rest.split_first_chunk::<4>()?;
        let (head, length) = match u32::from_be_bytes(*length) {
            0 => (8, bytes.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*content.first_chunk::<8>()?)).ok()?),
            length => (8, length as usize),
        };
        let content = bytes.get(head..length)?;
        bytes = &bytes[length..];
        Some((*kind, content))
    })
}

/// The content of the first box of a type.
pub(crate) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(found, _)| found == kind).map(|(_, content)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_32_bits_of_64_bits_and_to_the_end_are_read() {
        let file = b"\0\0\0\x08ftyp\0\0\0\x01mdat\0\0\0\0\0\0\0\x12ab\0\0\0\x09freex\0\0\0\0restand so on";
        let found: Vec<_> = boxes(file).collect();
        assert_eq!(
            found,
            [
                (*b"ftyp", &b""[..]),
                (*b"mdat", b"ab"),
                (*b"free", b"x"),
                (*b"rest", b"and so on")
            ]
        );
        assert_eq!(child(file, b"mdat"), Some(&b"ab"[..]));
        assert_eq!(child(file, b"moov"), None);
    }

    #[test]
    fn an_invalid_box_ends_the_list() {
        for broken in [
            &b"\0\0\0\x07mdat"[..],
            b"\0\0\0\x09mdat",
            b"\0\0\0\x01mdat\0\0",
            b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x0f",
            b"\0\0",
        ] {
            assert_eq!(boxes(broken).count(), 0);
        }
    }
}

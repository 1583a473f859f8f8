//! Boxes, of which files of the ISO base media format are made: HEIC, AVIF and Canon's CR3.

/// The boxes that lie one behind the other, each with its kind and content. A box says how long it is, in four bytes or, after a 1, in
/// eight; 0 is up to the end: ISO/IEC 14496-12, 4.2. The first that does not end within the bytes ends them.
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

/// The content of the first box of a kind.
pub(crate) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(found, _)| found == kind).map(|(_, content)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_of_four_bytes_or_eight_or_up_to_the_end() {
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
    fn what_is_no_box_ends_them() {
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

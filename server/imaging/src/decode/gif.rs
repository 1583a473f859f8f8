//! Repairs a GIF without a trailer: GIF89a, appendix A.

use std::borrow::Cow;

const TRAILER: u8 = 0x3b;

/// The file up to the last complete block, with a trailer. Some programs omit it or write stray bytes between or after frames; browsers
/// show the frames before them. A file that is truncated within a block is unchanged.
pub(super) fn with_trailer(file: &[u8]) -> Cow<'_, [u8]> {
    match blocks_end(file) {
        Some(end) if file.get(end) != Some(&TRAILER) => [&file[..end], &[TRAILER]].concat().into(),
        _ => file.into(),
    }
}

/// The end of the last complete block.
fn blocks_end(file: &[u8]) -> Option<usize> {
    let flags = *file.get(10)?;
    let mut at = 13 + palette(flags);
    loop {
        at = match file.get(at..)? {
            // An extension: label, then sub-blocks.
            [0x21, _, ..] => sub_blocks_end(file, at + 2)?,
            // A frame: image descriptor, optional palette, LZW code size, then sub-blocks.
            [0x2c, head @ ..] => sub_blocks_end(file, at + 11 + palette(*head.get(8)?))?,
            _ => return Some(at),
        };
    }
}

/// Bytes of the palette, if the flags announce one.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The end of length-prefixed sub-blocks, the last of which is empty.
fn sub_blocks_end(file: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*file.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0abcdef";
    const FRAME: &[u8] = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
    const EXTENSION: &[u8] = b"\x21\xf9\x04\0\x0a\0\0\0";

    #[test]
    fn a_trailer_is_added_after_the_last_frame() {
        let frames = [HEAD, EXTENSION, FRAME, FRAME].concat();
        let complete = [&frames[..], &[TRAILER]].concat();
        for rest in [&b""[..], b"\0\0\0", b"\0", b";", b"\0\x2c\0\0"] {
            let repaired = with_trailer(&[&frames[..], rest].concat()).into_owned();
            assert_eq!(repaired, complete, "{rest:?}");
        }
        let followed = [&complete[..], b"\0\0"].concat();
        assert_eq!(*with_trailer(&followed), followed);
    }

    #[test]
    fn a_truncated_frame_is_unchanged() {
        let frames = [HEAD, EXTENSION, FRAME].concat();
        for length in 0..frames.len() {
            let cut = &frames[..length];
            let at_block_end = [HEAD.len(), HEAD.len() + EXTENSION.len()].contains(&length);
            assert_eq!(with_trailer(cut).len() > length, at_block_end, "after {length} bytes");
        }
    }
}

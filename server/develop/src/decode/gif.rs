//! Where a GIF ends: GIF89a, appendix A.

use std::borrow::Cow;

const TRAILER: u8 = 0x3b;

/// The file with its trailer. Some programs leave it out, or write something else between or behind the frames; browsers show the frames
/// before it. A file that breaks off within a frame is left as it is.
pub(super) fn ended(file: &[u8]) -> Cow<'_, [u8]> {
    match end(file) {
        Some(end) if file.get(end) != Some(&TRAILER) => [&file[..end], &[TRAILER]].concat().into(),
        _ => file.into(),
    }
}

/// Where the last whole block ends.
fn end(file: &[u8]) -> Option<usize> {
    let flags = *file.get(10)?;
    let mut at = 13 + palette(flags);
    loop {
        at = match file.get(at..)? {
            // An extension: what it is, then blocks.
            [0x21, _, ..] => blocks_end(file, at + 2)?,
            // A frame: where it lies, perhaps a palette, how many bits a code has, then blocks.
            [0x2c, head @ ..] => blocks_end(file, at + 11 + palette(*head.get(8)?))?,
            _ => return Some(at),
        };
    }
}

/// Bytes of a palette, where the flags say that there is one.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Behind blocks, each with its length before it, of which the last is empty.
fn blocks_end(file: &[u8], mut at: usize) -> Option<usize> {
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
    fn a_trailer_is_put_behind_the_last_frame() {
        let frames = [HEAD, EXTENSION, FRAME, FRAME].concat();
        let whole = [&frames[..], &[TRAILER]].concat();
        for rest in [&b""[..], b"\0\0\0", b"\0", b";", b"\0\x2c\0\0"] {
            let ended = ended(&[&frames[..], rest].concat()).into_owned();
            assert_eq!(ended, whole, "{rest:?}");
        }
        let followed = [&whole[..], b"\0\0"].concat();
        assert_eq!(*ended(&followed), followed);
    }

    #[test]
    fn a_frame_that_breaks_off_stays_so() {
        let frames = [HEAD, EXTENSION, FRAME].concat();
        for length in 0..frames.len() {
            let cut = &frames[..length];
            let at_an_end = [HEAD.len(), HEAD.len() + EXTENSION.len()].contains(&length);
            assert_eq!(ended(cut).len() > length, at_an_end, "after {length} bytes");
        }
    }
}

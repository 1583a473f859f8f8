//! What PNG says of its picture in chunks of their own: PNG, third edition, 11.3. The decoder keeps most of it to itself.

use crate::colour::{Chromaticities, Colours};
use crate::metadata::Blocks;
use flate2::read::ZlibDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Most bytes of a text that is packed. Metadata of cameras have some hundred thousand.
const MOST_TEXT: u64 = 1 << 20;

/// More chunks of text than programs write.
const MOST_TEXTS: usize = 64;

/// Chunks that matter here.
#[derive(Default)]
pub(super) struct Chunks<'a> {
    cicp: Option<&'a [u8]>,
    icc: bool,
    srgb: bool,
    gamma: Option<u32>,
    chromaticities: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    /// Whether the picture is turned by EXIF: where that stands behind the picture, browsers have shown it before they know how it lies,
    /// and a text of ImageMagick is a copy that they do not know.
    pub(super) is_turned: bool,
    texts: Vec<Text<'a>>,
}

impl<'a> Chunks<'a> {
    /// Goes through the whole file. Checksums of what is no picture are nobody's concern.
    pub(super) fn read(file: &'a [u8]) -> Self {
        let mut found = Self::default();
        let mut rest = file.get(8..).unwrap_or_default();
        let mut picture_seen = false;
        while let Some((kind, content, after)) = chunk(rest) {
            rest = after;
            match kind {
                b"IDAT" => picture_seen = true,
                b"cICP" => found.cicp = Some(content),
                b"iCCP" => found.icc = true,
                b"sRGB" => found.srgb = true,
                b"gAMA" => found.gamma = content.first_chunk().map(|gamma| u32::from_be_bytes(*gamma)),
                b"cHRM" => found.chromaticities = Some(content),
                b"eXIf" if found.exif.is_none() => (found.exif, found.is_turned) = (Some(content), !picture_seen),
                b"tEXt" | b"zTXt" | b"iTXt" if found.texts.len() < MOST_TEXTS => found.texts.extend(text(kind, content)),
                _ => {}
            }
        }
        found
    }

    /// By the chunk that goes before the others: 4.3.
    pub(super) fn colours(&self, icc: Option<Vec<u8>>) -> Colours {
        match (self.cicp, icc, self.gamma) {
            (Some([primaries, transfer, 0, _]), _, _) => Colours::of_cicp(*primaries, *transfer),
            (_, Some(icc), _) => Colours::of_icc(&icc),
            (_, _, Some(gamma)) if !self.icc && !self.srgb && gamma > 0 => {
                Colours::of_gamma(100_000.0 / f64::from(gamma), self.chromaticities.and_then(chromaticities))
            }
            _ => Colours::Srgb,
        }
    }

    /// Metadata, in chunks of their own or in texts of ImageMagick.
    pub(super) fn blocks(&self) -> Blocks<'_> {
        let text = |name: &str| {
            let (_, content) = self.texts.iter().find(|(found, _)| *found == name.as_bytes())?;
            Some(content)
        };
        let raw = |name: &str| text(&format!("Raw profile type {name}")).and_then(|content| raw_profile(content));
        let in_app1 = raw("APP1");
        let exif = self.exif.map(Cow::Borrowed);
        Blocks {
            exif: exif
                .or_else(|| raw("exif").map(Cow::Owned))
                .or_else(|| in_app1.clone().filter(|block| block.starts_with(b"Exif\0\0")).map(Cow::Owned)),
            xmp: text("XML:com.adobe.xmp")
                .cloned()
                .or_else(|| raw("xmp").or(in_app1).map(Cow::Owned)),
            iptc: None,
            created: text("Creation Time").map(|created| String::from_utf8_lossy(created).into_owned()),
        }
    }
}

/// The first chunk, its content, and what follows it.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (content, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((kind, content, rest.get(4..).unwrap_or_default()))
}

/// A text's name and content.
type Text<'a> = (&'a [u8], Cow<'a, [u8]>);

fn text<'a>(kind: &[u8; 4], content: &'a [u8]) -> Option<Text<'a>> {
    let (name, rest) = until_nul(content)?;
    let content = match kind {
        b"tEXt" => Cow::Borrowed(rest),
        b"zTXt" => Cow::Owned(unpacked(rest.get(1..)?)?),
        _ => {
            let [packed, _, rest @ ..] = rest else { return None };
            let (_language, rest) = until_nul(rest)?;
            let (_translated, rest) = until_nul(rest)?;
            match packed {
                0 => Cow::Borrowed(rest),
                _ => Cow::Owned(unpacked(rest)?),
            }
        }
    };
    Some((name, content))
}

fn until_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut content = vec![];
    ZlibDecoder::new(packed).take(MOST_TEXT).read_to_end(&mut content).ok()?;
    Some(content)
}

/// A block of metadata as ImageMagick writes it: its name, its length, and its bytes in hexadecimal digits.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.nth(1)?;
    let digits: Vec<u8> = lines
        .flatten()
        .filter_map(|digit| char::from(*digit).to_digit(16).map(|digit| digit as u8))
        .collect();
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// White, red, green and blue, in hundred-thousandths.
fn chromaticities(content: &[u8]) -> Option<Chromaticities> {
    let (numbers, _) = content.as_chunks::<4>();
    let at = |number: usize| Some(f64::from(u32::from_be_bytes(*numbers.get(number)?)) / 100_000.0);
    let point = |number: usize| Some([at(number)?, at(number + 1)?]);
    Some(Chromaticities {
        white: point(0)?,
        red: point(2)?,
        green: point(4)?,
        blue: point(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32).to_be_bytes()[..], kind, content, b"sum."].concat()
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n", &chunks.concat()[..]].concat()
    }

    #[test]
    fn exif_is_told_from_late_exif() {
        let (exif, picture) = (chunk(b"eXIf", b"MM\0*"), chunk(b"IDAT", b"x"));
        for (chunks, turned) in [([exif.clone(), picture.clone()], true), ([picture, exif], false)] {
            let file = file(&chunks);
            let chunks = Chunks::read(&file);
            assert_eq!((chunks.exif, chunks.is_turned), (Some(&b"MM\0*"[..]), turned));
        }
    }

    #[test]
    fn texts_carry_metadata() {
        let file = file(&[
            chunk(b"tEXt", b"Creation Time\x002024:01:16 21:16:15"),
            chunk(b"tEXt", b"Raw profile type exif\0\nexif\n    4\n4d4d\n002a\n"),
            chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
        ]);
        let chunks = Chunks::read(&file);
        let blocks = chunks.blocks();
        assert_eq!(blocks.exif.as_deref(), Some(&b"MM\0*"[..]));
        assert_eq!(blocks.xmp.as_deref(), Some(&b"<x/>"[..]));
        assert_eq!(blocks.created.as_deref(), Some("2024:01:16 21:16:15"));
    }

    #[test]
    fn broken_chunks_end_the_file() {
        for broken in [&b""[..], b"\x89PNG", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffeXIfMM"] {
            assert!(Chunks::read(broken).exif.is_none());
        }
        let file = file(&[
            chunk(b"zTXt", b"Creation Time\0\0no zlib"),
            chunk(b"iTXt", b"x"),
            chunk(b"tEXt", b"no end"),
        ]);
        assert!(Chunks::read(&file).texts.is_empty());
    }

    #[test]
    fn one_chunk_goes_before_the_others() {
        let gamma = chunk(b"gAMA", &100_000_u32.to_be_bytes());
        let colours = |chunks: &[Vec<u8>]| Chunks::read(&file(chunks)).colours(None);
        assert!(matches!(colours(std::slice::from_ref(&gamma)), Colours::Profile(_)));
        assert!(matches!(colours(&[chunk(b"gAMA", &45_455_u32.to_be_bytes())]), Colours::Srgb));
        assert!(matches!(colours(&[gamma.clone(), chunk(b"sRGB", &[0])]), Colours::Srgb));
        assert!(matches!(colours(&[gamma, chunk(b"cICP", &[9, 16, 0, 1])]), Colours::Hdr(_)));
    }
}

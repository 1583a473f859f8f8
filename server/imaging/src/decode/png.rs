//! Ancillary chunks of PNG (third edition, 11.3), most of which the decoder does not expose.

use crate::colour::{Chromaticities, ColourSpace};
use crate::metadata::Blocks;
use flate2::read::ZlibDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Bytes of a decompressed text. Camera metadata have some 100,000.
const MAX_TEXT: u64 = 1 << 20;

/// Text chunks that are read.
const MAX_TEXTS: usize = 64;

#[derive(Default)]
pub(super) struct Chunks<'a> {
    cicp: Option<&'a [u8]>,
    icc: bool,
    srgb: bool,
    gamma: Option<u32>,
    chromaticities: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    /// Whether browsers apply the EXIF orientation: only that of an `eXIf` chunk before `IDAT`, not of a later one or of ImageMagick's text
    /// chunk.
    pub(super) applies_orientation: bool,
    texts: Vec<Text<'a>>,
}

impl<'a> Chunks<'a> {
    /// Reads the whole file without verifying checksums.
    pub(super) fn read(file: &'a [u8]) -> Self {
        let mut found = Self::default();
        let mut rest = file.get(8..).unwrap_or_default();
        let mut has_image_data = false;
        while let Some((kind, content, after)) = chunk(rest) {
            rest = after;
            match kind {
                b"IDAT" => has_image_data = true,
                b"cICP" => found.cicp = Some(content),
                b"iCCP" => found.icc = true,
                b"sRGB" => found.srgb = true,
                b"gAMA" => found.gamma = content.first_chunk().map(|gamma| u32::from_be_bytes(*gamma)),
                b"cHRM" => found.chromaticities = Some(content),
                b"eXIf" if found.exif.is_none() => {
                    (found.exif, found.applies_orientation) = (Some(content), !has_image_data);
                }
                b"tEXt" | b"zTXt" | b"iTXt" if found.texts.len() < MAX_TEXTS => found.texts.extend(text(kind, content)),
                _ => {}
            }
        }
        found
    }

    /// By chunk precedence: PNG, third edition, 4.3.
    pub(super) fn colour_space(&self, icc: Option<Vec<u8>>) -> ColourSpace {
        match (self.cicp, icc, self.gamma) {
            (Some([primaries, transfer, 0, _]), _, _) => ColourSpace::from_cicp(*primaries, *transfer),
            (_, Some(icc), _) => ColourSpace::from_icc(&icc),
            (_, _, Some(gamma)) if !self.icc && !self.srgb && gamma > 0 => {
                ColourSpace::from_gamma(100_000.0 / f64::from(gamma), self.chromaticities.and_then(chromaticities))
            }
            _ => ColourSpace::Srgb,
        }
    }

    /// Metadata from dedicated chunks or from ImageMagick's text chunks.
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

/// The type and content of the first chunk, and the rest.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (content, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    Some((kind, content, rest.get(4..).unwrap_or_default()))
}

/// Keyword and content of a text chunk.
type Text<'a> = (&'a [u8], Cow<'a, [u8]>);

fn text<'a>(kind: &[u8; 4], content: &'a [u8]) -> Option<Text<'a>> {
    let (name, rest) = until_nul(content)?;
    let content = match kind {
        b"tEXt" => Cow::Borrowed(rest),
        b"zTXt" => Cow::Owned(decompress(rest.get(1..)?)?),
        _ => {
            let [compressed, _, rest @ ..] = rest else { return None };
            let (_language, rest) = until_nul(rest)?;
            let (_translated, rest) = until_nul(rest)?;
            match compressed {
                0 => Cow::Borrowed(rest),
                _ => Cow::Owned(decompress(rest)?),
            }
        }
    };
    Some((name, content))
}

fn until_nul(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut content = vec![];
    ZlibDecoder::new(compressed).take(MAX_TEXT).read_to_end(&mut content).ok()?;
    Some(content)
}

/// A metadata block as ImageMagick writes it: name, length, and hexadecimal bytes.
fn raw_profile(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.nth(1)?;
    let digits: Vec<u8> = lines
        .flatten()
        .filter_map(|digit| char::from(*digit).to_digit(16).map(|digit| digit as u8))
        .collect();
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// White point, red, green and blue, in units of 1/100,000.
fn chromaticities(content: &[u8]) -> Option<Chromaticities> {
    let (values, _) = content.as_chunks::<4>();
    let value = |index: usize| Some(f64::from(u32::from_be_bytes(*values.get(index)?)) / 100_000.0);
    let point = |index: usize| Some([value(index)?, value(index + 1)?]);
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
    fn only_exif_before_the_image_data_applies_its_orientation() {
        let (exif, picture) = (chunk(b"eXIf", b"MM\0*"), chunk(b"IDAT", b"x"));
        for (chunks, applies) in [([exif.clone(), picture.clone()], true), ([picture, exif], false)] {
            let file = file(&chunks);
            let chunks = Chunks::read(&file);
            assert_eq!((chunks.exif, chunks.applies_orientation), (Some(&b"MM\0*"[..]), applies));
        }
    }

    #[test]
    fn metadata_are_read_from_text_chunks() {
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
    fn invalid_chunks_are_ignored() {
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
    fn colour_chunks_have_precedence() {
        let gamma = chunk(b"gAMA", &100_000_u32.to_be_bytes());
        let colour_space = |chunks: &[Vec<u8>]| Chunks::read(&file(chunks)).colour_space(None);
        assert!(matches!(colour_space(std::slice::from_ref(&gamma)), ColourSpace::Profile(_)));
        assert!(matches!(
            colour_space(&[chunk(b"gAMA", &45_455_u32.to_be_bytes())]),
            ColourSpace::Srgb
        ));
        assert!(matches!(
            colour_space(&[gamma.clone(), chunk(b"sRGB", &[0])]),
            ColourSpace::Srgb
        ));
        assert!(matches!(
            colour_space(&[gamma, chunk(b"cICP", &[9, 16, 0, 1])]),
            ColourSpace::Hdr(_)
        ));
    }
}

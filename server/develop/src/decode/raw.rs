//! Raw files: of the pictures that the camera has put into them, the largest.

use super::Decoded;
use super::jpeg;
use super::jpeg_header::JpegHeader;
use crate::Unfit;

/// What is tried as the beginning of a JPEG. Cameras put in three at most, editors some tiles.
const MOST_TRIED: usize = 64;

/// How much of a file that is written as a TIFF has the camera's metadata.
const METADATA: usize = 1 << 20;

pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Unfit> {
    let mut decoded = jpeg::decode(largest_preview(bytes).ok_or(Unfit::NoPreview)?, edge)?;
    // The preview lies as the sensor does. Where the file is no TIFF, the preview itself says how it was held.
    if matches!(bytes, [b'I', b'I', ..] | [b'M', b'M', ..]) {
        decoded.exif = Some(as_tiff(&bytes[..bytes.len().min(METADATA)]));
    }
    Ok(decoded)
}

/// Olympus and Panasonic write a TIFF with another number in its third byte.
fn as_tiff(start: &[u8]) -> Vec<u8> {
    let mut block = start.to_vec();
    match block[0] {
        b'I' => block[2..4].copy_from_slice(b"*\0"),
        _ => block[2..4].copy_from_slice(b"\0*"),
    }
    block
}

/// Every maker has tables of its own for where previews lie; all of them are JPEGs, and say how large they are.
fn largest_preview(bytes: &[u8]) -> Option<&[u8]> {
    let mut best: Option<(u64, &[u8])> = None;
    let mut rest = bytes;
    for _ in 0..MOST_TRIED {
        let Some(start) = rest.windows(3).position(|start| start == [0xff, 0xd8, 0xff]) else {
            break;
        };
        let candidate = &rest[start..];
        rest = &candidate[3..];
        // What a sensor saw is stored in lossless JPEGs.
        let Ok(header) = JpegHeader::read(candidate) else { continue };
        let pixels = u64::from(header.width) * u64::from(header.height);
        if header.lossy && header.precision == 8 && best.is_none_or(|(most, _)| pixels > most) {
            best = Some((pixels, candidate));
        }
    }
    best.map(|(_, preview)| preview)
}

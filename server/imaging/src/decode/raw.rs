//! Raw files: decodes the largest embedded JPEG preview.

use super::Decoded;
use super::jpeg;
use super::jpeg_header::JpegHeader;
use crate::ImageError;
use crate::boxes::{boxes, child};
use crate::metadata::exif::Exif;
use crate::metadata::{Blocks, Metadata};
use crate::tiff::{Tiff, sensor_data};

/// Candidates for a JPEG that are tried. Cameras embed three at most; editors add tiles.
const MAX_CANDIDATES: usize = 64;

pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, ImageError> {
    let preview = largest_preview(bytes).ok_or(ImageError::NoPreview)?;
    let decoded = jpeg::decode(preview, edge)?;
    // The preview is stored unrotated. Its own metadata complement those of the file.
    let metadata = match bytes {
        [b'I', b'I', ..] | [b'M', b'M', ..] => tiff_metadata(bytes),
        _ => cr3_exif(bytes).map(|exif| Blocks::default().read_with(&exif)),
    };
    let preview_metadata = decoded.metadata;
    let metadata = match metadata {
        Some(metadata) => Metadata {
            taken_at: metadata.taken_at.or(preview_metadata.taken_at),
            shot: metadata.shot.or(preview_metadata.shot),
            ..metadata
        },
        None => preview_metadata,
    };
    Ok(Decoded { metadata, ..decoded })
}

fn tiff_metadata(bytes: &[u8]) -> Option<Metadata> {
    let first = Tiff::new(bytes)?.first()?;
    Some(Blocks::from_tiff(bytes, &first).read())
}

/// UUID of Canon's metadata box, which holds a TIFF for each directory.
const CANON_UUID: [u8; 16] = [
    0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48,
];

fn cr3_exif(bytes: &[u8]) -> Option<Exif<'_>> {
    let movie = child(bytes, b"moov")?;
    let canon = boxes(movie)
        .filter(|(kind, _)| kind == b"uuid")
        .find_map(|(_, content)| content.strip_prefix(&CANON_UUID))?;
    let directory = |kind| Tiff::new(child(canon, kind)?)?.first();
    Some(Exif {
        main: directory(b"CMT1"),
        photo: directory(b"CMT2"),
        gps: directory(b"CMT4"),
    })
}

/// Scans for JPEGs, since every maker stores the offsets of previews in tables of its own. Skips sensor data, whose tiles may be JPEGs,
/// too.
fn largest_preview(bytes: &[u8]) -> Option<&[u8]> {
    let sensor_tiles = sensor_data(bytes);
    let mut found: Vec<((u32, u32), &[u8])> = vec![];
    let mut at = 0;
    let mut tried = 0;
    while let Some(start) = bytes[at..].windows(3).position(|start| start == [0xff, 0xd8, 0xff]) {
        let start = at + start;
        if let Some(tile) = sensor_tiles.iter().find(|tile| tile.contains(&start)) {
            at = tile.end.min(bytes.len());
            continue;
        }
        tried += 1;
        if tried > MAX_CANDIDATES {
            break;
        }
        at = start + 3;
        let candidate = &bytes[start..];
        // Lossless JPEGs hold sensor data.
        let Ok(header) = JpegHeader::read(candidate) else { continue };
        if header.lossy && header.precision == 8 {
            found.push(((header.width, header.height), candidate));
        }
    }
    // Squares of the same size are tiles, even if the directories do not list them.
    let is_tile = |size: (u32, u32)| size.0 == size.1 && found.iter().filter(|(other, _)| *other == size).count() > 1;
    let pictures = found.iter().filter(|(size, _)| !is_tile(*size));
    let largest = pictures.max_by_key(|((width, height), _)| u64::from(*width) * u64::from(*height));
    largest.map(|(_, preview)| *preview)
}

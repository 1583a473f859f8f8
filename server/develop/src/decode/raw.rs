//! Raw files: of the pictures that the camera has put into them, the largest.

use super::Decoded;
use super::jpeg;
use super::jpeg_header::JpegHeader;
use crate::Unfit;
use crate::boxes::{boxes, child};
use crate::metadata::exif::Exif;
use crate::metadata::{Blocks, Metadata};
use crate::tiff::{Tiff, sensor_data};

/// What is tried as the beginning of a JPEG. Cameras put in three at most, editors some tiles.
const MOST_TRIED: usize = 64;

pub(super) fn decode(bytes: &[u8], edge: u32) -> Result<Decoded, Unfit> {
    let preview = largest_preview(bytes).ok_or(Unfit::NoPreview)?;
    let decoded = jpeg::decode(preview, edge)?;
    // The preview lies as the sensor does. Where the file does not say how it was held, the preview itself does.
    let metadata = match bytes {
        [b'I', b'I', ..] | [b'M', b'M', ..] => of_tiff(bytes),
        _ => exif_of_cr3(bytes).map(|exif| Blocks::default().with(&exif)),
    };
    let of_preview = decoded.metadata;
    let metadata = match metadata {
        Some(metadata) => Metadata {
            taken_at: metadata.taken_at.or(of_preview.taken_at),
            shot: metadata.shot.or(of_preview.shot),
            ..metadata
        },
        None => of_preview,
    };
    Ok(Decoded { metadata, ..decoded })
}

fn of_tiff(bytes: &[u8]) -> Option<Metadata> {
    let first = Tiff::new(bytes)?.first()?;
    Some(Blocks::of_tiff(bytes, &first).read())
}

/// Canon's box of metadata: a number for its kind, then a TIFF for each directory.
const CANON: [u8; 16] = [
    0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48,
];

fn exif_of_cr3(bytes: &[u8]) -> Option<Exif<'_>> {
    let movie = child(bytes, b"moov")?;
    let canon = boxes(movie)
        .filter(|(kind, _)| kind == b"uuid")
        .find_map(|(_, content)| content.strip_prefix(&CANON))?;
    let directory = |kind| Tiff::new(child(canon, kind)?)?.first();
    Some(Exif {
        main: directory(b"CMT1"),
        photo: directory(b"CMT2"),
        gps: directory(b"CMT4"),
    })
}

/// Every maker has tables of its own for where previews lie; all of them are JPEGs, and say how large they are. What the sensor saw may be
/// stored in JPEGs, too, of which each is a tile.
fn largest_preview(bytes: &[u8]) -> Option<&[u8]> {
    let of_sensor = sensor_data(bytes);
    let mut found: Vec<((u32, u32), &[u8])> = vec![];
    let mut at = 0;
    let mut tried = 0;
    while let Some(start) = bytes[at..].windows(3).position(|start| start == [0xff, 0xd8, 0xff]) {
        let start = at + start;
        if let Some(tile) = of_sensor.iter().find(|tile| tile.contains(&start)) {
            at = tile.end.min(bytes.len());
            continue;
        }
        tried += 1;
        if tried > MOST_TRIED {
            break;
        }
        at = start + 3;
        let candidate = &bytes[start..];
        // What a sensor saw is stored in lossless JPEGs.
        let Ok(header) = JpegHeader::read(candidate) else { continue };
        if header.lossy && header.precision == 8 {
            found.push(((header.width, header.height), candidate));
        }
    }
    // Squares that occur more than once are tiles, whatever the directories say.
    let is_tile = |size: (u32, u32)| size.0 == size.1 && found.iter().filter(|(other, _)| *other == size).count() > 1;
    let pictures = found.iter().filter(|(size, _)| !is_tile(*size));
    let largest = pictures.max_by_key(|((width, height), _)| u64::from(*width) * u64::from(*height));
    largest.map(|(_, preview)| *preview)
}

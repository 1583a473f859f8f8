//! The HEIF container of HEIC and AVIF (ISO/IEC 23008-12, MIAF): transformative properties, colour and item locations. The decoders
//! do not apply them.

use crate::boxes::{boxes, child};
use crate::orient::{Orientation, Rect};
use crate::pixels::Picture;

/// What the `meta` box says of the primary item.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Container<'a> {
    transforms: Vec<Transform>,
    /// Whether the primary item is a coded image or a grid of them, not another derived image.
    pub(super) is_supported: bool,
    /// CICP code points of primaries and transfer characteristics: ITU-T H.273.
    pub(super) cicp: Option<[u8; 2]>,
    /// Whether colours are premultiplied by alpha.
    pub(super) premultiplied: bool,
    /// Whether all image data lies within the file: the decoder leaves missing tiles grey.
    pub(super) is_complete: bool,
    pub(super) xmp: Option<&'a [u8]>,
}

/// A transformative property.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Transform {
    Orient(Orientation),
    /// Clean aperture: width and height, and the offset of its centre from the picture's, in pixels.
    Crop {
        size: [f64; 2],
        offset: [f64; 2],
    },
}

type ItemId = u32;

#[derive(Debug)]
struct Item<'a> {
    id: ItemId,
    kind: [u8; 4],
    /// Of items of type `mime`, otherwise empty.
    media_type: &'a [u8],
}

impl<'a> Container<'a> {
    /// `None` without a `meta` box or a primary item.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let meta = child(file, b"meta")?.get(4..)?;
        let items = child(meta, b"iinf").map(items).unwrap_or_default();
        let locations = child(meta, b"iloc").map(locations).unwrap_or_default();
        let references = child(meta, b"iref").unwrap_or_default();
        let primary = child(meta, b"pitm").and_then(primary)?;
        let properties = child(meta, b"iprp").unwrap_or_default();
        let location = |id: ItemId| locations.iter().find(|location| location.id == id);
        let is_image = |item: &&Item| matches!(&item.kind, b"hvc1" | b"av01" | b"grid" | b"iden");
        let own = properties_of(properties, primary);
        let is_primary = |item: &&Item| item.id == primary;
        Some(Self {
            is_supported: items
                .iter()
                .find(is_primary)
                .is_some_and(|item| matches!(&item.kind, b"hvc1" | b"av01" | b"grid")),
            cicp: own.iter().find_map(|(kind, content)| cicp(*kind, content)),
            transforms: own.iter().filter_map(|(kind, content)| transform(*kind, content)).collect(),
            premultiplied: references_of_kind(references, b"prem")
                .iter()
                .any(|(from, _)| *from == primary),
            is_complete: items
                .iter()
                .filter(is_image)
                .filter_map(|item| location(item.id))
                .all(|location| location.lies_in(file)),
            xmp: items
                .iter()
                .find(|item| item.media_type == b"application/rdf+xml")
                .and_then(|item| location(item.id)?.content(file)),
        })
    }

    /// Crops the picture, and returns the orientation that is left to apply.
    pub(super) fn apply(&self, picture: Picture) -> (Picture, Orientation) {
        let stored = picture.size();
        let full = Rect {
            left: 0,
            top: 0,
            width: stored.0,
            height: stored.1,
        };
        let (rect, orientation) = self.transforms.iter().fold(
            (full, Orientation::default()),
            |(rect, orientation), transform| match transform {
                Transform::Orient(next) => (rect, orientation.then(*next)),
                Transform::Crop { size, offset } => {
                    let (width, height) = orientation.size(rect.width, rect.height);
                    let Some(aperture) = clean_aperture((width, height), *size, *offset) else {
                        return (rect, orientation);
                    };
                    // In coordinates of the stored picture.
                    let aperture = orientation.inverse().transform_rect(aperture, (width, height));
                    let rect = Rect {
                        left: rect.left + aperture.left,
                        top: rect.top + aperture.top,
                        ..aperture
                    };
                    (rect, orientation)
                }
            },
        );
        let picture = if rect == full { picture } else { picture.cropped(rect) };
        (picture, orientation)
    }
}

/// The rectangle of a clean aperture; `None` if it is empty or exceeds the picture.
fn clean_aperture((width, height): (u32, u32), size: [f64; 2], offset: [f64; 2]) -> Option<Rect> {
    let side = |full: u32, size: f64, offset: f64| {
        let start = ((f64::from(full) - size) / 2.0 + offset).round();
        let size = size.round();
        (size >= 1.0 && start >= 0.0 && start + size <= f64::from(full)).then_some((start as u32, size as u32))
    };
    let (left, width) = side(width, size[0], offset[0])?;
    let (top, height) = side(height, size[1], offset[1])?;
    Some(Rect {
        left,
        top,
        width,
        height,
    })
}

/// A big-endian reader.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// An unsigned integer of up to eight bytes.
    fn uint(&mut self, bytes: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// An item ID: of 32 bits in later versions of a box, of 16 before.
    fn id(&mut self, long: bool) -> Option<ItemId> {
        self.uint(if long { 4 } else { 2 }).map(|id| id as ItemId)
    }

    /// A string that ends with NUL.
    fn string(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(text)
    }
}

fn primary(content: &[u8]) -> Option<ItemId> {
    let mut reader = Reader(content);
    let version = reader.uint(4)? >> 24;
    reader.id(version > 0)
}

fn items(content: &[u8]) -> Vec<Item<'_>> {
    let count = if content.first() == Some(&0) { 2 } else { 4 };
    let entries = content.get(4 + count..).unwrap_or_default();
    boxes(entries)
        .filter(|(kind, _)| kind == b"infe")
        .filter_map(|(_, entry)| item(entry))
        .collect()
}

fn item(entry: &[u8]) -> Option<Item<'_>> {
    let mut reader = Reader(entry);
    let version = reader.uint(4)? >> 24;
    let id = reader.id(version >= 3)?;
    reader.uint(2)?;
    let kind = (reader.uint(4)? as u32).to_be_bytes();
    let _name = reader.string();
    let media_type = reader.string().filter(|_| kind == *b"mime").unwrap_or_default();
    Some(Item { id, kind, media_type })
}

/// An entry of the `iloc` box.
#[derive(Debug)]
struct ItemLocation {
    id: ItemId,
    /// Construction method 0: offsets into the file.
    in_file: bool,
    /// Offset and length.
    extents: Vec<(u64, u64)>,
}

const MAX_EXTENTS: usize = 4096;

impl ItemLocation {
    fn lies_in(&self, file: &[u8]) -> bool {
        let ends = |(start, length): &(u64, u64)| start.checked_add(*length).is_some_and(|end| end <= file.len() as u64);
        !self.in_file || self.extents.iter().all(ends)
    }

    /// The bytes of an item with a single extent in the file.
    fn content<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        match self.extents[..] {
            [(start, length)] if self.in_file => {
                let rest = file.get(usize::try_from(start).ok()?..)?;
                rest.get(..usize::try_from(length).ok()?)
            }
            _ => None,
        }
    }
}

fn locations(content: &[u8]) -> Vec<ItemLocation> {
    let mut reader = Reader(content);
    let mut found = vec![];
    let Some((version, sizes)) = reader.uint(4).zip(reader.uint(2)) else {
        return found;
    };
    let version = version >> 24;
    let size = |shift: u64| (sizes >> shift & 15) as usize;
    let count = reader.uint(if version < 2 { 2 } else { 4 }).unwrap_or(0);
    let mut location = || {
        let id = reader.id(version >= 2)?;
        let in_file = version == 0 || reader.uint(2)? & 15 == 0;
        reader.uint(2)?;
        let base = reader.uint(size(4))?;
        let extents = reader.uint(2)? as usize;
        let mut extent = || {
            if version > 0 {
                reader.uint(size(0))?;
            }
            Some((base.checked_add(reader.uint(size(12))?)?, reader.uint(size(8))?))
        };
        let extents: Option<Vec<_>> = (0..extents.min(MAX_EXTENTS)).map(|_| extent()).collect();
        Some(ItemLocation {
            id,
            in_file,
            extents: extents?,
        })
    };
    found.extend((0..count).map_while(|_| location()));
    found
}

/// References of a type in the `iref` box: from which item to which.
fn references_of_kind(content: &[u8], kind: &[u8; 4]) -> Vec<(ItemId, ItemId)> {
    let long = content.first().is_some_and(|version| *version > 0);
    let of_kind = boxes(content.get(4..).unwrap_or_default()).filter(|(found, _)| found == kind);
    of_kind
        .flat_map(|(_, reference)| {
            let mut reader = Reader(reference);
            let from = reader.id(long);
            let count = reader.uint(2).unwrap_or(0);
            (0..count)
                .map_while(move |_| Some((from?, reader.id(long)?)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// An item's properties, in the order of their associations.
fn properties_of(properties: &[u8], id: ItemId) -> Vec<([u8; 4], &[u8])> {
    let known: Vec<_> = child(properties, b"ipco").map(|all| boxes(all).collect()).unwrap_or_default();
    let associated = child(properties, b"ipma").map(associations).unwrap_or_default();
    let own = associated.iter().filter(|(item, _)| *item == id);
    own.filter_map(|(_, index)| known.get(index.checked_sub(1)?))
        .copied()
        .collect()
}

/// The `ipma` box: item IDs and one-based property indices.
fn associations(content: &[u8]) -> Vec<(ItemId, usize)> {
    let mut reader = Reader(content);
    let mut found = vec![];
    let Some((head, count)) = reader.uint(4).zip(reader.uint(4)) else {
        return found;
    };
    let (long_id, long_index) = (head >> 24 > 0, head & 1 != 0);
    for _ in 0..count {
        let Some((id, count)) = reader.id(long_id).zip(reader.uint(1)) else {
            break;
        };
        for _ in 0..count {
            let index = match long_index {
                true => reader.uint(2).map(|index| index & 0x7fff),
                false => reader.uint(1).map(|index| index & 0x7f),
            };
            found.extend(index.map(|index| (id, index as usize)));
        }
    }
    found
}

fn cicp(kind: [u8; 4], content: &[u8]) -> Option<[u8; 2]> {
    match content {
        [b'n', b'c', b'l', b'x', _, primaries, _, transfer, ..] if kind == *b"colr" => Some([*primaries, *transfer]),
        _ => None,
    }
}

fn transform(kind: [u8; 4], content: &[u8]) -> Option<Transform> {
    match &kind {
        // Counter-clockwise quarter turns.
        b"irot" => Some(Transform::Orient(Orientation::turns(4 - (content.first()? & 3)))),
        b"imir" => Some(Transform::Orient(match content.first()? & 1 {
            0 => Orientation::flip(),
            _ => Orientation::mirror(),
        })),
        b"clap" => {
            let (integers, _) = content.as_chunks::<4>();
            let fractions: Vec<f64> = integers
                .chunks_exact(2)
                .map(|pair| f64::from(i32::from_be_bytes(pair[0])) / f64::from(u32::from_be_bytes(pair[1])))
                .collect();
            match fractions[..] {
                [width, height, right, down, ..] if fractions.iter().all(|number| number.is_finite()) => Some(Transform::Crop {
                    size: [width, height],
                    offset: [right, down],
                }),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::planes::Planes;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(8 + content.len() as u32).to_be_bytes()[..], kind, content].concat()
    }

    /// A file with one picture of nine bytes, and its properties.
    fn file(properties: &[Vec<u8>]) -> Vec<u8> {
        let indices: Vec<u8> = (1..=properties.len() as u8).collect();
        let associated = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 7, indices.len() as u8], &indices[..]].concat();
        let meta = |start: u8| {
            let located = [0, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, 0, 0, 1, 0, 0, 0, start, 0, 0, 0, 9];
            let parts = [
                boxed(b"pitm", &[0, 0, 0, 0, 0, 7]),
                boxed(
                    b"iinf",
                    &[&[0, 0, 0, 0, 0, 1][..], &boxed(b"infe", b"\x02\0\0\0\0\x07\0\0hvc1\0")].concat(),
                ),
                boxed(b"iloc", &located),
                boxed(
                    b"iprp",
                    &[boxed(b"ipco", &properties.concat()), boxed(b"ipma", &associated)].concat(),
                ),
            ];
            boxed(b"meta", &[&[0; 4][..], &parts.concat()].concat())
        };
        let start = meta(0).len() as u8 + 8;
        [meta(start), boxed(b"mdat", b"a picture")].concat()
    }

    fn turn(kind: &[u8; 4], number: u8) -> Vec<u8> {
        boxed(kind, &[number])
    }

    fn crop(width: u32, height: u32, right: i32, down: i32) -> Vec<u8> {
        let fractions = [width, 1, height, 1, right as u32, 2, down as u32, 2];
        boxed(b"clap", fractions.map(u32::to_be_bytes).as_flattened())
    }

    fn picture() -> Picture {
        let luma = Planes::plane(6, 4, (0..24).collect());
        Picture::Planes(Planes::grey(luma))
    }

    fn applied(properties: &[Vec<u8>]) -> (Vec<u8>, Orientation) {
        let file = file(properties);
        let (picture, orientation) = Container::read(&file).unwrap().apply(picture());
        let Picture::Planes(planes) = picture else { panic!() };
        (planes.luma.bytes, orientation)
    }

    #[test]
    fn rotations_and_mirrors_compose_in_order() {
        let uncropped: Vec<u8> = (0..24).collect();
        let numbered = |number| (uncropped.clone(), Orientation::from_exif(number));
        assert_eq!(applied(&[]), numbered(1));
        assert_eq!(applied(&[turn(b"irot", 1)]), numbered(8));
        assert_eq!(applied(&[turn(b"irot", 3)]), numbered(6));
        assert_eq!(applied(&[turn(b"imir", 1)]), numbered(2));
        assert_eq!(applied(&[turn(b"imir", 0)]), numbered(4));
        assert_eq!(applied(&[turn(b"irot", 1), turn(b"imir", 1)]), numbered(7));
        assert_eq!(applied(&[turn(b"imir", 1), turn(b"irot", 1)]), numbered(5));
    }

    #[test]
    fn a_clean_aperture_applies_before_or_after_a_rotation() {
        assert_eq!(applied(&[crop(4, 2, 0, 0)]).0, [7, 8, 9, 10, 13, 14, 15, 16]);
        assert_eq!(applied(&[crop(4, 2, 2, -2)]).0, [2, 3, 4, 5, 8, 9, 10, 11]);
        let (cropped, orientation) = applied(&[turn(b"irot", 3), crop(2, 4, 0, 0)]);
        assert_eq!(
            (cropped, orientation),
            (vec![7, 8, 9, 10, 13, 14, 15, 16], Orientation::from_exif(6))
        );
        // An invalid aperture is ignored.
        assert_eq!(applied(&[crop(8, 2, 0, 0)]).0.len(), 24);
        assert_eq!(applied(&[crop(0, 2, 0, 0)]).0.len(), 24);
        assert_eq!(applied(&[boxed(b"clap", &[0; 32])]).0.len(), 24);
    }

    #[test]
    fn a_file_with_all_of_its_image_data_is_complete() {
        let file = file(&[]);
        let is_complete = |file: &[u8]| Container::read(file).is_some_and(|container| container.is_complete);
        assert!(is_complete(&file));
        assert!(is_complete(&[&file[..], b"/>\n<"].concat()));
        for length in 0..file.len() {
            assert!(!is_complete(&file[..length]), "after {length} bytes");
        }
    }
}

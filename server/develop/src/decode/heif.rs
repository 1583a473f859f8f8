//! What the container of HEIC and AVIF says of its picture: ISO/IEC 23008-12 and MIAF. The decoders know little of it, and apply none.

use crate::boxes::{boxes, child};
use crate::orient::{Area, Orientation};
use crate::pixels::Picture;

/// A file's primary item, and what lies beside it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Container<'a> {
    changes: Vec<Change>,
    /// Whether the picture is coded itself, or made of tiles that are: not of another picture.
    pub(super) is_plain: bool,
    /// Primaries and transfer characteristics: ITU-T H.273.
    pub(super) code_points: Option<[u8; 2]>,
    /// Whether colours are stored multiplied by their alpha.
    pub(super) premultiplied: bool,
    /// Whether the bytes of all pictures lie in the file: a decoder would leave a missing tile grey.
    pub(super) whole: bool,
    pub(super) xmp: Option<&'a [u8]>,
}

/// What is to be done with the decoded picture.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Turn(Orientation),
    /// The part that is to be seen: width and height, and how far its centre lies from the picture's, in pixels.
    Crop {
        size: [f64; 2],
        off_centre: [f64; 2],
    },
}

type ItemId = u32;

#[derive(Debug)]
struct Item<'a> {
    id: ItemId,
    kind: [u8; 4],
    /// Its media type, where it is a file of its own.
    media_type: &'a [u8],
}

impl<'a> Container<'a> {
    /// Reads the boxes of metadata. `None` where there are none.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let meta = child(file, b"meta")?.get(4..)?;
        let items = child(meta, b"iinf").map(items).unwrap_or_default();
        let places = child(meta, b"iloc").map(places).unwrap_or_default();
        let references = child(meta, b"iref").unwrap_or_default();
        let primary = child(meta, b"pitm").and_then(primary)?;
        let properties = child(meta, b"iprp").unwrap_or_default();
        let place = |id: ItemId| places.iter().find(|place| place.id == id);
        let is_picture = |item: &&Item| matches!(&item.kind, b"hvc1" | b"av01" | b"grid" | b"iden");
        let own = properties_of(properties, primary);
        let is_primary = |item: &&Item| item.id == primary;
        Some(Self {
            is_plain: items
                .iter()
                .find(is_primary)
                .is_some_and(|item| matches!(&item.kind, b"hvc1" | b"av01" | b"grid")),
            code_points: own.iter().find_map(|(kind, content)| code_points(*kind, content)),
            changes: own.iter().filter_map(|(kind, content)| change(*kind, content)).collect(),
            premultiplied: referred(references, b"prem").iter().any(|(from, _)| *from == primary),
            whole: items
                .iter()
                .filter(is_picture)
                .filter_map(|item| place(item.id))
                .all(|place| place.lies_in(file)),
            xmp: items
                .iter()
                .find(|item| item.media_type == b"application/rdf+xml")
                .and_then(|item| place(item.id)?.content(file)),
        })
    }

    /// Crops the picture, and tells how it is to be turned then.
    pub(super) fn apply(&self, picture: Picture) -> (Picture, Orientation) {
        let stored = picture.size();
        let whole = Area {
            left: 0,
            top: 0,
            width: stored.0,
            height: stored.1,
        };
        let (area, orientation) =
            self.changes
                .iter()
                .fold((whole, Orientation::default()), |(area, turned), change| match change {
                    Change::Turn(next) => (area, turned.then(*next)),
                    Change::Crop { size, off_centre } => {
                        let (width, height) = turned.size(area.width, area.height);
                        let Some(part) = part((width, height), *size, *off_centre) else {
                            return (area, turned);
                        };
                        // As it lies before it is turned.
                        let part = turned.inverse().area(part, (width, height));
                        let area = Area {
                            left: area.left + part.left,
                            top: area.top + part.top,
                            ..part
                        };
                        (area, turned)
                    }
                });
        let picture = if area == whole { picture } else { picture.cropped(area) };
        (picture, orientation)
    }
}

/// The part that a clean aperture leaves of a picture; `None` where it leaves nothing or reaches beyond it.
fn part((width, height): (u32, u32), size: [f64; 2], off_centre: [f64; 2]) -> Option<Area> {
    let side = |whole: u32, size: f64, off_centre: f64| {
        let start = ((f64::from(whole) - size) / 2.0 + off_centre).round();
        let size = size.round();
        (size >= 1.0 && start >= 0.0 && start + size <= f64::from(whole)).then_some((start as u32, size as u32))
    };
    let (left, width) = side(width, size[0], off_centre[0])?;
    let (top, height) = side(height, size[1], off_centre[1])?;
    Some(Area {
        left,
        top,
        width,
        height,
    })
}

/// Numbers, one behind the other.
#[derive(Clone, Copy)]
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    /// A number of so many bytes, up to eight.
    fn next(&mut self, bytes: usize) -> Option<u64> {
        let (number, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(number.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// An item's number: of two bytes, or of four in the later versions of its box.
    fn id(&mut self, long: bool) -> Option<ItemId> {
        self.next(if long { 4 } else { 2 }).map(|id| id as ItemId)
    }

    /// Up to the next NUL.
    fn text(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Some(text)
    }
}

fn primary(content: &[u8]) -> Option<ItemId> {
    let mut numbers = Numbers(content);
    let version = numbers.next(4)? >> 24;
    numbers.id(version > 0)
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
    let mut numbers = Numbers(entry);
    let version = numbers.next(4)? >> 24;
    let id = numbers.id(version >= 3)?;
    numbers.next(2)?;
    let kind = (numbers.next(4)? as u32).to_be_bytes();
    // Its name, and only where it is a file of its own, what it is.
    let _name = numbers.text();
    let media_type = numbers.text().filter(|_| kind == *b"mime").unwrap_or_default();
    Some(Item { id, kind, media_type })
}

/// Where an item's bytes lie.
#[derive(Debug)]
struct Place {
    id: ItemId,
    /// In the file, and not in the metadata.
    in_file: bool,
    extents: Vec<(u64, u64)>,
}

/// A tile has one, an item that was written in pieces some.
const MOST_EXTENTS: usize = 4096;

impl Place {
    fn lies_in(&self, file: &[u8]) -> bool {
        let ends = |(start, length): &(u64, u64)| start.checked_add(*length).is_some_and(|end| end <= file.len() as u64);
        !self.in_file || self.extents.iter().all(ends)
    }

    /// What is in one piece in the file.
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

fn places(content: &[u8]) -> Vec<Place> {
    let mut numbers = Numbers(content);
    let mut found = vec![];
    let Some((version, sizes)) = numbers.next(4).zip(numbers.next(2)) else {
        return found;
    };
    let version = version >> 24;
    let size = |shift: u64| (sizes >> shift & 15) as usize;
    let count = numbers.next(if version < 2 { 2 } else { 4 }).unwrap_or(0);
    let mut place = || {
        let id = numbers.id(version >= 2)?;
        let in_file = version == 0 || numbers.next(2)? & 15 == 0;
        numbers.next(2)?;
        let base = numbers.next(size(4))?;
        let extents = numbers.next(2)? as usize;
        let mut extent = || {
            if version > 0 {
                numbers.next(size(0))?;
            }
            Some((base.checked_add(numbers.next(size(12))?)?, numbers.next(size(8))?))
        };
        let extents: Option<Vec<_>> = (0..extents.min(MOST_EXTENTS)).map(|_| extent()).collect();
        Some(Place {
            id,
            in_file,
            extents: extents?,
        })
    };
    found.extend((0..count).map_while(|_| place()));
    found
}

/// References of a kind: which item refers to which.
fn referred(content: &[u8], kind: &[u8; 4]) -> Vec<(ItemId, ItemId)> {
    let long = content.first().is_some_and(|version| *version > 0);
    let of_kind = boxes(content.get(4..).unwrap_or_default()).filter(|(found, _)| found == kind);
    of_kind
        .flat_map(|(_, reference)| {
            let mut numbers = Numbers(reference);
            let from = numbers.id(long);
            let count = numbers.next(2).unwrap_or(0);
            (0..count)
                .map_while(move |_| Some((from?, numbers.id(long)?)))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// An item's properties, in the order in which they are associated with it.
fn properties_of(properties: &[u8], id: ItemId) -> Vec<([u8; 4], &[u8])> {
    let known: Vec<_> = child(properties, b"ipco").map(|all| boxes(all).collect()).unwrap_or_default();
    let associated = child(properties, b"ipma").map(associations).unwrap_or_default();
    let own = associated.iter().filter(|(item, _)| *item == id);
    own.filter_map(|(_, number)| known.get(number.checked_sub(1)?))
        .copied()
        .collect()
}

/// Items, and the numbers of their properties, counted from 1.
fn associations(content: &[u8]) -> Vec<(ItemId, usize)> {
    let mut numbers = Numbers(content);
    let mut found = vec![];
    let Some((head, count)) = numbers.next(4).zip(numbers.next(4)) else {
        return found;
    };
    let (long_id, long_number) = (head >> 24 > 0, head & 1 != 0);
    for _ in 0..count {
        let Some((id, count)) = numbers.id(long_id).zip(numbers.next(1)) else {
            break;
        };
        for _ in 0..count {
            let number = match long_number {
                true => numbers.next(2).map(|number| number & 0x7fff),
                false => numbers.next(1).map(|number| number & 0x7f),
            };
            found.extend(number.map(|number| (id, number as usize)));
        }
    }
    found
}

fn code_points(kind: [u8; 4], content: &[u8]) -> Option<[u8; 2]> {
    match content {
        [b'n', b'c', b'l', b'x', _, primaries, _, transfer, ..] if kind == *b"colr" => Some([*primaries, *transfer]),
        _ => None,
    }
}

fn change(kind: [u8; 4], content: &[u8]) -> Option<Change> {
    match &kind {
        // Quarter turns against the clock.
        b"irot" => Some(Change::Turn(Orientation::turns(4 - (content.first()? & 3)))),
        b"imir" => Some(Change::Turn(match content.first()? & 1 {
            0 => Orientation::flip(),
            _ => Orientation::mirror(),
        })),
        b"clap" => {
            let (numbers, _) = content.as_chunks::<4>();
            let fractions: Vec<f64> = numbers
                .chunks_exact(2)
                .map(|part| f64::from(i32::from_be_bytes(part[0])) / f64::from(u32::from_be_bytes(part[1])))
                .collect();
            match fractions[..] {
                [width, height, right, down, ..] if fractions.iter().all(|number| number.is_finite()) => Some(Change::Crop {
                    size: [width, height],
                    off_centre: [right, down],
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
        let numbers: Vec<u8> = (1..=properties.len() as u8).collect();
        let associated = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 7, numbers.len() as u8], &numbers[..]].concat();
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
        let numbers = [width, 1, height, 1, right as u32, 2, down as u32, 2];
        boxed(b"clap", numbers.map(u32::to_be_bytes).as_flattened())
    }

    fn picture() -> Picture {
        let area = Planes::plane(6, 4, (0..24).collect());
        Picture::Planes(Planes::grey(area))
    }

    fn applied(properties: &[Vec<u8>]) -> (Vec<u8>, Orientation) {
        let file = file(properties);
        let (picture, orientation) = Container::read(&file).unwrap().apply(picture());
        let Picture::Planes(planes) = picture else { panic!() };
        (planes.luma.bytes, orientation)
    }

    #[test]
    fn turns_and_mirrors_are_put_together_in_their_order() {
        let whole: Vec<u8> = (0..24).collect();
        let numbered = |number| (whole.clone(), Orientation::from_exif(number));
        assert_eq!(applied(&[]), numbered(1));
        assert_eq!(applied(&[turn(b"irot", 1)]), numbered(8));
        assert_eq!(applied(&[turn(b"irot", 3)]), numbered(6));
        assert_eq!(applied(&[turn(b"imir", 1)]), numbered(2));
        assert_eq!(applied(&[turn(b"imir", 0)]), numbered(4));
        assert_eq!(applied(&[turn(b"irot", 1), turn(b"imir", 1)]), numbered(7));
        assert_eq!(applied(&[turn(b"imir", 1), turn(b"irot", 1)]), numbered(5));
    }

    #[test]
    fn a_part_is_cut_out_before_or_after_a_turn() {
        assert_eq!(applied(&[crop(4, 2, 0, 0)]).0, [7, 8, 9, 10, 13, 14, 15, 16]);
        assert_eq!(applied(&[crop(4, 2, 2, -2)]).0, [2, 3, 4, 5, 8, 9, 10, 11]);
        let (part, orientation) = applied(&[turn(b"irot", 3), crop(2, 4, 0, 0)]);
        assert_eq!(
            (part, orientation),
            (vec![7, 8, 9, 10, 13, 14, 15, 16], Orientation::from_exif(6))
        );
        // What reaches beyond the picture is left alone.
        assert_eq!(applied(&[crop(8, 2, 0, 0)]).0.len(), 24);
        assert_eq!(applied(&[crop(0, 2, 0, 0)]).0.len(), 24);
        assert_eq!(applied(&[boxed(b"clap", &[0; 32])]).0.len(), 24);
    }

    #[test]
    fn a_file_is_whole_when_its_picture_is() {
        let file = file(&[]);
        let whole = |file: &[u8]| Container::read(file).is_some_and(|container| container.whole);
        assert!(whole(&file));
        assert!(whole(&[&file[..], b"/>\n<"].concat()));
        for length in 0..file.len() {
            assert!(!whole(&file[..length]), "after {length} bytes");
        }
    }
}

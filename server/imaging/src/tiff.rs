//! Image file directories (IFDs) of TIFF, EXIF and most raw files. The input is untrusted: entries outside the file are ignored, and
//! pointers are followed only on request.

use std::ops::Range;

/// Tags of TIFF 6.0, TIFF/EP and DNG.
pub(crate) mod tag {
    pub(crate) const SUBFILE_TYPE: u16 = 254;
    pub(crate) const WIDTH: u16 = 256;
    pub(crate) const HEIGHT: u16 = 257;
    pub(crate) const BITS_PER_SAMPLE: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_LENGTHS: u16 = 279;
    pub(crate) const PLANAR: u16 = 284;
    pub(crate) const COLOUR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_HEIGHT: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_LENGTHS: u16 = 325;
    pub(crate) const SUB_DIRECTORIES: u16 = 330;
    pub(crate) const JPEG_TABLES: u16 = 347;
    pub(crate) const XMP: u16 = 700;
    pub(crate) const IPTC: u16 = 33723;
    pub(crate) const EXIF: u16 = 34665;
    pub(crate) const GPS: u16 = 34853;
    pub(crate) const DNG_VERSION: u16 = 50706;
}

/// Photometric interpretations of sensor data: colour filter array, and linear raw.
const SENSOR_PHOTOMETRICS: [u32; 2] = [32803, 34892];

/// Directories that are read. Files have a handful.
const MAX_DIRECTORIES: usize = 32;
/// Entries of a directory that are read. Cameras write some 50.
const MAX_ENTRIES: usize = 512;

/// A TIFF file or block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tiff<'a> {
    file: &'a [u8],
    is_little_endian: bool,
    /// BigTIFF: 64-bit offsets and counts.
    is_big_tiff: bool,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    /// Offset of the values.
    offset: usize,
}

/// An IFD: the entries whose values lie in the file.
#[derive(Debug, Clone)]
pub(crate) struct Directory<'a> {
    tiff: Tiff<'a>,
    pub(crate) offset: usize,
    entries: Vec<Entry>,
    next: Option<usize>,
}

impl<'a> Tiff<'a> {
    /// Checks the byte order alone; some raw formats have another magic number after it.
    pub(crate) fn new(file: &'a [u8]) -> Option<Self> {
        let is_little_endian = match file.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let classic = Self {
            file,
            is_little_endian,
            is_big_tiff: false,
        };
        Some(Self {
            is_big_tiff: classic.short(2) == Some(43),
            ..classic
        })
    }

    /// Position of the pointer to the first directory.
    pub(crate) fn first_pointer(&self) -> Range<usize> {
        if self.is_big_tiff { 8..16 } else { 4..8 }
    }

    /// An offset in this file's byte order and size.
    pub(crate) fn pointer_bytes(&self, offset: usize) -> Vec<u8> {
        match (self.is_big_tiff, self.is_little_endian) {
            (true, true) => (offset as u64).to_le_bytes().to_vec(),
            (true, false) => (offset as u64).to_be_bytes().to_vec(),
            (false, true) => (offset as u32).to_le_bytes().to_vec(),
            (false, false) => (offset as u32).to_be_bytes().to_vec(),
        }
    }

    fn bytes<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes: [u8; N] = self.file.get(at..at.checked_add(N)?)?.try_into().ok()?;
        if self.is_little_endian {
            bytes.reverse();
        }
        Some(bytes)
    }

    fn short(&self, at: usize) -> Option<u16> {
        self.bytes(at).map(u16::from_be_bytes)
    }

    fn long(&self, at: usize) -> Option<u32> {
        self.bytes(at).map(u32::from_be_bytes)
    }

    /// An offset or a count: 32 bits, or 64 in BigTIFF.
    fn word(&self, at: usize) -> Option<usize> {
        if self.is_big_tiff {
            usize::try_from(self.bytes(at).map(u64::from_be_bytes)?).ok()
        } else {
            self.long(at).map(|word| word as usize)
        }
    }

    /// The first directory.
    pub(crate) fn first(&self) -> Option<Directory<'a>> {
        self.directory(self.word(self.first_pointer().start)?)
    }

    /// The directory at an offset. Entries outside the file are ignored.
    pub(crate) fn directory(&self, offset: usize) -> Option<Directory<'a>> {
        let (count, start, size) = if self.is_big_tiff {
            (self.word(offset)?, offset.checked_add(8)?, 20)
        } else {
            (self.short(offset)?.into(), offset.checked_add(2)?, 12)
        };
        let entry = |index: usize| self.entry(start.checked_add(index * size)?);
        Some(Directory {
            tiff: *self,
            offset,
            entries: (0..count.min(MAX_ENTRIES)).filter_map(entry).collect(),
            next: count
                .checked_mul(size)
                .and_then(|length| self.word(start.checked_add(length)?))
                .filter(|next| *next != 0),
        })
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        let (tag, kind) = (self.short(at)?, self.short(at + 2)?);
        let (count, value, inline_size) = if self.is_big_tiff {
            (self.word(at + 4)?, at + 12, 8)
        } else {
            (self.word(at + 4)?, at + 8, 4)
        };
        let length = count.checked_mul(size_of_kind(kind)?)?;
        let value = if length <= inline_size { value } else { self.word(value)? };
        self.file.get(value..value.checked_add(length)?)?;
        Some(Entry {
            tag,
            kind,
            count,
            offset: value,
        })
    }

    /// All directories: the chain and their sub-IFDs.
    pub(crate) fn directories(self) -> Vec<Directory<'a>> {
        let mut pending: Vec<usize> = self.word(self.first_pointer().start).into_iter().collect();
        let mut found: Vec<Directory<'a>> = vec![];
        while let Some(offset) = pending.pop() {
            if found.len() == MAX_DIRECTORIES || found.iter().any(|directory| directory.offset == offset) {
                continue;
            }
            if let Some(directory) = self.directory(offset) {
                pending.extend(directory.next);
                pending.extend(
                    directory
                        .integers(tag::SUB_DIRECTORIES)
                        .map(|offset| offset as usize)
                        .take(MAX_DIRECTORIES),
                );
                found.push(directory);
            }
        }
        found
    }
}

/// Bytes per value of a field type: TIFF 6.0, page 15, BigTIFF, and EXIF 3.0's UTF-8.
fn size_of_kind(kind: u16) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 | 129 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 | 16..=18 => Some(8),
        _ => None,
    }
}

impl<'a> Directory<'a> {
    fn entry(&self, tag: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// The bytes of an entry's values.
    pub(crate) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        self.tiff.file.get(self.value_range(tag)?)
    }

    /// The position of an entry's values in the file.
    pub(crate) fn value_range(&self, tag: u16) -> Option<Range<usize>> {
        let entry = self.entry(tag)?;
        Some(entry.offset..entry.offset + entry.count * size_of_kind(entry.kind)?)
    }

    /// A string, up to a NUL.
    pub(crate) fn text(&self, tag: u16) -> Option<&'a [u8]> {
        let entry = self.entry(tag)?;
        matches!(entry.kind, 2 | 129).then_some(())?;
        self.bytes(tag)?.split(|byte| *byte == 0).next()
    }

    /// Non-negative integers.
    pub(crate) fn integers(&self, tag: u16) -> impl Iterator<Item = u64> + use<'_, 'a> {
        let entry = self.entry(tag).copied();
        (0..entry.map_or(0, |entry| entry.count)).map_while(move |index| self.integer_at(entry?, index))
    }

    /// The first of [`Directory::integers`].
    pub(crate) fn integer(&self, tag: u16) -> Option<u32> {
        u32::try_from(self.integers(tag).next()?).ok()
    }

    fn integer_at(&self, entry: Entry, index: usize) -> Option<u64> {
        let at = entry.offset + index * size_of_kind(entry.kind)?;
        match entry.kind {
            1 | 7 => self.tiff.file.get(at).copied().map(u64::from),
            3 => self.tiff.short(at).map(u64::from),
            4 | 13 => self.tiff.long(at).map(u64::from),
            16 | 18 => self.tiff.bytes(at).map(u64::from_be_bytes),
            6 => u64::try_from(self.tiff.bytes(at).map(i8::from_be_bytes)?).ok(),
            8 => u64::try_from(self.tiff.bytes(at).map(i16::from_be_bytes)?).ok(),
            9 => u64::try_from(self.tiff.bytes(at).map(i32::from_be_bytes)?).ok(),
            _ => None,
        }
    }

    /// Numbers of any type.
    pub(crate) fn numbers(&self, tag: u16) -> Vec<f64> {
        let Some(entry) = self.entry(tag).copied() else {
            return vec![];
        };
        let number = |index| {
            let at = entry.offset + index * size_of_kind(entry.kind)?;
            let signed = |at| self.tiff.bytes(at).map(i32::from_be_bytes).map(f64::from);
            let unsigned = |at| self.tiff.long(at).map(f64::from);
            match entry.kind {
                5 => Some(unsigned(at)? / unsigned(at + 4)?),
                10 => Some(signed(at)? / signed(at + 4)?),
                11 => self.tiff.bytes(at).map(f32::from_be_bytes).map(f64::from),
                12 => self.tiff.bytes(at).map(f64::from_be_bytes),
                9 => signed(at),
                _ => self.integer_at(entry, index).map(|integer| integer as f64),
            }
        };
        (0..entry.count.min(MAX_ENTRIES)).map_while(number).collect()
    }

    /// The directory that an entry points to.
    pub(crate) fn directory(&self, tag: u16) -> Option<Self> {
        self.tiff.directory(self.integer(tag)? as usize)
    }

    /// Whether its picture is a reduced-resolution version of another one, or a mask.
    pub(crate) fn is_reduced(&self) -> bool {
        self.integer(tag::SUBFILE_TYPE).is_some_and(|kind| kind & 0b101 != 0)
    }

    /// Whether it refers to no other directory of pictures.
    pub(crate) fn is_only_page(&self) -> bool {
        self.next.is_none() && self.entry(tag::SUB_DIRECTORIES).is_none()
    }

    fn is_sensor_data(&self) -> bool {
        self.integer(tag::PHOTOMETRIC)
            .is_some_and(|value| SENSOR_PHOTOMETRICS.contains(&value))
    }

    /// The positions of strips or tiles in the file.
    pub(crate) fn parts(&self) -> Vec<Range<usize>> {
        let parts = |starts, lengths| {
            let range = |(start, length): (u64, u64)| start as usize..(start as usize).saturating_add(length as usize);
            self.integers(starts).zip(self.integers(lengths)).map(range).collect()
        };
        let strips: Vec<_> = parts(tag::STRIP_OFFSETS, tag::STRIP_LENGTHS);
        if strips.is_empty() {
            parts(tag::TILE_OFFSETS, tag::TILE_LENGTHS)
        } else {
            strips
        }
    }
}

/// Whether a TIFF file holds sensor data.
pub(crate) fn is_raw(file: &[u8]) -> bool {
    // Canon CR2.
    file.get(8..10) == Some(b"CR")
        || Tiff::new(file).is_some_and(|tiff| {
            tiff.directories()
                .iter()
                .any(|directory| directory.is_sensor_data() || directory.entry(tag::DNG_VERSION).is_some())
        })
}

/// The positions of sensor data in a raw file.
pub(crate) fn sensor_data(file: &[u8]) -> Vec<Range<usize>> {
    let directories = Tiff::new(file).map(Tiff::directories).unwrap_or_default();
    let sensors = directories.iter().filter(|directory| directory.is_sensor_data());
    sensors.flat_map(Directory::parts).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A directory with one entry of four bytes, and no successor.
    fn directory(tag: u16, kind: u16, value: u32) -> Vec<u8> {
        [
            &1_u16.to_le_bytes()[..],
            &tag.to_le_bytes(),
            &kind.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &value.to_le_bytes(),
            &[0; 4],
        ]
        .concat()
    }

    fn file(directories: &[Vec<u8>]) -> Vec<u8> {
        [&b"II*\0\x08\0\0\0"[..], &directories.concat()].concat()
    }

    #[test]
    fn sensor_data_are_found_in_any_directory() {
        assert!(is_raw(&file(&[directory(tag::DNG_VERSION, 1, 0x0401)])));
        assert!(is_raw(&file(&[directory(tag::PHOTOMETRIC, 3, 32803)])));
        let second = 8 + directory(0, 3, 0).len() as u32;
        let in_a_sub_directory = file(&[
            directory(tag::SUB_DIRECTORIES, 4, second),
            directory(tag::PHOTOMETRIC, 3, 34892),
        ]);
        assert!(is_raw(&in_a_sub_directory));
        assert!(is_raw(b"II*\0\x10\0\0\0CR\x02\0"));
    }

    #[test]
    fn rgb_pictures_cycles_and_invalid_pointers_are_not_raw() {
        assert!(!is_raw(&file(&[directory(tag::PHOTOMETRIC, 3, 2)])));
        assert!(!is_raw(&file(&[directory(tag::SUB_DIRECTORIES, 4, 8)])));
        for broken in [&b"II*\0"[..], b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert!(!is_raw(broken));
        }
    }

    #[test]
    fn both_byte_orders_and_bigtiff_are_read() {
        let little_endian = file(&[directory(tag::WIDTH, 3, 640)]);
        let big_endian_big_tiff = b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\x01\x01\0\0\x03\0\0\0\0\0\0\0\x01\x02\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        for file in [&little_endian[..], big_endian_big_tiff] {
            let first = Tiff::new(file).and_then(|tiff| tiff.first()).unwrap();
            assert_eq!(first.integer(tag::WIDTH), Some(640));
            assert_eq!(first.numbers(tag::WIDTH), [640.0]);
            assert_eq!(first.integer(tag::HEIGHT), None);
        }
    }

    #[test]
    fn values_outside_the_file_are_ignored() {
        let file = [
            &b"II*\0\x08\0\0\0\x02\0"[..],
            b"\0\x01\x03\0\x01\0\0\0\x80\x02\0\0",
            b"\x0f\x01\x02\0\xff\xff\xff\xff\x08\0\0\0",
        ]
        .concat();
        let first = Tiff::new(&file).and_then(|tiff| tiff.first()).unwrap();
        assert_eq!((first.integer(tag::WIDTH), first.text(271)), (Some(640), None));
        assert!(Tiff::new(&file[..9]).unwrap().first().is_none());
    }
}

//! Directories of TIFF, in which raw files are written too: only as much as tells one from the other.

/// Which pictures are there, and how they are to be read.
mod tag {
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const SUB_DIRECTORIES: u16 = 330;
    pub(super) const DNG_VERSION: u16 = 50706;
    pub(super) const EXIF: u16 = 34665;
    pub(super) const GPS: u16 = 34853;
    pub(super) const INTEROPERABILITY: u16 = 40965;
}

/// Brightness behind a colour filter, and brightness in proportion to light: what sensors deliver.
const OF_SENSORS: [u32; 2] = [32803, 34892];

/// Files have a handful; more are not looked at.
const MOST_DIRECTORIES: usize = 32;
/// Entries of a directory that are looked at.
const MOST_ENTRIES: usize = 256;

/// Whether what begins like a TIFF holds what a sensor saw.
pub(super) fn is_raw(file: &[u8]) -> bool {
    // Canon's CR2 says so right away.
    file.get(8..10) == Some(b"CR") || Reader::new(file).is_some_and(|reader| reader.is_raw())
}

/// Entries of all directories that a camera's metadata may have.
const MOST_METADATA: usize = 4_000;

/// Whether a block of metadata has no more directories and entries than a camera writes. Pointers may lead to the same bytes
/// over and over, and each is read anew.
pub(super) fn is_plain(block: &[u8]) -> bool {
    let Some(reader) = Reader::new(block) else { return true };
    let mut waiting: Vec<usize> = reader.long(4).map(|at| at as usize).into_iter().collect();
    let (mut directories, mut seen) = (0, 0);
    while let Some(directory) = waiting.pop() {
        let entries = reader.short(directory).map_or(0, usize::from);
        directories += 1;
        seen += entries;
        if directories > MOST_DIRECTORIES || seen > MOST_METADATA {
            return false;
        }
        for entry in 0..entries {
            let at = directory + 2 + entry * 12;
            if matches!(reader.short(at), Some(tag::EXIF | tag::GPS | tag::INTEROPERABILITY)) {
                waiting.extend(reader.long(at + 8).map(|at| at as usize));
            }
        }
        let next = reader.long(directory + 2 + entries * 12).filter(|next| *next != 0);
        waiting.extend(next.map(|at| at as usize));
    }
    true
}

struct Reader<'a> {
    file: &'a [u8],
    little: bool,
}

impl<'a> Reader<'a> {
    fn new(file: &'a [u8]) -> Option<Self> {
        let little = match file.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        Some(Self { file, little })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.file.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.file.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn is_raw(&self) -> bool {
        let mut waiting: Vec<usize> = self.long(4).map(|at| at as usize).into_iter().collect();
        for _ in 0..MOST_DIRECTORIES {
            let Some(directory) = waiting.pop() else { return false };
            let entries = self.short(directory).map_or(0, usize::from).min(MOST_ENTRIES);
            for entry in 0..entries {
                let at = directory + 2 + entry * 12;
                match self.short(at) {
                    Some(tag::DNG_VERSION) => return true,
                    Some(tag::PHOTOMETRIC) if self.value(at).is_some_and(|value| OF_SENSORS.contains(&value)) => return true,
                    Some(tag::SUB_DIRECTORIES) => waiting.extend(self.offsets(at)),
                    _ => {}
                }
            }
            waiting.extend(
                self.long(directory + 2 + entries * 12)
                    .filter(|next| *next != 0)
                    .map(|at| at as usize),
            );
        }
        false
    }

    /// The one number of an entry, of two bytes or of four.
    fn value(&self, entry: usize) -> Option<u32> {
        match self.short(entry + 2)? {
            3 => self.short(entry + 8).map(u32::from),
            _ => self.long(entry + 8),
        }
    }

    /// The places that an entry tells: itself when it is one, else in a list.
    fn offsets(&self, entry: usize) -> Vec<usize> {
        let count = self.long(entry + 4).unwrap_or(0) as usize;
        let list = if count == 1 {
            Some(entry + 8)
        } else {
            self.long(entry + 8).map(|at| at as usize)
        };
        let Some(list) = list else { return vec![] };
        (0..count.min(MOST_DIRECTORIES))
            .map_while(|i| self.long(list.checked_add(i * 4)?))
            .map(|at| at as usize)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with one entry of four bytes, and nothing after it.
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
    fn a_sensors_picture_is_found_in_any_directory() {
        assert!(is_raw(&file(&[directory(tag::DNG_VERSION, 1, 0x0401)])));
        assert!(is_raw(&file(&[directory(tag::PHOTOMETRIC, 3, 32803)])));
        let second = 8 + directory(0, 0, 0).len() as u32;
        let in_a_sub_directory = file(&[
            directory(tag::SUB_DIRECTORIES, 4, second),
            directory(tag::PHOTOMETRIC, 3, 34892),
        ]);
        assert!(is_raw(&in_a_sub_directory));
        assert!(is_raw(b"II*\0\x10\0\0\0CR\x02\0"));
    }

    #[test]
    fn metadata_that_leads_nowhere_in_many_ways_is_none() {
        assert!(is_plain(&file(&[directory(tag::EXIF, 4, 26), directory(0, 3, 1)])));
        assert!(is_plain(b"no TIFF"));
        assert!(!is_plain(&file(&[directory(tag::EXIF, 4, 8)])), "a circle");
        let entry = [
            &tag::EXIF.to_le_bytes()[..],
            &4_u16.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &500_u32.to_le_bytes(),
        ]
        .concat();
        let bomb = [&b"II*\0\x08\0\0\0\x20\0"[..], &entry.repeat(32), &[0; 4], &[0xff; 60_000]].concat();
        assert!(!is_plain(&bomb));
    }

    #[test]
    fn a_picture_is_none_and_a_circle_ends() {
        assert!(!is_raw(&file(&[directory(tag::PHOTOMETRIC, 3, 2)])));
        assert!(!is_raw(&file(&[directory(tag::SUB_DIRECTORIES, 4, 8)])));
        for broken in [&b"II*\0"[..], b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff"] {
            assert!(!is_raw(broken));
        }
    }
}

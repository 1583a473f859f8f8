//! How much a file may ask for. Checked against its header, before any buffer is allocated.

use super::Unfit;

/// Longest edge, in pixels: what most formats can say.
pub(super) const EDGE: u32 = 65_535;
/// Most pixels: the largest cameras make two hundred million.
pub(super) const PIXELS: u64 = 256_000_000;
/// Most bytes that a decoder may hold at once: half of what a function has.
pub(super) const BUFFER: u64 = 640 << 20;

/// Refuses a photo of impossible size. `buffer` is what its decoder would hold of it, in bytes.
pub(super) fn check(width: u32, height: u32, buffer: u64) -> Result<(), Unfit> {
    if width == 0 || height == 0 {
        return Err(Unfit::Damaged);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > EDGE || height > EDGE || pixels > PIXELS || buffer > BUFFER {
        return Err(Unfit::TooManyPixels { width, height });
    }
    Ok(())
}

/// From how many bytes on a buffer must be borne out by the file.
const LARGE: u64 = 96 << 20;
/// How many times a file's bytes a large buffer may be. Photographs stay below fifty; of one colour alone, zlib makes a
/// thousandth.
const DENSITY: u64 = 1100;

/// Refuses a small file that wants much memory, which is what bombs and flipped bits in a header look like.
pub(super) fn check_density(width: u32, height: u32, buffer: u64, file: usize) -> Result<(), Unfit> {
    if buffer > LARGE && buffer / DENSITY > file as u64 {
        return Err(Unfit::TooManyPixels { width, height });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edge_area_and_buffer_are_limited() {
        let too_many = |width, height| Err(Unfit::TooManyPixels { width, height });
        assert_eq!(check(16_000, 16_000, 0), Ok(()));
        assert_eq!(check(65_535, 3_000, BUFFER), Ok(()));
        assert_eq!(check(65_536, 1, 0), too_many(65_536, 1));
        assert_eq!(check(16_001, 16_000, 0), too_many(16_001, 16_000));
        assert_eq!(check(8_000, 8_000, BUFFER + 1), too_many(8_000, 8_000));
        assert_eq!(check(0, 8_000, 0), Err(Unfit::Damaged));
    }

    #[test]
    fn much_memory_wants_a_file_to_match() {
        assert_eq!(check_density(5_000, 5_000, LARGE, 1), Ok(()));
        assert_eq!(check_density(12_000, 9_000, 330_000_000, 300_000), Ok(()));
        assert!(check_density(12_000, 9_000, 330_000_000, 299_000).is_err());
    }
}

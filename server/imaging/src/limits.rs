//! Limits of image size and memory, checked against the file's header before anything is allocated.

use super::ImageError;

/// Longest edge in pixels: the limit of most formats.
pub(super) const MAX_EDGE: u32 = 65_535;
/// The largest cameras have 200 megapixels.
pub(super) const MAX_PIXELS: u64 = 256_000_000;
/// Bytes that a decoder may allocate: half of the Lambda function's memory.
pub(super) const MAX_BUFFER: u64 = 640 << 20;

/// Checks the image size, and `buffer`: the bytes that its decoder allocates.
pub(super) fn check(width: u32, height: u32, buffer: u64) -> Result<(), ImageError> {
    if width == 0 || height == 0 {
        return Err(ImageError::Damaged);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_EDGE || height > MAX_EDGE || pixels > MAX_PIXELS || buffer > MAX_BUFFER {
        return Err(ImageError::TooManyPixels { width, height });
    }
    Ok(())
}

/// Buffers up to this many bytes are allowed to any file.
const LARGE_BUFFER: u64 = 96 << 20;
/// Highest compression ratio of a large buffer. Photographs stay below 50; zlib reaches 1,000 with a single colour.
const MAX_RATIO: u64 = 1100;

/// Rejects decompression bombs and corrupt headers: small files that need much memory.
pub(super) fn check_compression_ratio(width: u32, height: u32, buffer: u64, file: usize) -> Result<(), ImageError> {
    if buffer > LARGE_BUFFER && buffer / MAX_RATIO > file as u64 {
        return Err(ImageError::TooManyPixels { width, height });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edge_area_and_buffer_are_limited() {
        let too_many = |width, height| Err(ImageError::TooManyPixels { width, height });
        assert_eq!(check(16_000, 16_000, 0), Ok(()));
        assert_eq!(check(65_535, 3_000, MAX_BUFFER), Ok(()));
        assert_eq!(check(65_536, 1, 0), too_many(65_536, 1));
        assert_eq!(check(16_001, 16_000, 0), too_many(16_001, 16_000));
        assert_eq!(check(8_000, 8_000, MAX_BUFFER + 1), too_many(8_000, 8_000));
        assert_eq!(check(0, 8_000, 0), Err(ImageError::Damaged));
    }

    #[test]
    fn the_compression_ratio_is_limited() {
        assert_eq!(check_compression_ratio(5_000, 5_000, LARGE_BUFFER, 1), Ok(()));
        assert_eq!(check_compression_ratio(12_000, 9_000, 330_000_000, 300_000), Ok(()));
        assert!(check_compression_ratio(12_000, 9_000, 330_000_000, 299_000).is_err());
    }
}

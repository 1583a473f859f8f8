//! HEIC, as phones make it, decoded by hpvcd.

use super::Decoded;
use crate::orient::Orientation;
use crate::pixels::{Channels, Pixels};
use crate::planes::Planes;
use crate::{Unfit, colour, limits};
use hpvcd::{
    ChromaFormat, DecodeError, DecodedYuv, HeicSettings, MatrixCoefficients, ParseLimits, PlaneBuffer, Primaries, YuvBuffer,
};

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Unfit> {
    // A tile that is not there would be left grey.
    if !is_whole(bytes) {
        return Err(Unfit::Damaged);
    }
    let settings = settings();
    let info = hpvcd::read_heic_info_with_limits(bytes, &settings.limits)?;
    let held = info.pixel_count() * 3;
    limits::check(info.width, info.height, held)?;
    limits::check_density(info.width, info.height, held, bytes.len())?;
    let mut decoded = hpvcd::decode_heic_yuv_with_settings(bytes, &settings)?;
    let wide = decoded
        .color
        .cicp
        .is_some_and(|colours| colours.primaries == Primaries::Smpte432);
    let icc = decoded.color.icc.take().or_else(|| wide.then(colour::display_p3).flatten());
    let exif = decoded.exif.take();
    // The container says how to turn it; what EXIF says of that is to be passed over, says the format.
    let orientation = Orientation::from_exif(decoded.orientation as u32 + 1);
    if let Some(planes) = as_stored(decoded)? {
        return Ok(Decoded {
            width: planes.luma.width,
            height: planes.luma.height,
            picture: planes.into(),
            icc,
            exif,
            orientation: Some(orientation),
        });
    }
    let rgb = hpvcd::decode_heic_rgb8_with_settings(bytes, &settings)?;
    Ok(Decoded {
        width: rgb.width,
        height: rgb.height,
        picture: Pixels {
            width: rgb.width,
            height: rgb.height,
            channels: Channels::Rgb,
            bytes: rgb.pixels,
        }
        .into(),
        icc,
        exif,
        // Turned already.
        orientation: Some(Orientation::default()),
    })
}

/// Whether every box of the file ends within it, and the last with it. A box says how long it is, in four bytes or, after a 1,
/// in eight; 0 is up to the end: ISO/IEC 14496-12, 4.2.
fn is_whole(mut bytes: &[u8]) -> bool {
    let mut content = false;
    while let Some((length, kind)) = bytes
        .split_first_chunk::<4>()
        .and_then(|(length, rest)| Some((length, rest.get(..4)?)))
    {
        content |= kind == b"mdat";
        let length = match u32::from_be_bytes(*length) {
            0 => bytes.len() as u64,
            1 => match bytes.get(8..16).and_then(|length| length.try_into().ok()) {
                Some(length) => u64::from_be_bytes(length),
                None => return false,
            },
            length => u64::from(length),
        };
        match usize::try_from(length)
            .ok()
            .filter(|length| *length >= 8)
            .and_then(|length| bytes.get(length..))
        {
            Some(rest) => bytes = rest,
            None => return false,
        }
    }
    content && bytes.is_empty()
}

fn settings() -> HeicSettings {
    HeicSettings::new()
        .with_threads(1)
        .with_decode_alpha(false)
        .with_decode_gain_map(false)
        .with_limits(ParseLimits {
            max_dimension: limits::EDGE,
            max_pixels: limits::PIXELS,
            ..ParseLimits::new()
        })
}

impl From<DecodeError> for Unfit {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::BadDimensions { w, h } => Self::TooManyPixels { width: w, height: h },
            DecodeError::Unsupported(_) | DecodeError::UnsupportedItemType(_) => Self::NotAPhoto,
            _ => Self::Damaged,
        }
    }
}

/// The planes as they are, where they are such as JPEG has them: of every phone's photos.
fn as_stored(decoded: DecodedYuv) -> Result<Option<Planes>, Unfit> {
    use MatrixCoefficients::{Bt470Bg, Smpte170m, Unspecified};
    let colours = decoded.color.color_encoding();
    let jpegs = colours.full_range && matches!(colours.matrix, Bt470Bg | Smpte170m | Unspecified);
    match decoded.planes {
        YuvBuffer::U8(planes) if jpegs && decoded.chroma == ChromaFormat::Yuv420 => match (planes.cb, planes.cr) {
            (Some(blue), Some(red)) => Ok(Some(Planes {
                luma: plane(planes.y)?,
                chroma: [plane(blue)?, plane(red)?],
            })),
            _ => Ok(None),
        },
        YuvBuffer::U8(planes) if jpegs && decoded.chroma == ChromaFormat::Monochrome => Ok(Some(Planes::grey(plane(planes.y)?))),
        _ => Ok(None),
    }
}

fn plane(plane: PlaneBuffer<u8>) -> Result<Pixels, Unfit> {
    let (width, height) = (plane.width() as u32, plane.height() as u32);
    Ok(Planes::plane(width, height, plane.into_tight()?))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn boxes_end_where_the_file_does() {
        let file = [
            &[0, 0, 0, 8][..],
            b"ftyp",
            &[0, 0, 0, 1],
            b"mdat",
            &[0, 0, 0, 0, 0, 0, 0, 18],
            b"ab",
            &[0, 0, 0, 9],
            b"freex",
        ]
        .concat();
        assert!(is_whole(&file));
        for length in 0..file.len() {
            // Where a box ends the file may end, once it has its content.
            assert_eq!(is_whole(&file[..length]), length == 26, "after {length} bytes");
        }
        assert!(is_whole(b"\0\0\0\0mdatand so on"));
        assert!(!is_whole(b"\0\0\0\x07mdat"));
    }
}

//! HEIC, decoded by hpvcd.

use super::Decoded;
use super::heif::Container;
use super::yuv::{BT601, BT709, BT2020, Matrix, YuvRows};
use crate::colour::{ColourSpace, HighDepthRows};
use crate::metadata::Blocks;
use crate::pixels::{Channels, Pixels};
use crate::planes::Planes;
use crate::{ImageError, limits};
use hpvcd::{
    BitDepth, ChromaFormat, Cicp, DecodeError, DecodedYuv, HeicSettings, MatrixCoefficients, ParseLimits, PlanarImage,
    PlaneBuffer, SamplePlane, YuvBuffer,
};
use std::borrow::Cow;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let container = Container::read(bytes)
        .filter(|container| container.is_complete)
        .ok_or(ImageError::Damaged)?;
    if !container.is_supported {
        return Err(ImageError::Unsupported);
    }
    let settings = settings();
    let info = hpvcd::read_heic_info_with_limits(bytes, &settings.limits)?;
    // Planes of up to two bytes per sample, and interleaved pixels.
    let buffer = info.pixel_count() * 9;
    limits::check(info.width, info.height, buffer)?;
    limits::check_compression_ratio(info.width, info.height, buffer, bytes.len())?;
    let mut decoded = hpvcd::decode_heic_yuv_with_settings(bytes, &settings)?;
    let blocks = Blocks {
        exif: decoded.exif.take().map(Cow::Owned),
        xmp: container.xmp.map(Cow::Borrowed),
        ..Blocks::default()
    };
    let cicp = decoded.color.color_encoding();
    let colour_space = match decoded.color.icc.take() {
        Some(icc) => ColourSpace::from_icc(&icc),
        // The container takes precedence over the bit stream.
        None => match container.cicp {
            Some([primaries, transfer]) => ColourSpace::from_cicp(primaries, transfer),
            None => ColourSpace::from_cicp(cicp.primaries as u8, cicp.transfer as u8),
        },
    };
    let (picture, colour_space) = match as_jfif(decoded, cicp)? {
        Stored::Jfif(planes) => (planes.into(), colour_space),
        Stored::Other(decoded) => (convert(&decoded, cicp, &colour_space, &container)?.into(), ColourSpace::Srgb),
    };
    let (picture, orientation) = container.apply(picture);
    let (width, height) = picture.size();
    let mut metadata = blocks.read();
    // HEIF ignores the EXIF orientation.
    metadata.orientation = orientation;
    Ok(Decoded {
        picture,
        width,
        height,
        colour_space,
        metadata,
    })
}

fn settings() -> HeicSettings {
    HeicSettings::new()
        .with_threads(1)
        .with_decode_alpha(true)
        .with_decode_gain_map(false)
        .with_limits(ParseLimits {
            max_dimension: limits::MAX_EDGE,
            max_pixels: limits::MAX_PIXELS,
            ..ParseLimits::new()
        })
}

impl From<DecodeError> for ImageError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::BadDimensions { w, h } => Self::TooManyPixels { width: w, height: h },
            DecodeError::Unsupported(_) | DecodeError::UnsupportedItemType(_) => Self::Unsupported,
            _ => Self::Damaged,
        }
    }
}

enum Stored {
    Jfif(Planes),
    Other(Box<DecodedYuv>),
}

/// Takes the planes without conversion if they are coded as in JFIF, as those of phones are.
fn as_jfif(decoded: DecodedYuv, cicp: Cicp) -> Result<Stored, ImageError> {
    use MatrixCoefficients::{Bt470Bg, Smpte170m, Unspecified};
    let is_jfif = cicp.full_range && matches!(cicp.matrix, Bt470Bg | Smpte170m | Unspecified);
    if !is_jfif || decoded.alpha.is_some() {
        return Ok(Stored::Other(decoded.into()));
    }
    Ok(match (decoded.planes, decoded.chroma) {
        (
            YuvBuffer::U8(PlanarImage {
                y,
                cb: Some(cb),
                cr: Some(cr),
            }),
            ChromaFormat::Yuv420,
        ) => Stored::Jfif(Planes {
            luma: plane(y)?,
            chroma: [plane(cb)?, plane(cr)?],
        }),
        (YuvBuffer::U8(PlanarImage { y, .. }), ChromaFormat::Monochrome) => Stored::Jfif(Planes::grey(plane(y)?)),
        (planes, _) => Stored::Other(DecodedYuv { planes, ..decoded }.into()),
    })
}

/// Converts planes of any other coding to sRGB.
fn convert(decoded: &DecodedYuv, cicp: Cicp, colour_space: &ColourSpace, container: &Container) -> Result<Pixels, ImageError> {
    let matrix = match cicp.matrix {
        MatrixCoefficients::Identity => Matrix::Identity,
        MatrixCoefficients::Bt709 => BT709,
        MatrixCoefficients::Bt2020Ncl | MatrixCoefficients::Bt2020Cl => BT2020,
        MatrixCoefficients::YCgCo | MatrixCoefficients::ICtCp => return Err(ImageError::Unsupported),
        _ => BT601,
    };
    let rows = YuvRows::new(matrix, bits(decoded.bit_depth), cicp.full_range);
    match &decoded.planes {
        YuvBuffer::U8(planes) => convert_planes(planes, rows, decoded, colour_space, container),
        YuvBuffer::U16(planes) => convert_planes(planes, rows, decoded, colour_space, container),
    }
}

fn bits(depth: BitDepth) -> u32 {
    match depth {
        BitDepth::Eight => 8,
        BitDepth::Ten => 10,
        BitDepth::Twelve => 12,
    }
}

fn convert_planes<T: Copy + Into<f32>>(
    planes: &PlanarImage<T>,
    rows: YuvRows,
    decoded: &DecodedYuv,
    colour_space: &ColourSpace,
    container: &Container,
) -> Result<Pixels, ImageError> {
    let (width, height) = (planes.y.width(), planes.y.height());
    let alpha = decoded
        .alpha
        .as_ref()
        .filter(|alpha| (alpha.width(), alpha.height()) == (width, height));
    let channels = if alpha.is_some() { Channels::Rgba } else { Channels::Rgb };
    let (horizontal_shift, vertical_shift) = match decoded.chroma {
        ChromaFormat::Yuv420 => (1, 1),
        ChromaFormat::Yuv422 => (1, 0),
        _ => (0, 0),
    };
    let mut pixels = Pixels {
        width: width as u32,
        height: height as u32,
        channels,
        bytes: vec![0; width * height * channels.count()],
    };
    let mut samples = vec![0; width * channels.count()];
    let mut converter = HighDepthRows::new(colour_space, channels);
    let pitch = pixels.pitch();
    for (y, srgb) in pixels.bytes.chunks_exact_mut(pitch).enumerate() {
        let luma = planes.y.row(y).ok_or(ImageError::Damaged)?;
        let chroma = match (&planes.cb, &planes.cr) {
            (Some(cb), Some(cr)) => cb
                .row(y >> vertical_shift)
                .zip(cr.row(y >> vertical_shift))
                .map(|(cb, cr)| [cb, cr]),
            _ => None,
        };
        rows.convert(luma, chroma, horizontal_shift, &mut samples, channels.count());
        if let Some(alpha) = alpha {
            add_alpha(alpha, y, container.premultiplied, &mut samples).ok_or(ImageError::Damaged)?;
        }
        converter.convert(&samples, srgb);
    }
    Ok(pixels.without_opaque_alpha())
}

/// Interleaves a row of alpha, and divides premultiplied colours by it.
fn add_alpha(alpha: &SamplePlane, y: usize, premultiplied: bool, row: &mut [u16]) -> Option<()> {
    let (pixels, _) = row.as_chunks_mut::<4>();
    let mut add = |x: usize, alpha: u16| {
        let pixel = &mut pixels[x];
        if premultiplied {
            let divided = |colour: u16| (u32::from(colour) * 65_535 / u32::from(alpha.max(1))).min(65_535) as u16;
            pixel[..3].iter_mut().for_each(|colour| *colour = divided(*colour));
        }
        pixel[3] = alpha;
    };
    match alpha {
        SamplePlane::U8(plane) => plane
            .row(y)?
            .iter()
            .enumerate()
            .for_each(|(x, alpha)| add(x, u16::from(*alpha) * 257)),
        // Assumes ten bits, the only depth above eight that encoders write.
        SamplePlane::U16(plane) => plane
            .row(y)?
            .iter()
            .enumerate()
            .for_each(|(x, alpha)| add(x, (u32::from(*alpha) * 65_535 / 1023).min(65_535) as u16)),
    }
    Some(())
}

fn plane(plane: PlaneBuffer<u8>) -> Result<Pixels, ImageError> {
    let (width, height) = (plane.width() as u32, plane.height() as u32);
    Ok(Planes::plane(width, height, plane.into_tight()?))
}

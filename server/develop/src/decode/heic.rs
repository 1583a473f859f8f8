//! HEIC, as phones make it, decoded by hpvcd.

use super::Decoded;
use super::heif::Container;
use super::yuv::{BT601, BT709, BT2020, Matrix, YuvRows};
use crate::colour::{Colours, DeepRows};
use crate::metadata::Blocks;
use crate::pixels::{Channels, Pixels};
use crate::planes::Planes;
use crate::{Unfit, limits};
use hpvcd::{
    BitDepth, ChromaFormat, Cicp, DecodeError, DecodedYuv, HeicSettings, MatrixCoefficients, ParseLimits, PlanarImage,
    PlaneBuffer, SamplePlane, YuvBuffer,
};
use std::borrow::Cow;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let container = Container::read(bytes)
        .filter(|container| container.whole)
        .ok_or(Unfit::Damaged)?;
    if !container.is_plain {
        return Err(Unfit::Unsupported);
    }
    let settings = settings();
    let info = hpvcd::read_heic_info_with_limits(bytes, &settings.limits)?;
    // Planes of up to two bytes a sample, and the pixels that are made of them.
    let held = info.pixel_count() * 9;
    limits::check(info.width, info.height, held)?;
    limits::check_density(info.width, info.height, held, bytes.len())?;
    let mut decoded = hpvcd::decode_heic_yuv_with_settings(bytes, &settings)?;
    let blocks = Blocks {
        exif: decoded.exif.take().map(Cow::Owned),
        xmp: container.xmp.map(Cow::Borrowed),
        ..Blocks::default()
    };
    let coding = decoded.color.color_encoding();
    let colours = match decoded.color.icc.take() {
        Some(icc) => Colours::of_icc(&icc),
        // The container's word goes before the bit stream's.
        None => match container.code_points {
            Some([primaries, transfer]) => Colours::of_cicp(primaries, transfer),
            None => Colours::of_cicp(coding.primaries as u8, coding.transfer as u8),
        },
    };
    let (picture, colours) = match as_stored(decoded, coding)? {
        Stored::AsInJpeg(planes) => (planes.into(), colours),
        Stored::Otherwise(decoded) => (converted(&decoded, coding, &colours, &container)?.into(), Colours::Srgb),
    };
    let (picture, orientation) = container.apply(picture);
    let (width, height) = picture.size();
    let mut metadata = blocks.read();
    // The container says how to turn it; what EXIF says of that is to be passed over, says the format.
    metadata.orientation = orientation;
    Ok(Decoded {
        picture,
        width,
        height,
        colours,
        metadata,
    })
}

fn settings() -> HeicSettings {
    HeicSettings::new()
        .with_threads(1)
        .with_decode_alpha(true)
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
            DecodeError::Unsupported(_) | DecodeError::UnsupportedItemType(_) => Self::Unsupported,
            _ => Self::Damaged,
        }
    }
}

enum Stored {
    AsInJpeg(Planes),
    Otherwise(Box<DecodedYuv>),
}

/// The planes as they are, where they are such as JPEG has them: of every phone's photos.
fn as_stored(decoded: DecodedYuv, coding: Cicp) -> Result<Stored, Unfit> {
    use MatrixCoefficients::{Bt470Bg, Smpte170m, Unspecified};
    let jpegs = coding.full_range && matches!(coding.matrix, Bt470Bg | Smpte170m | Unspecified);
    if !jpegs || decoded.alpha.is_some() {
        return Ok(Stored::Otherwise(decoded.into()));
    }
    Ok(match (decoded.planes, decoded.chroma) {
        (
            YuvBuffer::U8(PlanarImage {
                y,
                cb: Some(blue),
                cr: Some(red),
            }),
            ChromaFormat::Yuv420,
        ) => Stored::AsInJpeg(Planes {
            luma: plane(y)?,
            chroma: [plane(blue)?, plane(red)?],
        }),
        (YuvBuffer::U8(PlanarImage { y, .. }), ChromaFormat::Monochrome) => Stored::AsInJpeg(Planes::grey(plane(y)?)),
        (planes, _) => Stored::Otherwise(DecodedYuv { planes, ..decoded }.into()),
    })
}

/// Pixels of sRGB, of planes of any other sort.
fn converted(decoded: &DecodedYuv, coding: Cicp, colours: &Colours, container: &Container) -> Result<Pixels, Unfit> {
    let matrix = match coding.matrix {
        MatrixCoefficients::Identity => Matrix::Identity,
        MatrixCoefficients::Bt709 => BT709,
        MatrixCoefficients::Bt2020Ncl | MatrixCoefficients::Bt2020Cl => BT2020,
        MatrixCoefficients::YCgCo | MatrixCoefficients::ICtCp => return Err(Unfit::Unsupported),
        _ => BT601,
    };
    let rows = YuvRows::new(matrix, bits(decoded.bit_depth), coding.full_range);
    match &decoded.planes {
        YuvBuffer::U8(planes) => of_planes(planes, rows, decoded, colours, container),
        YuvBuffer::U16(planes) => of_planes(planes, rows, decoded, colours, container),
    }
}

fn bits(depth: BitDepth) -> u32 {
    match depth {
        BitDepth::Eight => 8,
        BitDepth::Ten => 10,
        BitDepth::Twelve => 12,
    }
}

fn of_planes<T: Copy + Into<f32>>(
    planes: &PlanarImage<T>,
    rows: YuvRows,
    decoded: &DecodedYuv,
    colours: &Colours,
    container: &Container,
) -> Result<Pixels, Unfit> {
    let (width, height) = (planes.y.width(), planes.y.height());
    let alpha = decoded
        .alpha
        .as_ref()
        .filter(|alpha| (alpha.width(), alpha.height()) == (width, height));
    let channels = if alpha.is_some() { Channels::Rgba } else { Channels::Rgb };
    let (columns, lines) = match decoded.chroma {
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
    let mut deep = vec![0; width * channels.count()];
    let mut converter = DeepRows::new(colours, channels);
    let pitch = pixels.pitch();
    for (y, srgb) in pixels.bytes.chunks_exact_mut(pitch).enumerate() {
        let luma = planes.y.row(y).ok_or(Unfit::Damaged)?;
        let chroma = match (&planes.cb, &planes.cr) {
            (Some(blue), Some(red)) => blue.row(y >> lines).zip(red.row(y >> lines)).map(|(blue, red)| [blue, red]),
            _ => None,
        };
        rows.convert(luma, chroma, columns, &mut deep, channels.count());
        if let Some(alpha) = alpha {
            add_alpha(alpha, y, container.premultiplied, &mut deep).ok_or(Unfit::Damaged)?;
        }
        converter.convert(&deep, srgb);
    }
    Ok(pixels.without_full_alpha())
}

/// Writes a row of alpha between the colours, which are divided by it where they were multiplied.
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
        // Of ten bits, as far as anything writes alpha of more than eight.
        SamplePlane::U16(plane) => plane
            .row(y)?
            .iter()
            .enumerate()
            .for_each(|(x, alpha)| add(x, (u32::from(*alpha) * 65_535 / 1023).min(65_535) as u16)),
    }
    Some(())
}

fn plane(plane: PlaneBuffer<u8>) -> Result<Pixels, Unfit> {
    let (width, height) = (plane.width() as u32, plane.height() as u32);
    Ok(Planes::plane(width, height, plane.into_tight()?))
}

//! AVIF, decoded by libaom through libavif. No crate exposes libavif's limits safely, so its C functions are called here.
#![allow(unsafe_code)]

use super::Decoded;
use super::heif::Container;
use crate::colour::{ColourSpace, HighDepthRows};
use crate::metadata::Blocks;
use crate::pixels::{Channels, Pixels};
use crate::{ImageError, limits};
use libavif_sys::*;
use std::borrow::Cow;
use std::ptr::NonNull;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let decoder = Decoder::new(bytes)?;
    let header = decoder.parse()?;
    let channels = if header.alpha { Channels::Rgba } else { Channels::Rgb };
    // Planes and interleaved pixels.
    let planes = if header.depth > 8 { 6 } else { 3 };
    let buffer = u64::from(header.width) * u64::from(header.height) * (planes + channels.count() as u64);
    limits::check(header.width, header.height, buffer)?;
    limits::check_compression_ratio(header.width, header.height, buffer, bytes.len())?;
    let is_high_depth = header.depth > 8 || matches!(header.colour_space, ColourSpace::Hdr(_));
    let pixels = decoder.pixels(&header, channels, is_high_depth)?;
    // An image sequence has no items.
    let container = Container::read(bytes).unwrap_or_default();
    let (picture, orientation) = container.apply(pixels.without_opaque_alpha().into());
    let (width, height) = picture.size();
    let mut metadata = Blocks {
        xmp: container.xmp.map(Cow::Borrowed),
        ..Blocks::from_exif(header.exif)
    }
    .read();
    // HEIF ignores the EXIF orientation.
    metadata.orientation = orientation;
    Ok(Decoded {
        picture,
        width,
        height,
        colour_space: if is_high_depth {
            ColourSpace::Srgb
        } else {
            header.colour_space
        },
        metadata,
    })
}

fn check(result: avifResult) -> Result<(), ImageError> {
    (result == AVIF_RESULT_OK).then_some(()).ok_or(ImageError::Damaged)
}

struct Header {
    width: u32,
    height: u32,
    /// Bits per sample.
    depth: u32,
    alpha: bool,
    colour_space: ColourSpace,
    exif: Option<Vec<u8>>,
}

/// Borrows the file's bytes.
struct Decoder<'a>(NonNull<avifDecoder>, std::marker::PhantomData<&'a [u8]>);

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, ImageError> {
        // SAFETY: a constructor; `drop` frees its result.
        let decoder = NonNull::new(unsafe { avifDecoderCreate() }).ok_or(ImageError::Damaged)?;
        let mut decoder = Self(decoder, std::marker::PhantomData);
        // SAFETY: this is the only reference.
        let fields = unsafe { decoder.0.as_mut() };
        fields.maxThreads = 1;
        fields.ignoreXMP = 1;
        // Browsers accept files without properties that the standard requires.
        fields.strictFlags = AVIF_STRICT_DISABLED as avifStrictFlags;
        fields.imageSizeLimit = limits::MAX_PIXELS as u32;
        fields.imageDimensionLimit = limits::MAX_EDGE;
        // SAFETY: the bytes outlive the decoder.
        check(unsafe { avifDecoderSetIOMemory(decoder.0.as_ptr(), bytes.as_ptr(), bytes.len()) })?;
        Ok(decoder)
    }

    fn image(&self) -> Result<&avifImage, ImageError> {
        // SAFETY: the decoder owns the image, which lives as long.
        unsafe { self.0.as_ref().image.as_ref() }.ok_or(ImageError::Damaged)
    }

    fn parse(&self) -> Result<Header, ImageError> {
        // SAFETY: `new` has set the input.
        check(unsafe { avifDecoderParse(self.0.as_ptr()) })?;
        let image = self.image()?;
        Ok(Header {
            width: image.width,
            height: image.height,
            // SAFETY: not modified meanwhile.
            alpha: unsafe { self.0.as_ref() }.alphaPresent != 0,
            depth: image.depth,
            colour_space: match copied(&image.icc) {
                Some(icc) => ColourSpace::from_icc(&icc),
                None => ColourSpace::from_cicp(image.colorPrimaries as u8, image.transferCharacteristics as u8),
            },
            exif: copied(&image.exif),
        })
    }

    /// Decodes the first picture. One of high bit depth is converted to sRGB.
    fn pixels(&self, header: &Header, channels: Channels, is_high_depth: bool) -> Result<Pixels, ImageError> {
        // SAFETY: the file has been parsed.
        check(unsafe { avifDecoderNextImage(self.0.as_ptr()) })?;
        let image = self.image()?;
        if (image.width, image.height) != (header.width, header.height) {
            return Err(ImageError::Damaged);
        }
        let mut pixels = Pixels {
            width: header.width,
            height: header.height,
            channels,
            bytes: vec![0; header.width as usize * header.height as usize * channels.count()],
        };
        let pitch = pixels.pitch();
        if !is_high_depth {
            to_rgb(image, channels, 8, &mut pixels.bytes, pitch)?;
            return Ok(pixels);
        }
        let mut rows = HighDepthRows::new(&header.colour_space, channels);
        let mut samples = vec![0_u16; pitch * STRIP as usize];
        for (number, strip) in pixels.bytes.chunks_mut(pitch * STRIP as usize).enumerate() {
            let view = View::new(image, number as u32 * STRIP, (strip.len() / pitch) as u32)?;
            to_rgb(view.image(), channels, 16, &mut samples, pitch)?;
            for (row, srgb) in samples.chunks_exact(pitch).zip(strip.chunks_exact_mut(pitch)) {
                rows.convert(row, srgb);
            }
        }
        Ok(pixels)
    }
}

/// Rows that are converted at once. Even, because two rows share a chroma row.
const STRIP: u32 = 64;

/// A view of some rows of a picture.
struct View<'a>(NonNull<avifImage>, std::marker::PhantomData<&'a avifImage>);

impl<'a> View<'a> {
    fn new(image: &'a avifImage, top: u32, height: u32) -> Result<Self, ImageError> {
        // SAFETY: a constructor; `drop` frees its result.
        let view = NonNull::new(unsafe { avifImageCreateEmpty() }).ok_or(ImageError::Damaged)?;
        let view = Self(view, std::marker::PhantomData);
        let rows = avifCropRect {
            x: 0,
            y: top,
            width: image.width,
            height,
        };
        // SAFETY: both are initialised, and the picture, which owns the rows, outlives the view.
        check(unsafe { avifImageSetViewRect(view.0.as_ptr(), image, &rows) })?;
        Ok(view)
    }

    fn image(&self) -> &avifImage {
        // SAFETY: made by `new`.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `avifImageCreateEmpty`, and freed once.
        unsafe { avifImageDestroy(self.0.as_ptr()) }
    }
}

/// Converts planes to RGB or RGBA of `depth` bits, with straight alpha. `pitch` is in samples.
fn to_rgb<T>(image: &avifImage, channels: Channels, depth: u32, samples: &mut [T], pitch: usize) -> Result<(), ImageError> {
    if samples.len() < pitch * image.height as usize || size_of::<T>() * 8 != depth as usize {
        return Err(ImageError::Damaged);
    }
    let mut target = avifRGBImage::default();
    // SAFETY: both are initialised.
    unsafe { avifRGBImageSetDefaults(&mut target, image) };
    target.depth = depth;
    target.format = if channels == Channels::Rgba {
        AVIF_RGB_FORMAT_RGBA
    } else {
        AVIF_RGB_FORMAT_RGB
    };
    target.pixels = samples.as_mut_ptr().cast();
    target.rowBytes = (pitch * size_of::<T>()) as u32;
    // SAFETY: `samples` has `pitch` × `height` elements.
    check(unsafe { avifImageYUVToRGB(image, &mut target) })
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `avifDecoderCreate`, and freed once.
        unsafe { avifDecoderDestroy(self.0.as_ptr()) }
    }
}

fn copied(data: &avifRWData) -> Option<Vec<u8>> {
    // SAFETY: libavif has written `size` bytes at `data`.
    (!data.data.is_null() && data.size > 0).then(|| unsafe { std::slice::from_raw_parts(data.data, data.size) }.to_vec())
}

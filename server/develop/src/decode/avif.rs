//! AVIF, decoded by libaom behind libavif. No crate offers libavif's limits safely, so its C functions are called here.
#![allow(unsafe_code)]

use super::Decoded;
use crate::orient::Orientation;
use crate::pixels::{Channels, Pixels};
use crate::{Unfit, colour, limits};
use libavif_sys::*;
use std::ptr::NonNull;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let decoder = Decoder::new(bytes)?;
    let image = decoder.parse()?;
    let channels = if image.alpha { Channels::Rgba } else { Channels::Rgb };
    // Planes, and the pixels that are made of them.
    let held = u64::from(image.width) * u64::from(image.height) * (3 + channels.count() as u64);
    limits::check(image.width, image.height, held)?;
    limits::check_density(image.width, image.height, held, bytes.len())?;
    Ok(Decoded {
        picture: decoder.pixels(&image, channels)?.into(),
        width: image.width,
        height: image.height,
        icc: image.icc,
        exif: image.exif,
        orientation: Some(image.orientation),
    })
}

fn done(result: avifResult) -> Result<(), Unfit> {
    (result == AVIF_RESULT_OK).then_some(()).ok_or(Unfit::Damaged)
}

/// What the file says of its picture.
struct Header {
    width: u32,
    height: u32,
    alpha: bool,
    orientation: Orientation,
    icc: Option<Vec<u8>>,
    exif: Option<Vec<u8>>,
}

/// A decoder that reads the bytes it is lent.
struct Decoder<'a>(NonNull<avifDecoder>, std::marker::PhantomData<&'a [u8]>);

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Unfit> {
        // SAFETY: a plain constructor; what it answers is freed by `drop`.
        let decoder = NonNull::new(unsafe { avifDecoderCreate() }).ok_or(Unfit::Damaged)?;
        let mut decoder = Self(decoder, std::marker::PhantomData);
        // SAFETY: nobody else has it.
        let fields = unsafe { decoder.0.as_mut() };
        fields.maxThreads = 1;
        fields.ignoreXMP = 1;
        // Encoders leave out what the standard asks for and browsers do without.
        fields.strictFlags = AVIF_STRICT_DISABLED as avifStrictFlags;
        fields.imageSizeLimit = limits::PIXELS as u32;
        fields.imageDimensionLimit = limits::EDGE;
        // SAFETY: the bytes outlive the decoder.
        done(unsafe { avifDecoderSetIOMemory(decoder.0.as_ptr(), bytes.as_ptr(), bytes.len()) })?;
        Ok(decoder)
    }

    fn image(&self) -> Result<&avifImage, Unfit> {
        // SAFETY: the image is the decoder's, and lasts as long as it.
        unsafe { self.0.as_ref().image.as_ref() }.ok_or(Unfit::Damaged)
    }

    fn parse(&self) -> Result<Header, Unfit> {
        // SAFETY: it has been given its bytes.
        done(unsafe { avifDecoderParse(self.0.as_ptr()) })?;
        let image = self.image()?;
        let wide = image.colorPrimaries == AVIF_COLOR_PRIMARIES_SMPTE432 as avifColorPrimaries;
        Ok(Header {
            width: image.width,
            height: image.height,
            // SAFETY: nobody changes it meanwhile.
            alpha: unsafe { self.0.as_ref() }.alphaPresent != 0,
            orientation: orientation(image),
            icc: copied(&image.icc).or_else(|| wide.then(colour::display_p3).flatten()),
            exif: copied(&image.exif),
        })
    }

    /// Decodes the first picture.
    fn pixels(&self, header: &Header, channels: Channels) -> Result<Pixels, Unfit> {
        // SAFETY: it has been parsed.
        done(unsafe { avifDecoderNextImage(self.0.as_ptr()) })?;
        let image = self.image()?;
        if (image.width, image.height) != (header.width, header.height) {
            return Err(Unfit::Damaged);
        }
        let mut pixels = Pixels {
            width: header.width,
            height: header.height,
            channels,
            bytes: vec![0; header.width as usize * header.height as usize * channels.count()],
        };
        let mut target = avifRGBImage::default();
        // SAFETY: both are initialised.
        unsafe { avifRGBImageSetDefaults(&mut target, image) };
        target.depth = 8;
        target.format = if header.alpha {
            AVIF_RGB_FORMAT_RGBA
        } else {
            AVIF_RGB_FORMAT_RGB
        };
        target.pixels = pixels.bytes.as_mut_ptr();
        target.rowBytes = pixels.pitch() as u32;
        // SAFETY: there is room for as many pixels as the image's size and the pitch say.
        done(unsafe { avifImageYUVToRGB(image, &mut target) })?;
        Ok(pixels)
    }
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

/// Quarter turns against the clock, then a mirror, as EXIF's number: the table of the format's standard, read backwards.
fn orientation(image: &avifImage) -> Orientation {
    let has = |flag: avifTransformFlag| image.transformFlags & flag as avifTransformFlags != 0;
    let turns = if has(AVIF_TRANSFORM_IROT) { image.irot.angle % 4 } else { 0 };
    let mirror = has(AVIF_TRANSFORM_IMIR).then_some(image.imir.axis);
    Orientation::from_exif(match (turns, mirror) {
        (1, None) => 8,
        (2, None) => 3,
        (3, None) => 6,
        (0, Some(1)) | (2, Some(0)) => 2,
        (0, Some(_)) | (2, Some(_)) => 4,
        (1, Some(0)) | (3, Some(1)) => 5,
        (3, Some(_)) | (1, Some(_)) => 7,
        _ => 1,
    })
}

//! AVIF, decoded by libaom behind libavif. No crate offers libavif's limits safely, so its C functions are called here.
#![allow(unsafe_code)]

use super::Decoded;
use super::heif::Container;
use crate::colour::{Colours, DeepRows};
use crate::metadata::Blocks;
use crate::pixels::{Channels, Pixels};
use crate::{Unfit, limits};
use libavif_sys::*;
use std::borrow::Cow;
use std::ptr::NonNull;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Unfit> {
    let decoder = Decoder::new(bytes)?;
    let header = decoder.parse()?;
    let channels = if header.alpha { Channels::Rgba } else { Channels::Rgb };
    // Planes, and the pixels that are made of them.
    let planes = if header.depth > 8 { 6 } else { 3 };
    let held = u64::from(header.width) * u64::from(header.height) * (planes + channels.count() as u64);
    limits::check(header.width, header.height, held)?;
    limits::check_density(header.width, header.height, held, bytes.len())?;
    let is_deep = header.depth > 8 || matches!(header.colours, Colours::Hdr(_));
    let pixels = decoder.pixels(&header, channels, is_deep)?;
    // A sequence has no items.
    let container = Container::read(bytes).unwrap_or_default();
    let (picture, orientation) = container.apply(pixels.without_full_alpha().into());
    let (width, height) = picture.size();
    let mut metadata = Blocks {
        xmp: container.xmp.map(Cow::Borrowed),
        ..Blocks::of_exif(header.exif)
    }
    .read();
    // What EXIF says of it is to be passed over, says the format.
    metadata.orientation = orientation;
    Ok(Decoded {
        picture,
        width,
        height,
        colours: if is_deep { Colours::Srgb } else { header.colours },
        metadata,
    })
}

fn done(result: avifResult) -> Result<(), Unfit> {
    (result == AVIF_RESULT_OK).then_some(()).ok_or(Unfit::Damaged)
}

/// What the file says of its picture.
struct Header {
    width: u32,
    height: u32,
    /// Bits a sample.
    depth: u32,
    alpha: bool,
    colours: Colours,
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
        Ok(Header {
            width: image.width,
            height: image.height,
            // SAFETY: nobody changes it meanwhile.
            alpha: unsafe { self.0.as_ref() }.alphaPresent != 0,
            depth: image.depth,
            colours: match copied(&image.icc) {
                Some(icc) => Colours::of_icc(&icc),
                None => Colours::of_cicp(image.colorPrimaries as u8, image.transferCharacteristics as u8),
            },
            exif: copied(&image.exif),
        })
    }

    /// Decodes the first picture: as it is stored, or where it is deep, in sRGB.
    fn pixels(&self, header: &Header, channels: Channels, is_deep: bool) -> Result<Pixels, Unfit> {
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
        let pitch = pixels.pitch();
        if !is_deep {
            to_rgb(image, channels, 8, &mut pixels.bytes, pitch)?;
            return Ok(pixels);
        }
        let mut rows = DeepRows::new(&header.colours, channels);
        let mut deep = vec![0_u16; pitch * STRIP as usize];
        for (number, strip) in pixels.bytes.chunks_mut(pitch * STRIP as usize).enumerate() {
            let view = View::new(image, number as u32 * STRIP, (strip.len() / pitch) as u32)?;
            to_rgb(view.image(), channels, 16, &mut deep, pitch)?;
            for (row, srgb) in deep.chunks_exact(pitch).zip(strip.chunks_exact_mut(pitch)) {
                rows.convert(row, srgb);
            }
        }
        Ok(pixels)
    }
}

/// Rows that are converted at once. Even, so that no row of colours is divided.
const STRIP: u32 = 64;

/// Some rows of a picture, which lends them.
struct View<'a>(NonNull<avifImage>, std::marker::PhantomData<&'a avifImage>);

impl<'a> View<'a> {
    fn new(image: &'a avifImage, top: u32, height: u32) -> Result<Self, Unfit> {
        // SAFETY: a plain constructor; what it answers is freed by `drop`.
        let view = NonNull::new(unsafe { avifImageCreateEmpty() }).ok_or(Unfit::Damaged)?;
        let view = Self(view, std::marker::PhantomData);
        let rows = avifCropRect {
            x: 0,
            y: top,
            width: image.width,
            height,
        };
        // SAFETY: both are initialised, and the rows stay the picture's, which outlives the view.
        done(unsafe { avifImageSetViewRect(view.0.as_ptr(), image, &rows) })?;
        Ok(view)
    }

    fn image(&self) -> &avifImage {
        // SAFETY: it was made by `new`.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `avifImageCreateEmpty`, and freed once.
        unsafe { avifImageDestroy(self.0.as_ptr()) }
    }
}

/// Converts planes to RGB or RGBA of `depth` bits, alpha not multiplied. `pitch` is in samples.
fn to_rgb<T>(image: &avifImage, channels: Channels, depth: u32, samples: &mut [T], pitch: usize) -> Result<(), Unfit> {
    if samples.len() < pitch * image.height as usize || size_of::<T>() * 8 != depth as usize {
        return Err(Unfit::Damaged);
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
    // SAFETY: there is room for as many samples as the picture's size and the pitch say.
    done(unsafe { avifImageYUVToRGB(image, &mut target) })
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

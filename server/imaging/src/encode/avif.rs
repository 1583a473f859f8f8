//! AVIF, encoded by libaom through libavif. No crate exposes libaom's settings safely, so the C functions are called here.
#![allow(unsafe_code)]

use crate::ImageError;
use crate::pixels::{Channels, Picture, Pixels};
use crate::planes::Planes;
use libavif_sys::*;
use std::ffi::CStr;
use std::ptr::NonNull;

/// Of 100. Gives the WebP's SSIMULACRA2 score in 60 % of its bytes.
const QUALITY: i32 = 60;

/// From 0, the slowest, to 10. Below 6 each step doubles the time and saves some 3 % of bytes.
const SPEED: i32 = 6;

/// libaom options for still images: quantisation matrices, and perceptual delta quantisation, which spends bits on smooth areas. They
/// save a sixth of the bytes at the same score.
const SETTINGS: [(&CStr, &CStr); 4] = [
    (c"enable-qm", c"1"),
    (c"qm-min", c"2"),
    (c"qm-max", c"10"),
    (c"deltaq-mode", c"3"),
];

pub(super) fn encode(picture: &Picture) -> Result<Vec<u8>, ImageError> {
    let (width, height) = picture.size();
    let image = Image::new(width, height)?;
    match picture {
        Picture::Planes(planes) => image.encode_planes(planes),
        Picture::Pixels(pixels) => image.encode_pixels(pixels),
    }
}

fn check(result: avifResult) -> Result<(), ImageError> {
    (result == AVIF_RESULT_OK).then_some(()).ok_or(ImageError::NotEncoded)
}

/// An 8-bit 4:2:0 image in sRGB.
struct Image(NonNull<avifImage>);

impl Image {
    fn new(width: u32, height: u32) -> Result<Self, ImageError> {
        // SAFETY: a constructor; `drop` frees its result.
        let image = NonNull::new(unsafe { avifImageCreate(width, height, 8, AVIF_PIXEL_FORMAT_YUV420) });
        let mut image = Self(image.ok_or(ImageError::NotEncoded)?);
        // SAFETY: this is the only reference.
        let fields = unsafe { image.0.as_mut() };
        fields.yuvRange = AVIF_RANGE_FULL;
        fields.colorPrimaries = AVIF_COLOR_PRIMARIES_BT709 as avifColorPrimaries;
        fields.transferCharacteristics = AVIF_TRANSFER_CHARACTERISTICS_SRGB as avifTransferCharacteristics;
        fields.matrixCoefficients = AVIF_MATRIX_COEFFICIENTS_BT601 as avifMatrixCoefficients;
        Ok(image)
    }

    /// libavif borrows the planes and does not modify them.
    fn encode_planes(mut self, planes: &Planes) -> Result<Vec<u8>, ImageError> {
        // SAFETY: this is the only reference.
        let fields = unsafe { self.0.as_mut() };
        let borrowed = [&planes.luma, &planes.chroma[0], &planes.chroma[1]];
        for (index, plane) in borrowed.into_iter().enumerate() {
            fields.yuvPlanes[index] = plane.bytes.as_ptr().cast_mut();
            fields.yuvRowBytes[index] = plane.width;
        }
        fields.imageOwnsYUVPlanes = 0;
        self.encode()
    }

    fn encode_pixels(self, pixels: &Pixels) -> Result<Vec<u8>, ImageError> {
        let mut source = avifRGBImage::default();
        // SAFETY: both are initialised.
        unsafe { avifRGBImageSetDefaults(&mut source, self.0.as_ptr()) };
        source.format = match pixels.channels {
            Channels::Rgb => AVIF_RGB_FORMAT_RGB,
            Channels::Rgba => AVIF_RGB_FORMAT_RGBA,
            Channels::Plane | Channels::Cmyk => return Err(ImageError::NotEncoded),
        };
        source.pixels = pixels.bytes.as_ptr().cast_mut();
        source.rowBytes = pixels.pitch() as u32;
        // SAFETY: there are as many pixels as the image's size and the pitch say; libavif copies them.
        check(unsafe { avifImageRGBToYUV(self.0.as_ptr(), &source) })?;
        self.encode()
    }

    fn encode(self) -> Result<Vec<u8>, ImageError> {
        let mut encoder = Encoder::new()?;
        let mut file = File(avifRWData::default());
        // SAFETY: all three are initialised; borrowed planes outlive the call.
        check(unsafe { avifEncoderWrite(encoder.0.as_mut(), self.0.as_ptr(), &mut file.0) })?;
        Ok(file.bytes().to_vec())
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: made by `avifImageCreate`, and freed once.
        unsafe { avifImageDestroy(self.0.as_ptr()) }
    }
}

struct Encoder(NonNull<avifEncoder>);

impl Encoder {
    fn new() -> Result<Self, ImageError> {
        // SAFETY: a constructor; `drop` frees its result.
        let mut encoder = Self(NonNull::new(unsafe { avifEncoderCreate() }).ok_or(ImageError::NotEncoded)?);
        // SAFETY: this is the only reference.
        let fields = unsafe { encoder.0.as_mut() };
        fields.maxThreads = 1;
        fields.speed = SPEED;
        fields.quality = QUALITY;
        fields.qualityAlpha = QUALITY;
        for (name, value) in SETTINGS {
            // SAFETY: both strings are NUL-terminated; libavif copies them.
            check(unsafe { avifEncoderSetCodecSpecificOption(encoder.0.as_ptr(), name.as_ptr(), value.as_ptr()) })?;
        }
        Ok(encoder)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `avifEncoderCreate`, and freed once.
        unsafe { avifEncoderDestroy(self.0.as_ptr()) }
    }
}

/// The encoded file, in a buffer of libavif's.
struct File(avifRWData);

impl File {
    fn bytes(&self) -> &[u8] {
        if self.0.data.is_null() {
            return &[];
        }
        // SAFETY: libavif has written `size` bytes at `data`.
        unsafe { std::slice::from_raw_parts(self.0.data, self.0.size) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: initialised, and freed once.
        unsafe { avifRWDataFree(&mut self.0) }
    }
}

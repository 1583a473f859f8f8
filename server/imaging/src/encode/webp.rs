//! WebP, encoded by libwebp. No crate exposes its `method` setting safely, so its C functions are called here.
#![allow(unsafe_code)]

use crate::ImageError;
use crate::pixels::{self, Channels, Pixels};
use crate::planes::Planes;
use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear, WebPMemoryWriterInit, WebPPicture,
    WebPPictureAlloc, WebPPictureFree, WebPPictureImportRGB, WebPPictureImportRGBA,
};
use std::mem::MaybeUninit;

/// Of 100. Measured against libwebp's defaults at 80, this and [`METHOD`] cost 1 point of SSIMULACRA2 and 4 % of bytes.
const QUALITY: f32 = 79.7;

/// Strength of the deblocking filter, of 100. The default, 60, leaves visible block edges with this method.
const FILTER_STRENGTH: i32 = 80;

/// From 0, the fastest, to 6. Compared with the default, 4, this saves a third of the total processing time.
const METHOD: i32 = 2;

pub(super) fn encode(source: &pixels::Picture) -> Result<Vec<u8>, ImageError> {
    let config = config()?;
    let picture = match source {
        pixels::Picture::Pixels(pixels) => Picture::import(pixels),
        pixels::Picture::Planes(planes) => Picture::import_planes(planes),
    };
    let mut picture = picture.ok_or(ImageError::NotEncoded)?;
    let mut file = File::new();
    picture.0.writer = Some(WebPMemoryWrite);
    picture.0.custom_ptr = (&raw mut file.0).cast();
    // SAFETY: both are initialised, and the writer that `custom_ptr` points to outlives the call.
    let encoded = unsafe { WebPEncode(&config, &mut picture.0) };
    if encoded == 0 {
        Err(ImageError::NotEncoded)
    } else {
        Ok(file.bytes().to_vec())
    }
}

pub(super) fn config() -> Result<WebPConfig, ImageError> {
    let mut config = WebPConfig::new().map_err(|()| ImageError::NotEncoded)?;
    config.quality = QUALITY;
    config.method = METHOD;
    config.filter_strength = FILTER_STRENGTH;
    Ok(config)
}

/// Converts full range (0 to 255) to limited range: `range` steps from 16. Arithmetic instead of a table, so that it vectorises.
fn to_limited_range(full: u8, range: u32) -> u8 {
    let steps = u32::from(full) * range + 127;
    // Equals a division by 255 below 2¹⁶.
    (16 + ((steps + 1 + (steps >> 8)) >> 8)) as u8
}

/// libwebp's copy of the pixels.
pub(super) struct Picture(pub(super) WebPPicture);

impl Picture {
    fn with_size(width: u32, height: u32) -> Option<Self> {
        let mut picture = Self(WebPPicture::new().ok()?);
        picture.0.width = i32::try_from(width).ok()?;
        picture.0.height = i32::try_from(height).ok()?;
        Some(picture)
    }

    /// WebP's planes are those of JPEG in limited range.
    fn import_planes(planes: &Planes) -> Option<Self> {
        let mut picture = Self::with_size(planes.luma.width, planes.luma.height)?;
        // SAFETY: initialised, with its size.
        if unsafe { WebPPictureAlloc(&mut picture.0) } == 0 {
            return None;
        }
        let p = &picture.0;
        let [cb, cr] = &planes.chroma;
        for (plane, target, stride, range) in [
            (&planes.luma, p.y, p.y_stride, 219),
            (cb, p.u, p.uv_stride, 224),
            (cr, p.v, p.uv_stride, 224),
        ] {
            for (row, full) in plane.bytes.chunks_exact(plane.pitch()).enumerate() {
                // SAFETY: libwebp has allocated planes of this size, with `stride` bytes a row.
                let limited = unsafe { std::slice::from_raw_parts_mut(target.add(row * stride as usize), full.len()) };
                limited
                    .iter_mut()
                    .zip(full)
                    .for_each(|(limited, full)| *limited = to_limited_range(*full, range));
            }
        }
        Some(picture)
    }

    /// Imports as YUV, for lossy encoding.
    fn import(pixels: &Pixels) -> Option<Self> {
        Self::with_size(pixels.width, pixels.height)?.with(pixels)
    }

    /// Imports as ARGB, which lossless encoding needs.
    pub(super) fn import_argb(pixels: &Pixels) -> Option<Self> {
        let mut picture = Self::with_size(pixels.width, pixels.height)?;
        picture.0.use_argb = 1;
        picture.with(pixels)
    }

    fn with(self, pixels: &Pixels) -> Option<Self> {
        let mut picture = self;
        let pitch = i32::try_from(pixels.pitch()).ok()?;
        if pixels.bytes.len() != pixels.pitch() * pixels.height as usize {
            return None;
        }
        // SAFETY: there are as many pixels as width, height and pitch say; libwebp copies them.
        let imported = unsafe {
            match pixels.channels {
                Channels::Rgb => WebPPictureImportRGB(&mut picture.0, pixels.bytes.as_ptr(), pitch),
                Channels::Rgba => WebPPictureImportRGBA(&mut picture.0, pixels.bytes.as_ptr(), pitch),
                Channels::Plane | Channels::Cmyk => 0,
            }
        };
        (imported != 0).then_some(picture)
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: initialised, and freed once.
        unsafe { WebPPictureFree(&mut self.0) }
    }
}

/// The encoded file, in a buffer of libwebp's.
struct File(WebPMemoryWriter);

impl File {
    fn new() -> Self {
        let mut writer = MaybeUninit::uninit();
        // SAFETY: the function initialises the writer.
        unsafe {
            WebPMemoryWriterInit(writer.as_mut_ptr());
            Self(writer.assume_init())
        }
    }

    fn bytes(&self) -> &[u8] {
        if self.0.mem.is_null() {
            return &[];
        }
        // SAFETY: libwebp has written `size` bytes at `mem`.
        unsafe { std::slice::from_raw_parts(self.0.mem, self.0.size) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: initialised, and cleared once.
        unsafe { WebPMemoryWriterClear(&mut self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::to_limited_range;

    #[test]
    fn limited_range_is_rounded_to_the_nearest() {
        for full in 0..=255_u8 {
            for range in [219, 224] {
                assert_eq!(
                    u32::from(to_limited_range(full, range)),
                    16 + (u32::from(full) * range + 127) / 255,
                    "{full} of {range}"
                );
            }
        }
    }
}

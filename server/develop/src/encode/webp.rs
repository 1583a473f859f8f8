//! WebP, encoded by libwebp. No crate offers its effort setting safely, so its C functions are called here.
#![allow(unsafe_code)]

use crate::Unfit;
use crate::pixels::{Channels, Picture as Developed, Pixels};
use crate::planes::Planes;
use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear, WebPMemoryWriterInit, WebPPicture,
    WebPPictureAlloc, WebPPictureFree, WebPPictureImportRGB, WebPPictureImportRGBA,
};
use std::mem::MaybeUninit;

/// Of 100. A hair below JPEG's, in exchange for what [`EFFORT`] costs: measured, 1 point of SSIMULACRA2 and 4 % of bytes
/// lie between this and libwebp's own settings at 80.
const QUALITY: f32 = 79.7;

/// How strongly edges of blocks are smoothed, of 100. By itself it is 60, which leaves more of them at this effort.
const SMOOTHING: i32 = 80;

/// From 0 to 6. Over 4, which is the default, 2 saves a third of all developing.
const EFFORT: i32 = 2;

pub(super) fn encode(developed: &Developed) -> Result<Vec<u8>, Unfit> {
    let config = config()?;
    let picture = match developed {
        Developed::Pixels(pixels) => Picture::import(pixels),
        Developed::Planes(planes) => Picture::import_planes(planes),
    };
    let mut picture = picture.ok_or(Unfit::NotEncoded)?;
    let mut file = File::new();
    picture.0.writer = Some(WebPMemoryWrite);
    picture.0.custom_ptr = (&raw mut file.0).cast();
    // SAFETY: both are initialised, and the writer that `custom_ptr` points to outlives the call.
    let encoded = unsafe { WebPEncode(&config, &mut picture.0) };
    if encoded == 0 {
        Err(Unfit::NotEncoded)
    } else {
        Ok(file.bytes().to_vec())
    }
}

/// How photos are encoded.
pub(super) fn config() -> Result<WebPConfig, Unfit> {
    let mut config = WebPConfig::new().map_err(|()| Unfit::NotEncoded)?;
    config.quality = QUALITY;
    config.method = EFFORT;
    config.filter_strength = SMOOTHING;
    Ok(config)
}

/// A value of the full range, from 0 to 255, in one of `range` steps from 16 on. Without a table, so that many are made at once.
fn narrow(full: u8, range: u32) -> u8 {
    let steps = u32::from(full) * range + 127;
    // Below 2¹⁶ this is dividing by 255.
    (16 + ((steps + 1 + (steps >> 8)) >> 8)) as u8
}

/// libwebp's own copy of the pixels, in YUV.
pub(super) struct Picture(pub(super) WebPPicture);

impl Picture {
    fn of_size(width: u32, height: u32) -> Option<Self> {
        let mut picture = Self(WebPPicture::new().ok()?);
        picture.0.width = i32::try_from(width).ok()?;
        picture.0.height = i32::try_from(height).ok()?;
        Some(picture)
    }

    /// WebP's planes are JPEG's, but for the range of their values.
    fn import_planes(planes: &Planes) -> Option<Self> {
        let mut picture = Self::of_size(planes.luma.width, planes.luma.height)?;
        // SAFETY: it is initialised, and has its size.
        if unsafe { WebPPictureAlloc(&mut picture.0) } == 0 {
            return None;
        }
        let p = &picture.0;
        let [blue, red] = &planes.chroma;
        for (plane, to, stride, range) in [
            (&planes.luma, p.y, p.y_stride, 219),
            (blue, p.u, p.uv_stride, 224),
            (red, p.v, p.uv_stride, 224),
        ] {
            for (row, full) in plane.bytes.chunks_exact(plane.pitch()).enumerate() {
                // SAFETY: libwebp has allocated planes of this size, with `stride` bytes a row.
                let target = unsafe { std::slice::from_raw_parts_mut(to.add(row * stride as usize), full.len()) };
                target.iter_mut().zip(full).for_each(|(to, full)| *to = narrow(*full, range));
            }
        }
        Some(picture)
    }

    /// As planes, which is what a photo is encoded from.
    fn import(pixels: &Pixels) -> Option<Self> {
        Self::of_size(pixels.width, pixels.height)?.with(pixels)
    }

    /// As whole colours, from which drawings are encoded without loss.
    pub(super) fn import_whole(pixels: &Pixels) -> Option<Self> {
        let mut picture = Self::of_size(pixels.width, pixels.height)?;
        picture.0.use_argb = 1;
        picture.with(pixels)
    }

    fn with(self, pixels: &Pixels) -> Option<Self> {
        let mut picture = self;
        let pitch = i32::try_from(pixels.pitch()).ok()?;
        if pixels.bytes.len() != pixels.pitch() * pixels.height as usize {
            return None;
        }
        // SAFETY: the pixels are as many as width, height and pitch say; libwebp copies them.
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
        // SAFETY: it was initialised, and is freed once.
        unsafe { WebPPictureFree(&mut self.0) }
    }
}

/// The growing file, in memory of libwebp's.
struct File(WebPMemoryWriter);

impl File {
    fn new() -> Self {
        let mut writer = MaybeUninit::uninit();
        // SAFETY: initialising is what the function does.
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
        // SAFETY: it was initialised, and is cleared once.
        unsafe { WebPMemoryWriterClear(&mut self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::narrow;

    #[test]
    fn the_narrow_range_is_rounded_to_the_nearest() {
        for full in 0..=255_u8 {
            for range in [219, 224] {
                assert_eq!(
                    u32::from(narrow(full, range)),
                    16 + (u32::from(full) * range + 127) / 255,
                    "{full} of {range}"
                );
            }
        }
    }
}

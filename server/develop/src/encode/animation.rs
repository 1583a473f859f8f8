//! An animated WebP, by libwebp's own encoder of animations.
#![allow(unsafe_code)]

use super::webp::{Picture, config};
use crate::Unfit;
use crate::pixels::Pixels;
use libwebp_sys::{
    WEBP_MUX_ABI_VERSION, WebPAnimEncoder, WebPAnimEncoderAdd, WebPAnimEncoderAssemble, WebPAnimEncoderDelete,
    WebPAnimEncoderNewInternal, WebPAnimEncoderOptions, WebPAnimEncoderOptionsInitInternal, WebPData, WebPFree,
};
use std::mem::MaybeUninit;
use std::ptr::{NonNull, null, null_mut};

/// Frames that are added one after the other, and played for ever.
pub(crate) struct AnimationEncoder {
    encoder: NonNull<WebPAnimEncoder>,
    /// When the next frame begins, in milliseconds.
    at: i32,
    frames: usize,
}

impl AnimationEncoder {
    /// All frames have this size.
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, Unfit> {
        let (width, height) = (i32::try_from(width), i32::try_from(height));
        let (Ok(width), Ok(height)) = (width, height) else {
            return Err(Unfit::NotEncoded);
        };
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::uninit();
        // SAFETY: initialising is what the function does, and says whether it did.
        let encoder = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), WEBP_MUX_ABI_VERSION as i32) == 0 {
                return Err(Unfit::NotEncoded);
            }
            let mut options = options.assume_init();
            // GIFs are drawings as often as films: each frame in what suits it.
            options.allow_mixed = 1;
            WebPAnimEncoderNewInternal(width, height, &options, WEBP_MUX_ABI_VERSION as i32)
        };
        Ok(Self {
            encoder: NonNull::new(encoder).ok_or(Unfit::NotEncoded)?,
            at: 0,
            frames: 0,
        })
    }

    /// Adds a frame that is shown for so many milliseconds.
    pub(crate) fn add(&mut self, pixels: &Pixels, lasts: u32) -> Result<(), Unfit> {
        let config = config()?;
        let mut picture = Picture::import_whole(pixels).ok_or(Unfit::NotEncoded)?;
        // SAFETY: all are initialised; the encoder copies what it needs.
        let added = unsafe { WebPAnimEncoderAdd(self.encoder.as_ptr(), &mut picture.0, self.at, &config) };
        self.at = self.at.saturating_add(i32::try_from(lasts).unwrap_or(i32::MAX));
        self.frames += 1;
        (added != 0).then_some(()).ok_or(Unfit::NotEncoded)
    }

    /// The file; `None` for a single frame, which moves nothing.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, Unfit> {
        if self.frames < 2 {
            return Ok(None);
        }
        let mut data = WebPData { bytes: null(), size: 0 };
        // SAFETY: a frame without a picture says when the last one ends; what is assembled is freed below.
        unsafe {
            let encoder = self.encoder.as_ptr();
            if WebPAnimEncoderAdd(encoder, null_mut(), self.at, null()) == 0 || WebPAnimEncoderAssemble(encoder, &mut data) == 0 {
                return Err(Unfit::NotEncoded);
            }
            let file = std::slice::from_raw_parts(data.bytes, data.size).to_vec();
            WebPFree(data.bytes.cast_mut().cast());
            Ok(Some(file))
        }
    }
}

impl Drop for AnimationEncoder {
    fn drop(&mut self) {
        // SAFETY: made by libwebp, and deleted once.
        unsafe { WebPAnimEncoderDelete(self.encoder.as_ptr()) }
    }
}

//! Animated WebP, encoded by libwebp's animation encoder.
#![allow(unsafe_code)]

use super::webp::{Picture, config};
use crate::ImageError;
use crate::pixels::Pixels;
use libwebp_sys::{
    WEBP_MUX_ABI_VERSION, WebPAnimEncoder, WebPAnimEncoderAdd, WebPAnimEncoderAssemble, WebPAnimEncoderDelete,
    WebPAnimEncoderNewInternal, WebPAnimEncoderOptions, WebPAnimEncoderOptionsInitInternal, WebPData, WebPFree,
};
use std::mem::MaybeUninit;
use std::ptr::{NonNull, null, null_mut};

/// Encodes an endless loop of frames.
pub(crate) struct AnimationEncoder {
    encoder: NonNull<WebPAnimEncoder>,
    /// Start of the next frame, in milliseconds.
    timestamp: i32,
    frames: usize,
}

impl AnimationEncoder {
    /// The size of all frames.
    pub(crate) fn new(width: u32, height: u32) -> Result<Self, ImageError> {
        let (width, height) = (i32::try_from(width), i32::try_from(height));
        let (Ok(width), Ok(height)) = (width, height) else {
            return Err(ImageError::NotEncoded);
        };
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::uninit();
        // SAFETY: the function initialises the options, or returns 0.
        let encoder = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), WEBP_MUX_ABI_VERSION as i32) == 0 {
                return Err(ImageError::NotEncoded);
            }
            let mut options = options.assume_init();
            // Lossless or lossy per frame: GIFs are drawings as often as films.
            options.allow_mixed = 1;
            WebPAnimEncoderNewInternal(width, height, &options, WEBP_MUX_ABI_VERSION as i32)
        };
        Ok(Self {
            encoder: NonNull::new(encoder).ok_or(ImageError::NotEncoded)?,
            timestamp: 0,
            frames: 0,
        })
    }

    /// `duration` is in milliseconds.
    pub(crate) fn add(&mut self, pixels: &Pixels, duration: u32) -> Result<(), ImageError> {
        let config = config()?;
        let mut picture = Picture::import_argb(pixels).ok_or(ImageError::NotEncoded)?;
        // SAFETY: all are initialised; the encoder copies what it needs.
        let added = unsafe { WebPAnimEncoderAdd(self.encoder.as_ptr(), &mut picture.0, self.timestamp, &config) };
        self.timestamp = self.timestamp.saturating_add(i32::try_from(duration).unwrap_or(i32::MAX));
        self.frames += 1;
        (added != 0).then_some(()).ok_or(ImageError::NotEncoded)
    }

    /// The file; `None` if there are fewer than two frames.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, ImageError> {
        if self.frames < 2 {
            return Ok(None);
        }
        let mut data = WebPData { bytes: null(), size: 0 };
        // SAFETY: a null frame sets the end of the last one; the assembled file is freed below.
        unsafe {
            let encoder = self.encoder.as_ptr();
            if WebPAnimEncoderAdd(encoder, null_mut(), self.timestamp, null()) == 0
                || WebPAnimEncoderAssemble(encoder, &mut data) == 0
            {
                return Err(ImageError::NotEncoded);
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

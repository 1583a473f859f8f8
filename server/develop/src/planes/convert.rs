//! RGB from planes and planes from RGB, by the part of libjpeg-turbo that does so for JPEG.

#![allow(unsafe_code)]

use std::ffi::c_int;
use turbojpeg::raw::{
    TJINIT, TJINIT_TJINIT_COMPRESS, TJINIT_TJINIT_DECOMPRESS, TJPARAM_TJPARAM_SUBSAMP, TJPF_TJPF_RGB, TJSAMP_TJSAMP_420,
    tj3DecodeYUVPlanes8, tj3Destroy, tj3EncodeYUVPlanes8, tj3Init, tj3Set, tjhandle,
};

/// Some rows of a picture with colour planes of half its width and height, rounded up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip {
    width: usize,
    height: usize,
}

impl Strip {
    /// As many rows as an RGB buffer has.
    pub(super) fn new(width: usize, rgb_bytes: usize) -> Self {
        Self {
            width,
            height: rgb_bytes / (width * 3).max(1),
        }
    }

    /// Whether buffers hold all of it.
    fn fits(self, planes: [usize; 3], rgb: usize) -> bool {
        let chroma = self.width.div_ceil(2) * self.height.div_ceil(2);
        let side = |side: usize| side > 0 && c_int::try_from(side * 3).is_ok();
        side(self.width)
            && side(self.height)
            && rgb >= self.width * self.height * 3
            && planes[0] >= self.width * self.height
            && planes[1..].iter().all(|plane| *plane >= chroma)
    }

    /// Width and height, and bytes in a row of each plane.
    fn sizes(self) -> (c_int, c_int, [c_int; 3]) {
        let (width, chroma_width) = (self.width as c_int, self.width.div_ceil(2) as c_int);
        (width, self.height as c_int, [width, chroma_width, chroma_width])
    }
}

/// An instance of libjpeg-turbo for pictures with halved colour planes; `None` where it has no memory for one.
struct Instance(Option<tjhandle>);

impl Instance {
    fn new(kind: TJINIT) -> Self {
        // SAFETY: it makes an instance or answers null; the parameter is one that both kinds have.
        let handle = unsafe {
            let handle = tj3Init(kind as c_int);
            if !handle.is_null() {
                tj3Set(handle, TJPARAM_TJPARAM_SUBSAMP as c_int, TJSAMP_TJSAMP_420 as c_int);
            }
            handle
        };
        Self((!handle.is_null()).then_some(handle))
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(handle) = self.0 {
            // SAFETY: it came from `tj3Init` and goes once.
            unsafe { tj3Destroy(handle) };
        }
    }
}

/// Makes RGB of planes.
pub(super) struct ToRgb(Instance);

impl ToRgb {
    pub(super) fn new() -> Self {
        Self(Instance::new(TJINIT_TJINIT_DECOMPRESS))
    }

    /// `false` when a buffer is too small for the strip.
    pub(super) fn convert(&mut self, strip: Strip, planes: [&[u8]; 3], rgb: &mut [u8]) -> bool {
        let Some(handle) = self.0.0.filter(|_| strip.fits(planes.map(<[u8]>::len), rgb.len())) else {
            return false;
        };
        let (width, height, strides) = strip.sizes();
        let from = planes.map(<[u8]>::as_ptr);
        // SAFETY: each buffer holds what a strip of this size takes.
        let done = unsafe {
            tj3DecodeYUVPlanes8(
                handle,
                from.as_ptr(),
                strides.as_ptr(),
                rgb.as_mut_ptr(),
                width,
                0,
                height,
                TJPF_TJPF_RGB as c_int,
            )
        };
        done == 0
    }
}

/// Makes planes of RGB.
pub(super) struct FromRgb(Instance);

impl FromRgb {
    pub(super) fn new() -> Self {
        Self(Instance::new(TJINIT_TJINIT_COMPRESS))
    }

    /// `false` when a buffer is too small for the strip.
    pub(super) fn convert(&mut self, strip: Strip, rgb: &[u8], planes: [&mut [u8]; 3]) -> bool {
        let lengths = [planes[0].len(), planes[1].len(), planes[2].len()];
        let Some(handle) = self.0.0.filter(|_| strip.fits(lengths, rgb.len())) else {
            return false;
        };
        let (width, height, mut strides) = strip.sizes();
        let mut to = planes.map(<[u8]>::as_mut_ptr);
        // SAFETY: each buffer holds what a strip of this size takes.
        let done = unsafe {
            tj3EncodeYUVPlanes8(
                handle,
                rgb.as_ptr(),
                width,
                0,
                height,
                TJPF_TJPF_RGB as c_int,
                to.as_mut_ptr(),
                strides.as_mut_ptr(),
            )
        };
        done == 0
    }
}

//! Planar YCbCr 4:2:0 as in JFIF: BT.601, full range (0 to 255).

use super::pixels::{Channels, Pixels};
use yuv::{BufferStoreMut, YuvConversionMode, YuvPlanarImage, YuvPlanarImageMut, YuvRange, YuvStandardMatrix};

/// Y, Cb and Cr planes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planes {
    pub(super) luma: Pixels,
    /// Cb and Cr, of half the luma's width and height, rounded up.
    pub(super) chroma: [Pixels; 2],
}

/// Rows that are converted at once: small enough for the CPU cache.
const STRIP: usize = 16;

impl Planes {
    /// Width or height of the chroma planes.
    pub(super) fn chroma_size(side: u32) -> u32 {
        side.div_ceil(2)
    }

    pub(super) fn plane(width: u32, height: u32, bytes: Vec<u8>) -> Pixels {
        Pixels {
            width,
            height,
            channels: Channels::Plane,
            bytes,
        }
    }

    /// A greyscale picture.
    pub(super) fn grey(luma: Pixels) -> Self {
        let (width, height) = (Self::chroma_size(luma.width), Self::chroma_size(luma.height));
        let neutral = Self::plane(width, height, vec![128; width as usize * height as usize]);
        Self {
            luma,
            chroma: [neutral.clone(), neutral],
        }
    }

    /// Applies a function to each plane; its second argument says whether the plane is chroma.
    pub(super) fn try_map<E>(self, mut change: impl FnMut(Pixels, bool) -> Result<Pixels, E>) -> Result<Self, E> {
        let [cb, cr] = self.chroma;
        Ok(Self {
            luma: change(self.luma, false)?,
            chroma: [change(cb, true)?, change(cr, true)?],
        })
    }

    /// Interleaved RGB.
    pub(super) fn to_rgb(&self) -> Pixels {
        let mut rgb = Pixels {
            width: self.luma.width,
            height: self.luma.height,
            channels: Channels::Rgb,
            bytes: vec![0; self.luma.bytes.len() * 3],
        };
        let pitch = rgb.pitch();
        for (strip, rows) in rgb.bytes.chunks_mut(pitch * STRIP).enumerate() {
            self.strip_to_rgb(strip, rows);
        }
        rgb
    }

    /// Converts each strip to RGB, applies a function in place, and converts it back.
    pub(super) fn map_rgb(&mut self, mut change: impl FnMut(&mut [u8])) {
        let pitch = self.luma.width as usize * 3;
        let mut rgb = vec![0; pitch * STRIP];
        for strip in 0..(self.luma.height as usize).div_ceil(STRIP) {
            let rows = (self.luma.height as usize - strip * STRIP).min(STRIP);
            let rgb = &mut rgb[..rows * pitch];
            self.strip_to_rgb(strip, rgb);
            change(rgb);
            self.strip_from_rgb(strip, rgb);
        }
    }

    fn strip_to_rgb(&self, strip: usize, rgb: &mut [u8]) {
        let [luma, cb, cr] = self.offsets(strip);
        let pitch = self.luma.width * 3;
        let planes = YuvPlanarImage {
            y_plane: &self.luma.bytes[luma..],
            y_stride: self.luma.width,
            u_plane: &self.chroma[0].bytes[cb..],
            u_stride: self.chroma[0].width,
            v_plane: &self.chroma[1].bytes[cr..],
            v_stride: self.chroma[1].width,
            width: self.luma.width,
            height: rgb.len() as u32 / pitch,
        };
        // Fails only if a buffer is too small.
        let result = yuv::yuv420_to_rgb(&planes, rgb, pitch, YuvRange::Full, YuvStandardMatrix::Bt601);
        debug_assert!(result.is_ok(), "{result:?}");
    }

    fn strip_from_rgb(&mut self, strip: usize, rgb: &[u8]) {
        let [luma, cb, cr] = self.offsets(strip);
        let pitch = self.luma.width * 3;
        let (width, chroma_width) = (self.luma.width, self.chroma[0].width);
        let [cb_plane, cr_plane] = &mut self.chroma;
        let mut planes = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut self.luma.bytes[luma..]),
            y_stride: width,
            u_plane: BufferStoreMut::Borrowed(&mut cb_plane.bytes[cb..]),
            u_stride: chroma_width,
            v_plane: BufferStoreMut::Borrowed(&mut cr_plane.bytes[cr..]),
            v_stride: chroma_width,
            width,
            height: rgb.len() as u32 / pitch,
        };
        let mode = YuvConversionMode::Balanced;
        let result = yuv::rgb_to_yuv420(&mut planes, rgb, pitch, YuvRange::Full, YuvStandardMatrix::Bt601, mode);
        debug_assert!(result.is_ok(), "{result:?}");
    }

    /// Byte offsets of a strip in the three planes.
    fn offsets(&self, strip: usize) -> [usize; 3] {
        let chroma = |plane: &Pixels| strip * STRIP / 2 * plane.pitch();
        [
            strip * STRIP * self.luma.pitch(),
            chroma(&self.chroma[0]),
            chroma(&self.chroma[1]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey_bars(width: u32, height: u32) -> Planes {
        let luma = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x * 7 + y * 3) as u8))
            .collect();
        Planes::grey(Planes::plane(width, height, luma))
    }

    #[test]
    fn conversion_to_rgb_and_back_is_lossless_across_strips() {
        for (width, height) in [(1, 1), (33, 47), (64, 32)] {
            let planes = grey_bars(width, height);
            let rgb = planes.to_rgb();
            let grey: Vec<u8> = rgb.bytes.chunks(3).map(|pixel| pixel[1]).collect();
            assert_eq!(grey, planes.luma.bytes, "{width} × {height}");
            let mut converted = planes.clone();
            converted.map_rgb(|_| {});
            let max_difference = |a: &Pixels, b: &Pixels| a.bytes.iter().zip(&b.bytes).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(max_difference(&converted.luma, &planes.luma) <= Some(1));
            assert!(max_difference(&converted.chroma[0], &planes.chroma[0]) <= Some(1));
        }
    }
}

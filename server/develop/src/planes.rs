//! A picture as JPEG stores it: brightness in full, and two planes of colour at half its width and height.
//! Colours are those of JFIF: BT.601, of the full range from 0 to 255.

use super::pixels::{Channels, Pixels};
use yuv::{BufferStoreMut, YuvConversionMode, YuvPlanarImage, YuvPlanarImageMut, YuvRange, YuvStandardMatrix};

/// Brightness, and the differences of blue and red from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planes {
    pub(super) luma: Pixels,
    /// Half of the luma's width and height, rounded up.
    pub(super) chroma: [Pixels; 2],
}

/// Rows that are converted at once: few enough for the processor's cache.
const STRIP: usize = 16;

impl Planes {
    /// Half of a side, as the colour planes have it.
    pub(super) fn half(side: u32) -> u32 {
        side.div_ceil(2)
    }

    /// A plane with these bytes.
    pub(super) fn plane(width: u32, height: u32, bytes: Vec<u8>) -> Pixels {
        Pixels {
            width,
            height,
            channels: Channels::Plane,
            bytes,
        }
    }

    /// Brightness alone: a grey picture.
    pub(super) fn grey(luma: Pixels) -> Self {
        let (width, height) = (Self::half(luma.width), Self::half(luma.height));
        let neutral = Self::plane(width, height, vec![128; width as usize * height as usize]);
        Self {
            luma,
            chroma: [neutral.clone(), neutral],
        }
    }

    /// Changes all three in the same way.
    pub(super) fn try_map<E>(self, mut change: impl FnMut(Pixels, bool) -> Result<Pixels, E>) -> Result<Self, E> {
        let [blue, red] = self.chroma;
        Ok(Self {
            luma: change(self.luma, false)?,
            chroma: [change(blue, true)?, change(red, true)?],
        })
    }

    /// The same colours, beside each other.
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

    /// Hands each strip of the picture out as RGB and takes back what has been made of it.
    pub(super) fn in_rgb(&mut self, mut change: impl FnMut(&mut [u8])) {
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
        let [luma, blue, red] = self.starts(strip);
        let pitch = self.luma.width * 3;
        let planes = YuvPlanarImage {
            y_plane: &self.luma.bytes[luma..],
            y_stride: self.luma.width,
            u_plane: &self.chroma[0].bytes[blue..],
            u_stride: self.chroma[0].width,
            v_plane: &self.chroma[1].bytes[red..],
            v_stride: self.chroma[1].width,
            width: self.luma.width,
            height: rgb.len() as u32 / pitch,
        };
        // It refuses nothing but buffers that are too small.
        let done = yuv::yuv420_to_rgb(&planes, rgb, pitch, YuvRange::Full, YuvStandardMatrix::Bt601);
        debug_assert!(done.is_ok(), "{done:?}");
    }

    fn strip_from_rgb(&mut self, strip: usize, rgb: &[u8]) {
        let [luma, blue, red] = self.starts(strip);
        let pitch = self.luma.width * 3;
        let (width, chroma_width) = (self.luma.width, self.chroma[0].width);
        let [blue_plane, red_plane] = &mut self.chroma;
        let mut planes = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut self.luma.bytes[luma..]),
            y_stride: width,
            u_plane: BufferStoreMut::Borrowed(&mut blue_plane.bytes[blue..]),
            u_stride: chroma_width,
            v_plane: BufferStoreMut::Borrowed(&mut red_plane.bytes[red..]),
            v_stride: chroma_width,
            width,
            height: rgb.len() as u32 / pitch,
        };
        let mode = YuvConversionMode::Balanced;
        let done = yuv::rgb_to_yuv420(&mut planes, rgb, pitch, YuvRange::Full, YuvStandardMatrix::Bt601, mode);
        debug_assert!(done.is_ok(), "{done:?}");
    }

    /// Where a strip begins in each of the planes.
    fn starts(&self, strip: usize) -> [usize; 3] {
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
    fn strips_meet_and_colours_return() {
        for (width, height) in [(1, 1), (33, 47), (64, 32)] {
            let planes = grey_bars(width, height);
            let rgb = planes.to_rgb();
            let grey: Vec<u8> = rgb.bytes.chunks(3).map(|pixel| pixel[1]).collect();
            assert_eq!(grey, planes.luma.bytes, "{width} × {height}");
            let mut again = planes.clone();
            again.in_rgb(|_| {});
            let farthest = |a: &Pixels, b: &Pixels| a.bytes.iter().zip(&b.bytes).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(farthest(&again.luma, &planes.luma) <= Some(1));
            assert!(farthest(&again.chroma[0], &planes.chroma[0]) <= Some(1));
        }
    }
}

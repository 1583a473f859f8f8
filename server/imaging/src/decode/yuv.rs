//! Converts YCbCr of any bit depth and chroma subsampling to 16-bit RGB, row by row: ITU-T H.273, 8.3.

/// Matrix coefficients.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Matrix {
    /// The planes are green, blue and red.
    Identity,
    /// Weights of red and blue in luma.
    Luma { kr: f32, kb: f32 },
}

pub(super) const BT601: Matrix = Matrix::Luma { kr: 0.299, kb: 0.114 };
pub(super) const BT709: Matrix = Matrix::Luma { kr: 0.2126, kb: 0.0722 };
pub(super) const BT2020: Matrix = Matrix::Luma { kr: 0.2627, kb: 0.0593 };

#[derive(Debug, Clone, Copy)]
pub(super) struct YuvRows {
    matrix: Matrix,
    /// Offset and scale.
    luma: (f32, f32),
    /// Offset and scale.
    chroma: (f32, f32),
}

impl YuvRows {
    /// For samples of this many bits, in full or limited (video) range.
    pub(super) fn new(matrix: Matrix, bits: u32, full_range: bool) -> Self {
        let max = ((1_u32 << bits) - 1) as f32;
        let step = (1_u32 << (bits - 8)) as f32;
        let middle = 128.0 * step;
        let (luma, chroma) = if full_range {
            ((0.0, 1.0 / max), (middle, 1.0 / max))
        } else {
            ((16.0 * step, 1.0 / (219.0 * step)), (middle, 1.0 / (224.0 * step)))
        };
        Self { matrix, luma, chroma }
    }

    /// Converts one row. Each chroma sample covers `1 << chroma_shift` pixels; without chroma the row is grey.
    pub(super) fn convert<T: Copy + Into<f32>>(
        &self,
        luma: &[T],
        chroma: Option<[&[T]; 2]>,
        chroma_shift: usize,
        rgb: &mut [u16],
        channels: usize,
    ) {
        let scaled = |(offset, scale): (f32, f32), sample: T| (sample.into() - offset) * scale;
        for (x, (luma, pixel)) in luma.iter().zip(rgb.chunks_exact_mut(channels)).enumerate() {
            let y = scaled(self.luma, *luma);
            let colour = match (self.matrix, chroma) {
                (_, None) => [y; 3],
                (Matrix::Identity, Some([blue, red])) => [
                    scaled(self.luma, red[x >> chroma_shift]),
                    y,
                    scaled(self.luma, blue[x >> chroma_shift]),
                ],
                (Matrix::Luma { kr, kb }, Some([cb, cr])) => {
                    let (cb, cr) = (
                        scaled(self.chroma, cb[x >> chroma_shift]),
                        scaled(self.chroma, cr[x >> chroma_shift]),
                    );
                    let (r, b) = (y + 2.0 * (1.0 - kr) * cr, y + 2.0 * (1.0 - kb) * cb);
                    [r, (y - kr * r - kb * b) / (1.0 - kr - kb), b]
                }
            };
            for (sample, colour) in pixel.iter_mut().zip(colour) {
                *sample = (colour.clamp(0.0, 1.0) * 65_535.0 + 0.5) as u16;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixel<T: Copy + Into<f32>>(rows: YuvRows, [y, cb, cr]: [T; 3]) -> [u8; 3] {
        let mut rgb = [0; 3];
        rows.convert(&[y], Some([&[cb], &[cr]]), 0, &mut rgb, 3);
        rgb.map(|sample| (sample / 257) as u8)
    }

    #[test]
    fn known_colours_are_converted() {
        // Red is (76, 85, 255) in BT.601 full range, and (63, 102, 240) in BT.709 limited range.
        let [red, green, blue] = pixel(YuvRows::new(BT601, 8, true), [76_u8, 85, 255]);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
        let [red, green, blue] = pixel(YuvRows::new(BT709, 8, false), [63_u8, 102, 240]);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
        assert_eq!(pixel(YuvRows::new(BT2020, 10, false), [940_u16, 512, 512]), [255; 3]);
        assert_eq!(pixel(YuvRows::new(BT2020, 10, false), [64_u16, 512, 512]), [0; 3]);
        assert_eq!(pixel(YuvRows::new(Matrix::Identity, 8, true), [2_u8, 3, 1]), [1, 2, 3]);
    }

    #[test]
    fn a_subsampled_chroma_sample_covers_two_pixels() {
        let mut rgb = [0; 9];
        YuvRows::new(BT601, 8, true).convert(&[76_u8, 76, 76], Some([&[85, 128], &[255, 128]]), 1, &mut rgb, 3);
        assert_eq!(rgb[0..3], rgb[3..6]);
        assert_eq!(rgb[6..9], [76 * 257; 3]);
    }
}

//! Brightness and differences of colour of any depth and subsampling, row by row to RGB of sixteen bits: ITU-T H.273, 8.3.

/// How colours were made brightness and differences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Matrix {
    /// Green, blue and red, each by itself.
    Identity,
    /// Shares of red and blue in brightness.
    Shares { red: f32, blue: f32 },
}

pub(super) const BT601: Matrix = Matrix::Shares { red: 0.299, blue: 0.114 };
pub(super) const BT709: Matrix = Matrix::Shares {
    red: 0.2126,
    blue: 0.0722,
};
pub(super) const BT2020: Matrix = Matrix::Shares {
    red: 0.2627,
    blue: 0.0593,
};

/// Converts rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct YuvRows {
    matrix: Matrix,
    /// The code of black, and how much of the whole a code is.
    luma: (f32, f32),
    /// The code of no colour, and as above.
    chroma: (f32, f32),
}

impl YuvRows {
    /// For codes of so many bits, which use all of their range or that of video.
    pub(super) fn new(matrix: Matrix, bits: u32, full_range: bool) -> Self {
        let most = ((1_u32 << bits) - 1) as f32;
        let step = (1_u32 << (bits - 8)) as f32;
        let middle = 128.0 * step;
        let (luma, chroma) = if full_range {
            ((0.0, 1.0 / most), (middle, 1.0 / most))
        } else {
            ((16.0 * step, 1.0 / (219.0 * step)), (middle, 1.0 / (224.0 * step)))
        };
        Self { matrix, luma, chroma }
    }

    /// One row. Of the differences each serves `1 << halvings` pixels; without them the row is grey.
    pub(super) fn convert<T: Copy + Into<f32>>(
        &self,
        luma: &[T],
        chroma: Option<[&[T]; 2]>,
        halvings: usize,
        rgb: &mut [u16],
        channels: usize,
    ) {
        let code = |(black, share): (f32, f32), code: T| (code.into() - black) * share;
        for (x, (luma, pixel)) in luma.iter().zip(rgb.chunks_exact_mut(channels)).enumerate() {
            let y = code(self.luma, *luma);
            let colour = match (self.matrix, chroma) {
                (_, None) => [y; 3],
                (Matrix::Identity, Some([blue, red])) => {
                    [code(self.luma, red[x >> halvings]), y, code(self.luma, blue[x >> halvings])]
                }
                (Matrix::Shares { red, blue }, Some([of_blue, of_red])) => {
                    let (cb, cr) = (
                        code(self.chroma, of_blue[x >> halvings]),
                        code(self.chroma, of_red[x >> halvings]),
                    );
                    let (r, b) = (y + 2.0 * (1.0 - red) * cr, y + 2.0 * (1.0 - blue) * cb);
                    [r, (y - red * r - blue * b) / (1.0 - red - blue), b]
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
    fn known_colours_come_out() {
        // Red of BT.601 in full range is (76, 85, 255); that of BT.709 in video's range is (63, 102, 240).
        let [red, green, blue] = pixel(YuvRows::new(BT601, 8, true), [76_u8, 85, 255]);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
        let [red, green, blue] = pixel(YuvRows::new(BT709, 8, false), [63_u8, 102, 240]);
        assert!(red >= 253 && green <= 2 && blue <= 2, "{red} {green} {blue}");
        assert_eq!(pixel(YuvRows::new(BT2020, 10, false), [940_u16, 512, 512]), [255; 3]);
        assert_eq!(pixel(YuvRows::new(BT2020, 10, false), [64_u16, 512, 512]), [0; 3]);
        assert_eq!(pixel(YuvRows::new(Matrix::Identity, 8, true), [2_u8, 3, 1]), [1, 2, 3]);
    }

    #[test]
    fn differences_serve_two_pixels() {
        let mut rgb = [0; 9];
        YuvRows::new(BT601, 8, true).convert(&[76_u8, 76, 76], Some([&[85, 128], &[255, 128]]), 1, &mut rgb, 3);
        assert_eq!(rgb[0..3], rgb[3..6]);
        assert_eq!(rgb[6..9], [76 * 257; 3]);
    }
}

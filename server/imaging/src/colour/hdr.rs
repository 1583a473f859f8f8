//! Tone mapping of high dynamic range (ITU-R BT.2100) to sRGB.

use std::sync::Arc;

/// SDR reference white, in nits: ITU-R BT.2408, 2.2.
const WHITE: f32 = 203.0;

/// Light up to here is unchanged; above, it is compressed towards white. 1 is [`WHITE`].
const KNEE: f32 = 0.7;

/// Peak brightness in nits, and system gamma, of the nominal HLG display: BT.2100, table 5.
const HLG_PEAK: f32 = 1000.0;
const HLG_GAMMA: f32 = 1.2;

/// Transfer function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// Perceptual quantiser: absolute light, up to 10,000 nits.
    Pq,
    /// Hybrid log-gamma: relative scene light.
    Hlg,
}

/// Matrix from the picture's linear primaries to sRGB's.
pub(super) type Primaries = [[f32; 3]; 3];

/// Inverse of ITU-R BT.2087.
pub(super) const BT2020: Primaries = [
    [1.660_491, -0.587_641, -0.072_850],
    [-0.124_550, 1.132_9, -0.008_349],
    [-0.018_151, -0.100_579, 1.118_73],
];
/// From the published primaries, by Bruce Lindbloom's formula.
pub(super) const DISPLAY_P3: Primaries = [
    [1.224_94, -0.224_94, 0.0],
    [-0.042_057, 1.042_057, 0.0],
    [-0.019_638, -0.078_636, 1.098_274],
];
pub(super) const BT709: Primaries = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Size of the sRGB lookup table: finer than sRGB's darkest step.
const SRGB_STEPS: usize = 1 << 14;

/// Conversion to sRGB.
#[derive(Debug, Clone)]
pub(crate) struct Hdr {
    transfer: Transfer,
    primaries: Primaries,
    /// Linear light of each 16-bit value.
    linear: Arc<[f32]>,
    /// sRGB values of linear light from 0 to 1.
    srgb: Arc<[u8]>,
}

impl Hdr {
    pub(super) fn new(transfer: Transfer, primaries: Primaries) -> Self {
        let values = (0..=u16::MAX).map(|value| f32::from(value) / f32::from(u16::MAX));
        let linear = values.map(|value| match transfer {
            Transfer::Pq => pq_to_linear(value),
            Transfer::Hlg => hlg_to_linear(value),
        });
        let srgb = (0..=SRGB_STEPS).map(|step| linear_to_srgb(step as f32 / SRGB_STEPS as f32));
        Self {
            transfer,
            primaries,
            linear: linear.collect(),
            srgb: srgb.collect(),
        }
    }

    pub(super) fn pixel(&self, values: [u16; 3]) -> [u8; 3] {
        let mut light = values.map(|value| self.linear[usize::from(value)]);
        if self.transfer == Transfer::Hlg {
            // Opto-optical transfer function (OOTF), scene to display light: BT.2100, table 5.
            let luma = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
            let gain = HLG_PEAK / WHITE * luma.powf(HLG_GAMMA - 1.0);
            light = light.map(|light| light * gain);
        }
        // One factor for all three channels preserves the hue.
        let max = light[0].max(light[1]).max(light[2]);
        let factor = if max > KNEE { tone_map(max) / max } else { 1.0 };
        self.primaries.map(|row| {
            let light = (row[0] * light[0] + row[1] * light[1] + row[2] * light[2]) * factor;
            self.srgb[(light.clamp(0.0, 1.0) * SRGB_STEPS as f32 + 0.5) as usize]
        })
    }
}

/// Compresses light above [`KNEE`] to less than 1.
fn tone_map(light: f32) -> f32 {
    let headroom = 1.0 - KNEE;
    KNEE + headroom * (1.0 - (-(light - KNEE) / headroom).exp())
}

/// SMPTE ST 2084, in units of [`WHITE`].
fn pq_to_linear(value: f32) -> f32 {
    const M1: f32 = 2610.0 / 16384.0;
    const M2: f32 = 2523.0 / 4096.0 * 128.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 4096.0 * 32.0;
    const C3: f32 = 2392.0 / 4096.0 * 32.0;
    let power = value.powf(1.0 / M2);
    let light = ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1);
    light * 10_000.0 / WHITE
}

/// ARIB STD-B67: scene light from 0 to 1.
fn hlg_to_linear(value: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    if value <= 0.5 {
        value * value / 3.0
    } else {
        (((value - C) / A).exp() + B) / 12.0
    }
}

/// IEC 61966-2-1.
fn linear_to_srgb(light: f32) -> u8 {
    let value = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(hdr: &Hdr, value: f32) -> u8 {
        let [red, green, blue] = hdr.pixel([(value * 65535.0) as u16; 3]);
        assert!(red.abs_diff(green) <= 1 && green.abs_diff(blue) <= 1, "{red} {green} {blue}");
        green
    }

    #[test]
    fn reference_white_stays_nearly_white_and_highlights_are_distinct() {
        // 203 nits are 0.58 in PQ and 0.75 in HLG: BT.2408, table 1.
        for (transfer, white, brighter) in [(Transfer::Pq, 0.581, 0.67), (Transfer::Hlg, 0.75, 0.9)] {
            let hdr = Hdr::new(transfer, BT2020);
            let (white, brighter) = (grey(&hdr, white), grey(&hdr, brighter));
            assert!((235..250).contains(&white), "{transfer:?}: {white}");
            assert!(brighter > white, "{transfer:?}: {brighter}");
            assert_eq!((grey(&hdr, 0.0), grey(&hdr, 1.0)), (0, 255), "{transfer:?}");
        }
    }

    #[test]
    fn mid_tones_are_unchanged() {
        // A quarter of reference white: 50.75 nits, 0.4424 in PQ.
        let hdr = Hdr::new(Transfer::Pq, BT709);
        assert!(grey(&hdr, 0.4424).abs_diff(linear_to_srgb(0.25)) <= 1);
    }

    #[test]
    fn primary_matrices_preserve_grey() {
        for primaries in [BT2020, DISPLAY_P3, BT709] {
            for row in primaries {
                assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{row:?}");
            }
        }
    }
}

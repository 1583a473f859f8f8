//! High dynamic range, brought to what any screen shows: ITU-R BT.2100.

use std::sync::Arc;

/// Brightness of white in a picture of standard range, in nits: ITU-R BT.2408, 2.2.
const WHITE: f32 = 203.0;

/// Up to here brightness stays as it is; above, it nears white without reaching it. 1 is [`WHITE`].
const KNEE: f32 = 0.7;

/// Most of a screen that shows HLG as it was meant, in nits, and how it bends mid-tones: BT.2100, table 5.
const HLG_PEAK: f32 = 1000.0;
const HLG_GAMMA: f32 = 1.2;

/// How brightness is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// In steps that an eye can tell, up to 10,000 nits.
    Pq,
    /// In proportion to the scene's light, of which the brightest is logarithmic.
    Hlg,
}

/// From linear light of a picture's primaries to sRGB's.
pub(super) type Primaries = [[f32; 3]; 3];

/// ITU-R BT.2087 backwards.
pub(super) const BT2020: Primaries = [
    [1.660_491, -0.587_641, -0.072_850],
    [-0.124_550, 1.132_9, -0.008_349],
    [-0.018_151, -0.100_579, 1.118_73],
];
/// Of the published primaries, by Bruce Lindbloom's formula.
pub(super) const DISPLAY_P3: Primaries = [
    [1.224_94, -0.224_94, 0.0],
    [-0.042_057, 1.042_057, 0.0],
    [-0.019_638, -0.078_636, 1.098_274],
];
pub(super) const BT709: Primaries = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Steps of the table by which sRGB's curve is looked up: finer than its darkest step.
const STEPS: usize = 1 << 14;

/// A picture's coding, and the way to sRGB.
#[derive(Debug, Clone)]
pub(crate) struct Hdr {
    transfer: Transfer,
    primaries: Primaries,
    /// Linear light of each of 65,536 codes.
    light: Arc<[f32]>,
    /// sRGB's code of linear light from 0 to 1.
    srgb: Arc<[u8]>,
}

impl Hdr {
    pub(super) fn new(transfer: Transfer, primaries: Primaries) -> Self {
        let codes = (0..=u16::MAX).map(|code| f32::from(code) / f32::from(u16::MAX));
        let light = codes.map(|code| match transfer {
            Transfer::Pq => pq_light(code),
            Transfer::Hlg => hlg_light(code),
        });
        let srgb = (0..=STEPS).map(|step| srgb_code(step as f32 / STEPS as f32));
        Self {
            transfer,
            primaries,
            light: light.collect(),
            srgb: srgb.collect(),
        }
    }

    /// One pixel.
    pub(super) fn pixel(&self, codes: [u16; 3]) -> [u8; 3] {
        let mut light = codes.map(|code| self.light[usize::from(code)]);
        if self.transfer == Transfer::Hlg {
            // From the scene's light to a screen's: BT.2100, table 5.
            let luma = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
            let gain = HLG_PEAK / WHITE * luma.powf(HLG_GAMMA - 1.0);
            light = light.map(|light| light * gain);
        }
        // All three by one factor, so that the hue stays.
        let most = light[0].max(light[1]).max(light[2]);
        let factor = if most > KNEE { toned(most) / most } else { 1.0 };
        self.primaries.map(|row| {
            let light = (row[0] * light[0] + row[1] * light[1] + row[2] * light[2]) * factor;
            self.srgb[(light.clamp(0.0, 1.0) * STEPS as f32 + 0.5) as usize]
        })
    }
}

/// Of the whole range, what a screen can show.
fn toned(light: f32) -> f32 {
    let room = 1.0 - KNEE;
    KNEE + room * (1.0 - (-(light - KNEE) / room).exp())
}

/// SMPTE ST 2084, in units of [`WHITE`].
fn pq_light(code: f32) -> f32 {
    const M1: f32 = 2610.0 / 16384.0;
    const M2: f32 = 2523.0 / 4096.0 * 128.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 4096.0 * 32.0;
    const C3: f32 = 2392.0 / 4096.0 * 32.0;
    let power = code.powf(1.0 / M2);
    let light = ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1);
    light * 10_000.0 / WHITE
}

/// ARIB STD-B67: the scene's light, of which 1 is the most.
fn hlg_light(code: f32) -> f32 {
    const A: f32 = 0.178_832_77;
    const B: f32 = 0.284_668_92;
    const C: f32 = 0.559_910_7;
    if code <= 0.5 {
        code * code / 3.0
    } else {
        (((code - C) / A).exp() + B) / 12.0
    }
}

/// IEC 61966-2-1.
fn srgb_code(light: f32) -> u8 {
    let code = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (code * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(hdr: &Hdr, code: f32) -> u8 {
        let [red, green, blue] = hdr.pixel([(code * 65535.0) as u16; 3]);
        assert!(red.abs_diff(green) <= 1 && green.abs_diff(blue) <= 1, "{red} {green} {blue}");
        green
    }

    #[test]
    fn white_of_standard_range_stays_nearly_white_and_highlights_differ() {
        // 203 nits is a code of 0.58 in PQ, and of 0.75 in HLG: BT.2408, table 1.
        for (transfer, white, brighter) in [(Transfer::Pq, 0.581, 0.67), (Transfer::Hlg, 0.75, 0.9)] {
            let hdr = Hdr::new(transfer, BT2020);
            let (white, brighter) = (grey(&hdr, white), grey(&hdr, brighter));
            assert!((235..250).contains(&white), "{transfer:?}: {white}");
            assert!(brighter > white, "{transfer:?}: {brighter}");
            assert_eq!((grey(&hdr, 0.0), grey(&hdr, 1.0)), (0, 255), "{transfer:?}");
        }
    }

    #[test]
    fn mid_tones_stay_as_they_are() {
        // A quarter of white's light: 50.75 nits, in PQ a code of 0.4424.
        let hdr = Hdr::new(Transfer::Pq, BT709);
        assert!(grey(&hdr, 0.4424).abs_diff(srgb_code(0.25)) <= 1);
    }

    #[test]
    fn primaries_are_brought_to_those_of_srgb() {
        let grey = |primaries: Primaries| primaries.map(|row| row.iter().sum::<f32>());
        for primaries in [BT2020, DISPLAY_P3, BT709] {
            for sum in grey(primaries) {
                assert!((sum - 1.0).abs() < 1e-4, "grey stays grey");
            }
        }
    }
}

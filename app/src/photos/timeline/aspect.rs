//! Aspect ratios of photos, rounded to steps: the CSP allows no inline styles, so each has a class in `style/aspects.css`.

/// The narrowest aspect ratio: width by height.
const MIN_ASPECT: f64 = 0.45;

/// The factor between two steps. Rounding crops one percent of a photo at most.
const STEP: f64 = 1.02;

/// The widest aspect ratio of a photo; wider ones are cropped.
const MAX_PHOTO_ASPECT: f64 = 3.5;

/// The number of classes. Those wider than photos are for the empty space at the end of a line.
const STEPS: i32 = 166;

/// An aspect ratio that has a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aspect(i32);

impl Aspect {
    /// The step nearest to a photo's aspect ratio.
    pub fn of_photo(width_by_height: f64) -> Self {
        Self::nearest(width_by_height.min(MAX_PHOTO_ASPECT))
    }

    /// The nearest step.
    pub fn nearest(width_by_height: f64) -> Self {
        let step = (width_by_height.max(MIN_ASPECT) / MIN_ASPECT).ln() / STEP.ln();
        Self((step.round() as i32).clamp(0, STEPS - 1))
    }

    /// Width by height.
    pub fn value(self) -> f64 {
        MIN_ASPECT * STEP.powi(self.0)
    }

    /// CSS class.
    pub fn class(self) -> String {
        format!("a{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_its_class() {
        let style = include_str!("../../../../style/aspects.css");
        for step in 0..STEPS {
            let rule = format!(".a{step} {{ --aspect: {:.4}; }}", Aspect(step).value());
            assert!(style.contains(&rule), "{rule}");
        }
        assert!(!style.contains(&format!(".a{STEPS} ")));
    }

    #[test]
    fn rounding_crops_one_percent_at_most() {
        for step in [0.45, 0.5625, 0.75, 1.0, 4.0 / 3.0, 1.5, 16.0 / 9.0, 3.5] {
            let off = Aspect::of_photo(step).value() / step;
            assert!((0.99..=1.01).contains(&off), "{step}: {off}");
        }
        assert_eq!(Aspect::of_photo(9.0), Aspect::of_photo(MAX_PHOTO_ASPECT));
        assert_eq!(Aspect::of_photo(0.1), Aspect(0));
        assert_eq!(Aspect::nearest(1000.0), Aspect(STEPS - 1));
    }
}

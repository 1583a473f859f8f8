//! Shapes of photos, in steps: pages carry no styles of their own, so each shape has a class in `style/aspects.css`.

/// The narrowest shape: width by height.
const NARROWEST: f64 = 0.45;

/// Each shape is as much wider than the one before: one percent is cut off at most.
const STEP: f64 = 1.02;

/// The widest shape that a photo is shown in; a wider one is shown by its middle.
const WIDEST_PHOTO: f64 = 3.5;

/// Shapes there are; those after the photos' are of what fills a line.
const SHAPES: i32 = 166;

/// A shape that has a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aspect(i32);

impl Aspect {
    /// The shape nearest to a photo's.
    pub fn of_photo(width_by_height: f64) -> Self {
        Self::nearest(width_by_height.min(WIDEST_PHOTO))
    }

    /// The shape nearest to what is left of a line.
    pub fn nearest(width_by_height: f64) -> Self {
        let step = (width_by_height.max(NARROWEST) / NARROWEST).ln() / STEP.ln();
        Self((step.round() as i32).clamp(0, SHAPES - 1))
    }

    /// Width by height.
    pub fn value(self) -> f64 {
        NARROWEST * STEP.powi(self.0)
    }

    /// Its class.
    pub fn class(self) -> String {
        format!("a{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_has_its_class() {
        let style = include_str!("../../../../style/aspects.css");
        for shape in 0..SHAPES {
            let rule = format!(".a{shape} {{ --aspect: {:.4}; }}", Aspect(shape).value());
            assert!(style.contains(&rule), "{rule}");
        }
        assert!(!style.contains(&format!(".a{SHAPES} ")));
    }

    #[test]
    fn a_photo_loses_a_percent_at_most() {
        for shape in [0.45, 0.5625, 0.75, 1.0, 4.0 / 3.0, 1.5, 16.0 / 9.0, 3.5] {
            let off = Aspect::of_photo(shape).value() / shape;
            assert!((0.99..=1.01).contains(&off), "{shape}: {off}");
        }
        assert_eq!(Aspect::of_photo(9.0), Aspect::of_photo(WIDEST_PHOTO));
        assert_eq!(Aspect::of_photo(0.1), Aspect(0));
        assert_eq!(Aspect::nearest(1000.0), Aspect(SHAPES - 1));
    }
}

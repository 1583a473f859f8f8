//! A place on a map of our own: nobody else is told where a photo was taken.

use crate::ui::words::looking as words;
use leptos::prelude::*;
use model::photos::Place;

/// Ten-millionths in a degree.
const TEN_MILLIONTHS: f64 = 1e7;

/// How much of the world is shown, in degrees.
const WIDE: f64 = 72.0;
const HIGH: f64 = 36.0;

/// The land around the place, in plate carrée: a degree is a degree.
#[component]
pub fn Map(place: Place) -> impl IntoView {
    let (x, y) = (
        f64::from(place.longitude) / TEN_MILLIONTHS,
        -f64::from(place.latitude) / TEN_MILLIONTHS,
    );
    let (left, top) = corner(x, y);
    view! {
        <svg class="map" viewBox=format!("{left:.3} {top:.3} {WIDE} {HIGH}") role="img" aria-label=words::MAP>
            <image href="/assets/land.svg" x="-180" y="-90" width="360" height="180"></image>
            <circle cx=format!("{x:.4}") cy=format!("{y:.4}") r="1.1"></circle>
        </svg>
    }
}

/// The upper left corner, so that the place is in the middle and no edge of the world is passed.
fn corner(x: f64, y: f64) -> (f64, f64) {
    (
        (x - WIDE / 2.0).clamp(-180.0, 180.0 - WIDE),
        (y - HIGH / 2.0).clamp(-90.0, 90.0 - HIGH),
    )
}

#[cfg(test)]
mod tests {
    use super::corner;

    #[test]
    fn a_place_is_in_the_middle_but_at_the_edges_of_the_world() {
        assert_eq!(corner(0.0, 0.0), (-36.0, -18.0));
        assert_eq!(corner(179.0, -89.0), (108.0, -90.0));
        assert_eq!(corner(-179.0, 89.0), (-180.0, 54.0));
    }
}

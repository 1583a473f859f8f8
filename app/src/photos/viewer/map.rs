//! A map of our own: no map service learns where a photo was taken.

use crate::ui::messages::viewing as messages;
use leptos::prelude::*;
use model::photos::Place;

/// Coordinates are stored in ten-millionths of a degree.
const TEN_MILLIONTHS: f64 = 1e7;

/// The visible section, in degrees.
const WIDTH: f64 = 72.0;
const HEIGHT: f64 = 36.0;

/// A marker on a map in plate carrée projection: x and y are degrees.
#[component]
pub fn Map(place: Place) -> impl IntoView {
    let (x, y) = (
        f64::from(place.longitude) / TEN_MILLIONTHS,
        -f64::from(place.latitude) / TEN_MILLIONTHS,
    );
    let (left, top) = corner(x, y);
    view! {
        <svg class="map" viewBox=format!("{left:.3} {top:.3} {WIDTH} {HEIGHT}") role="img" aria-label=messages::MAP>
            <image href="/assets/land.svg" x="-180" y="-90" width="360" height="180"></image>
            <circle cx=format!("{x:.4}") cy=format!("{y:.4}") r="1.1"></circle>
        </svg>
    }
}

/// The upper left corner of the section: centred on the marker, but within the world.
fn corner(x: f64, y: f64) -> (f64, f64) {
    (
        (x - WIDTH / 2.0).clamp(-180.0, 180.0 - WIDTH),
        (y - HEIGHT / 2.0).clamp(-90.0, 90.0 - HEIGHT),
    )
}

#[cfg(test)]
mod tests {
    use super::corner;

    #[test]
    fn the_marker_is_centred_except_near_the_edges_of_the_world() {
        assert_eq!(corner(0.0, 0.0), (-36.0, -18.0));
        assert_eq!(corner(179.0, -89.0), (108.0, -90.0));
        assert_eq!(corner(-179.0, 89.0), (-180.0, 54.0));
    }
}

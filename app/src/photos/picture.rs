//! Responsive images.

use model::photos::{Photo, Size};

/// The attributes of an `<img>`.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// For browsers without `srcset`.
    pub src: String,
    /// Each rendition and its width.
    pub srcset: String,
    /// The animated rendition, if there is one.
    pub animation: Option<String>,
    pub size: Size,
}

impl Picture {
    /// None for a photo without renditions. `src` is the rendition for `width`.
    pub fn of(photo: &Photo, width: u32) -> Option<Self> {
        let (media, size) = (photo.media.as_ref()?, photo.size?);
        let renditions = media.widths.iter().filter_map(|nominal| {
            let link = media.link(*nominal)?;
            Some(format!("{link} {}w", rendered_width(size, *nominal)))
        });
        Some(Self {
            src: media.link(width)?,
            srcset: renditions.collect::<Vec<_>>().join(", "),
            animation: media.animation(),
            size,
        })
    }
}

/// Nominal widths are of the long edge. Renditions are never larger than the original.
fn rendered_width(size: Size, nominal: u32) -> u32 {
    let long = size.width.max(size.height).max(1);
    let width = u64::from(size.width) * u64::from(nominal.min(long)) / u64::from(long);
    u32::try_from(width).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::rendered_width;
    use model::photos::Size;

    #[test]
    fn computes_the_width_of_portraits_and_of_small_photos() {
        assert_eq!(
            rendered_width(
                Size {
                    width: 4000,
                    height: 3000
                },
                960
            ),
            960
        );
        assert_eq!(
            rendered_width(
                Size {
                    width: 3000,
                    height: 4000
                },
                960
            ),
            720
        );
        assert_eq!(rendered_width(Size { width: 500, height: 400 }, 960), 500);
    }
}

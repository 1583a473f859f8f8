//! The sizes of a picture from which a browser chooses.

use model::photos::{Photo, Size};

/// What an `<img>` needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// For browsers that do not choose.
    pub src: String,
    /// Each rendition and its width.
    pub srcset: String,
    /// The moving rendition, of a photo that moves.
    pub animation: Option<String>,
    /// The picture's size.
    pub size: Size,
}

impl Picture {
    /// Of a photo that can be looked at. Browsers that do not choose get the rendition for `width`.
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

/// Nominal widths are of the long edge, and nothing is made larger than it was.
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
    fn tells_the_width_of_portraits_and_of_small_photos() {
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

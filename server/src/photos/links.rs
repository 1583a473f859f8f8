//! Signed links to renditions, and the media cookie. `infra/edge/media.js` verifies both: the signed texts must be the same there.

use crate::aws::secret::{Keys, MediaKey};
use crate::error::AppError;
use crate::secrets::signature;
use model::photos::{Media, Photo};
use model::time::Time;

/// How long a media cookie lasts: the time for which a browser still has access after its session ends.
pub const COOKIE_SECONDS: i64 = 600;

/// Links expire at the second midnight UTC from now: all links to a file of the same day are equal, so that they are cached.
const DAY: i64 = 86_400;

/// Signs links and cookies.
#[derive(Clone)]
pub struct Signer(MediaKey);

impl Signer {
    /// Signs with the first of the keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &Keys) -> Result<Self, AppError> {
        let first = keys.media_keys.first().cloned();
        first
            .map(Self)
            .ok_or_else(|| AppError::internal("sign links", "the secret has no media_keys"))
    }

    /// Signs the photo's links.
    pub fn sign_links(&self, mut photo: Photo, now: Time) -> Photo {
        photo.media = photo.media.map(|media| Media {
            proof: self.proof(&media, now),
            ..media
        });
        photo
    }

    fn proof(&self, media: &Media, now: Time) -> String {
        let MediaKey { id, key, .. } = &self.0;
        let ends = (now.seconds().div_euclid(DAY) + 2) * DAY;
        let formats = media.formats.join(".");
        let signed = signature(key, &format!("link:{}:{ends}:{formats}", media.folder));
        format!("k={id}&e={ends}&f={formats}&s={signed}")
    }

    /// The value of the media cookie.
    pub fn cookie(&self, now: Time) -> String {
        let MediaKey { id, key, .. } = &self.0;
        let ends = now.seconds() + COOKIE_SECONDS;
        format!("{id}.{ends}.{}", signature(key, &format!("cookie:{ends}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_edge_expects() {
        let signer = Signer(MediaKey {
            id: "1".into(),
            key: "a key for this test alone".into(),
            made_at: None,
        });
        let media = Media {
            folder: "p/r/1".into(),
            widths: vec![320],
            formats: vec!["webp".into(), "jpeg".into()],
            animated: false,
            proof: String::new(),
        };
        // infra/edge/media.test.js expects the same texts.
        assert_eq!(
            signer.proof(&media, Time(1_000_000)),
            "k=1&e=172800&f=webp.jpeg&s=koVC_xcoUYF1r2degMSNwA"
        );
        assert_eq!(signer.cookie(Time(1_000_000)), "1.1600.eItFqwhBhzrilsUPfA0Tty");
    }
}

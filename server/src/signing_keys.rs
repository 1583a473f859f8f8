//! Key rings and their rotation: for media links and cookies, for links in mails, and for device cookies. The first key of a ring signs,
//! all of them verify. A leaked key is revoked at once.
//!
//! The CloudFront distribution sends a key of its own as a header. Deploys rotate it (`infra/secret.py`), because only a deploy can
//! configure the distribution.
//!
//! Sessions need no signing key: they are random tokens, stored as hashes.

use crate::aws::media_keys::MediaKeyStore;
use crate::aws::secret::{Keys, MediaKey, Secret};
use crate::error::AppError;
use crate::secrets;
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a key signs. It verifies for as long again: links last two days, and a warm function that read the ring before the
/// rotation lives for hours.
pub const SIGNS_SECONDS: i64 = 30 * 86_400;

/// The same for keys of device cookies, which last as long as browsers keep cookies at most.
pub const DEVICE_SIGNS_SECONDS: i64 = 400 * 86_400;

/// The result of a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// Identifier of the new signing key, if there is one.
    pub new: Option<String>,
    /// Identifiers of all keys that verify.
    pub valid: Vec<String>,
}

/// Rotates the keys that are old enough and copies the media keys to the edge. `at_once` replaces all keys, for one that leaked:
/// signatures by functions that are still warm are refused, too, until those restart.
///
/// The edge gets the new key before anything signs with it. After a crash in between, the next run rotates to another key.
pub async fn rotate(secret: &Secret, store: &MediaKeyStore, at: Time, at_once: bool) -> Result<Rotated, AppError> {
    let mut keys = secret.read().await?;
    let next_ring = if at_once { replaced } else { rotated };
    let rotate_ring = |ring: &mut Vec<MediaKey>, signs_seconds: i64| -> Result<bool, AppError> {
        let due = at_once || is_old(ring, at, signs_seconds);
        if due {
            *ring = next_ring(ring, secrets::random_text()?, at);
        }
        Ok(due)
    };
    let media_rotated = rotate_ring(&mut keys.media_keys, SIGNS_SECONDS)?;
    let links_rotated = rotate_ring(&mut keys.link_keys, SIGNS_SECONDS)?;
    let devices_rotated = rotate_ring(&mut keys.device_keys, DEVICE_SIGNS_SECONDS)?;
    store.put(&keys.media_keys).await?;
    if media_rotated || links_rotated || devices_rotated {
        secret.write(&keys).await?;
    }
    let new = keys.media_keys.first().filter(|_| media_rotated).map(|key| key.id.clone());
    Ok(Rotated {
        new,
        valid: keys.media_keys.into_iter().map(|key| key.id).collect(),
    })
}

/// A key ring. The first key signs, all verify.
#[derive(Clone, Default)]
struct Ring(Vec<MediaKey>);

impl Ring {
    /// Signs a text. The signature names its key.
    fn sign(&self, text: &str) -> Option<String> {
        let first = self.0.first();
        first.map(|key| format!("{}-{}", key.id, secrets::signature(&key.key, text)))
    }

    /// Whether a signature of a text is by one of the keys.
    fn verifies(&self, text: &str, proof: &str) -> bool {
        let Some((id, proof)) = proof.split_once('-') else {
            return false;
        };
        let mut valid = self.0.iter().filter(|key| key.id == id);
        valid.any(|key| secrets::same(&secrets::signature(&key.key, text), proof))
    }
}

/// Signs and verifies links in mails.
#[derive(Clone)]
pub struct LinkSigner(Ring);

impl LinkSigner {
    /// Signs with the first of the keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &Keys) -> Result<Self, AppError> {
        let ring = keys.link_keys.clone();
        let some = (!ring.is_empty()).then_some(Self(Ring(ring)));
        some.ok_or_else(|| AppError::internal("sign links", "the secret has no link_keys; deploy the stage"))
    }

    /// Signs a text. The signature names its key.
    pub fn sign(&self, text: &str) -> String {
        self.0.sign(text).unwrap_or_default()
    }

    /// Whether a signature of a text is by a key that is still valid.
    pub fn verifies(&self, text: &str, proof: &str) -> bool {
        self.0.verifies(text, proof)
    }
}

/// Signs and verifies device cookies. Without keys it signs none: a deploy updates the function before it adds the keys to the secret.
#[derive(Clone, Default)]
pub struct DeviceSigner(Ring);

impl DeviceSigner {
    /// Signs with the first of the keys, if there is one.
    pub fn new(keys: &Keys) -> Self {
        Self(Ring(keys.device_keys.clone()))
    }

    /// Signs a text. The signature names its key.
    pub fn sign(&self, text: &str) -> Option<String> {
        self.0.sign(text)
    }

    /// Whether a signature of a text is by a key that is still valid.
    pub fn verifies(&self, text: &str, proof: &str) -> bool {
        self.0.verifies(text, proof)
    }
}

/// Omits the keys, so that none is logged.
impl fmt::Debug for DeviceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSigner")
    }
}

/// Authenticates the distribution by the key that it sends: the newest, or during a deploy the one before.
#[derive(Clone)]
pub struct EdgeKeys(Vec<MediaKey>);

impl EdgeKeys {
    /// Accepts all of the keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &Keys) -> Result<Self, AppError> {
        let ring = keys.edge_keys.clone();
        let some = (!ring.is_empty()).then_some(Self(ring));
        some.ok_or_else(|| {
            AppError::internal(
                "authenticate the distribution",
                "the secret has no edge_keys; deploy the stage",
            )
        })
    }

    /// Whether this is one of the keys.
    pub fn contains(&self, sent: &str) -> bool {
        self.0.iter().any(|key| secrets::same(&key.key, sent))
    }
}

/// Whether the signing key is due for rotation.
fn is_old(ring: &[MediaKey], at: Time, signs_seconds: i64) -> bool {
    ring.first()
        .is_none_or(|key| key.made_at.is_none_or(|made| made.plus_seconds(signs_seconds) <= at))
}

/// The ring with a new key in front of the previous signing key; older ones are dropped.
fn rotated(ring: &[MediaKey], key: String, at: Time) -> Vec<MediaKey> {
    let new = replaced(ring, key, at);
    new.into_iter().chain(ring.first().cloned()).collect()
}

/// A ring of only a new key, whose identifier is unused so far.
fn replaced(ring: &[MediaKey], key: String, at: Time) -> Vec<MediaKey> {
    let highest = ring.iter().filter_map(|key| key.id.parse::<u32>().ok()).max().unwrap_or(0);
    vec![MediaKey {
        id: (highest + 1).to_string(),
        key,
        made_at: Some(at),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ring: &[MediaKey]) -> Vec<&str> {
        ring.iter().map(|key| key.id.as_str()).collect()
    }

    #[test]
    fn two_keys_are_valid_and_the_newest_signs() {
        let first = rotated(&[], "a".into(), Time(0));
        let second = rotated(&first, "b".into(), Time(1));
        let third = rotated(&second, "c".into(), Time(2));
        assert_eq!(
            (ids(&first), ids(&second), ids(&third)),
            (vec!["1"], vec!["2", "1"], vec!["3", "2"])
        );
        assert_eq!(third[1].key, "b");
    }

    #[test]
    fn a_leaked_key_no_longer_verifies() {
        let leaked = rotated(&rotated(&[], "a".into(), Time(0)), "b".into(), Time(1));
        let ring = replaced(&leaked, "c".into(), Time(2));
        assert_eq!(ids(&ring), ["3"]);
        let signer = |ring: &[MediaKey]| LinkSigner(Ring(ring.to_vec()));
        let proof = signer(&leaked).sign("invitation:1");
        assert!(!signer(&ring).verifies("invitation:1", &proof));
    }

    #[test]
    fn a_link_verifies_while_its_key_is_valid() {
        let signer = |ring: &[MediaKey]| LinkSigner(Ring(ring.to_vec()));
        let first = rotated(&[], "a".into(), Time(0));
        let second = rotated(&first, "b".into(), Time(1));
        let third = rotated(&second, "c".into(), Time(2));
        let proof = signer(&first).sign("invitation:1");
        assert!(signer(&first).verifies("invitation:1", &proof) && signer(&second).verifies("invitation:1", &proof));
        assert!(!signer(&third).verifies("invitation:1", &proof), "two keys later");
        for bad in ["", "1", "1-", &format!("{proof}A"), &proof.replacen('1', "2", 1)] {
            assert!(!signer(&second).verifies("invitation:1", bad), "{bad}");
        }
        assert!(!signer(&first).verifies("invitation:2", &proof), "another text");
    }

    #[test]
    fn the_newest_edge_key_and_the_one_before_are_accepted() {
        let edge = |ring: &str| {
            let secret = format!(r#"{{"media_keys": [], "edge_keys": [{ring}], "owner_code": ""}}"#);
            EdgeKeys::new(&serde_json::from_str(&secret).unwrap())
        };
        let keys = edge(r#"{"id": "3", "key": "new"}, {"id": "2", "key": "before"}"#).unwrap();
        assert!(keys.contains("new") && keys.contains("before"));
        for other in ["", "ne", "newer", "NEW", "3", "new, before"] {
            assert!(!keys.contains(other), "{other}");
        }
        assert!(edge("").is_err(), "without a key every request would be refused");
    }

    #[test]
    fn a_key_is_old_after_thirty_days_or_without_a_date() {
        let mut ring = rotated(&[], "a".into(), Time(0));
        assert!(!is_old(&ring, Time(SIGNS_SECONDS * 1000 - 1), SIGNS_SECONDS));
        assert!(is_old(&ring, Time(SIGNS_SECONDS * 1000), SIGNS_SECONDS));
        ring[0].made_at = None;
        assert!(is_old(&ring, Time(0), SIGNS_SECONDS) && is_old(&[], Time(0), SIGNS_SECONDS));
    }
}

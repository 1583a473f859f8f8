//! The keys that sign media links and cookies, those that sign links in mails, and those of device cookies: the first of a ring
//! signs, all of it verifies. A key that leaked is ended at once.
//!
//! The distribution has keys, too, which it sends as they are. A deploy makes them (`infra/secret.py`), because only a deploy can tell
//! the distribution of a new one.
//!
//! Sessions need no key of their own: they are random texts whose hashes are rows.

use crate::aws::media_keys::MediaKeyStore;
use crate::aws::secret::{Keys, MediaKey, Secret};
use crate::failure::Failure;
use crate::secrets;
use model::time::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long a key signs. It verifies for as long again: links last two days, and a function that read the ring before the
/// change lives for hours.
pub const SIGNS_SECONDS: i64 = 30 * 86_400;

/// The same of a key of device cookies, which last as long as browsers keep a cookie at most.
pub const DEVICE_SIGNS_SECONDS: i64 = 400 * 86_400;

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotated {
    /// Identifier of the key that signs from now on, where there is a new one.
    pub new: Option<String>,
    /// Identifiers of all keys that verify.
    pub valid: Vec<String>,
}

/// Puts a new key before the one that signs once that is old enough, and sees to it that the edge has both. `at_once` puts the new
/// key in the place of all others, as one that leaked must verify nothing more: what functions that are warm sign with it, until they
/// are started anew, is refused, too.
///
/// The edge learns of the new key before anything signs with it. Cut off in between, it is done again with another key.
pub async fn rotate(secret: &Secret, store: &MediaKeyStore, at: Time, at_once: bool) -> Result<Rotated, Failure> {
    let mut keys = secret.read().await?;
    let next = if at_once { replaced } else { turned };
    let turn = |ring: &mut Vec<MediaKey>, signs_seconds: i64| -> Result<bool, Failure> {
        let turns = at_once || is_old(ring, at, signs_seconds);
        if turns {
            *ring = next(ring, secrets::random_text()?, at);
        }
        Ok(turns)
    };
    let media_turned = turn(&mut keys.media_keys, SIGNS_SECONDS)?;
    let links_turned = turn(&mut keys.link_keys, SIGNS_SECONDS)?;
    let devices_turned = turn(&mut keys.device_keys, DEVICE_SIGNS_SECONDS)?;
    store.put(&keys.media_keys).await?;
    if media_turned || links_turned || devices_turned {
        secret.write(&keys).await?;
    }
    let new = keys.media_keys.first().filter(|_| media_turned).map(|key| key.id.clone());
    Ok(Rotated {
        new,
        valid: keys.media_keys.into_iter().map(|key| key.id).collect(),
    })
}

/// The keys of one purpose. The first signs, all verify.
#[derive(Clone, Default)]
struct Ring(Vec<MediaKey>);

impl Ring {
    /// What proves a text. It says which key signed it.
    fn sign(&self, text: &str) -> Option<String> {
        let first = self.0.first();
        first.map(|key| format!("{}-{}", key.id, secrets::signature(&key.key, text)))
    }

    /// Whether one of the keys signed a text.
    fn verifies(&self, text: &str, proof: &str) -> bool {
        let Some((id, proof)) = proof.split_once('-') else {
            return false;
        };
        let mut valid = self.0.iter().filter(|key| key.id == id);
        valid.any(|key| secrets::same(&secrets::signature(&key.key, text), proof))
    }
}

/// Signs links in mails, and knows its own again.
#[derive(Clone)]
pub struct LinkSigner(Ring);

impl LinkSigner {
    /// Signs with the first of the keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &Keys) -> Result<Self, Failure> {
        let ring = keys.link_keys.clone();
        let some = (!ring.is_empty()).then_some(Self(Ring(ring)));
        some.ok_or_else(|| Failure::broken("sign links", "the secret has no link_keys; deploy the stage"))
    }

    /// What proves a text. It says which key signed it.
    pub fn sign(&self, text: &str) -> String {
        self.0.sign(text).unwrap_or_default()
    }

    /// Whether we signed a text, with a key that is still valid.
    pub fn verifies(&self, text: &str, proof: &str) -> bool {
        self.0.verifies(text, proof)
    }
}

/// Signs device cookies, and knows its own again. Without keys it signs none: a deploy brings a function that wants them before it adds
/// them to the secret.
#[derive(Clone, Default)]
pub struct DeviceSigner(Ring);

impl DeviceSigner {
    /// Signs with the first of the keys, if there is one.
    pub fn new(keys: &Keys) -> Self {
        Self(Ring(keys.device_keys.clone()))
    }

    /// What proves a text. It says which key signed it.
    pub fn sign(&self, text: &str) -> Option<String> {
        self.0.sign(text)
    }

    /// Whether we signed a text, with a key that is still valid.
    pub fn verifies(&self, text: &str, proof: &str) -> bool {
        self.0.verifies(text, proof)
    }
}

/// Without the keys, so that they are in no log.
impl fmt::Debug for DeviceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceSigner")
    }
}

/// Knows the distribution by the key that it sends: the newest, or the one before while a deploy has not told it of the newest.
#[derive(Clone)]
pub struct EdgeKeys(Vec<MediaKey>);

impl EdgeKeys {
    /// Knows all of the keys.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: &Keys) -> Result<Self, Failure> {
        let ring = keys.edge_keys.clone();
        let some = (!ring.is_empty()).then_some(Self(ring));
        some.ok_or_else(|| Failure::broken("know the distribution", "the secret has no edge_keys; deploy the stage"))
    }

    /// Whether this is one of the keys.
    pub fn contains(&self, sent: &str) -> bool {
        self.0.iter().any(|key| secrets::same(&key.key, sent))
    }
}

/// Whether the key that signs has done so for long enough.
fn is_old(ring: &[MediaKey], at: Time, signs_seconds: i64) -> bool {
    ring.first()
        .is_none_or(|key| key.made_at.is_none_or(|made| made.plus_seconds(signs_seconds) <= at))
}

/// The ring with a new key before the one that signed until now; those before it verify no more.
fn turned(ring: &[MediaKey], key: String, at: Time) -> Vec<MediaKey> {
    let new = replaced(ring, key, at);
    new.into_iter().chain(ring.first().cloned()).collect()
}

/// A ring of a new key alone, under an identifier that none of those before has.
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
        let first = turned(&[], "a".into(), Time(0));
        let second = turned(&first, "b".into(), Time(1));
        let third = turned(&second, "c".into(), Time(2));
        assert_eq!(
            (ids(&first), ids(&second), ids(&third)),
            (vec!["1"], vec!["2", "1"], vec!["3", "2"])
        );
        assert_eq!(third[1].key, "b");
    }

    #[test]
    fn a_key_that_leaked_verifies_nothing_more() {
        let leaked = turned(&turned(&[], "a".into(), Time(0)), "b".into(), Time(1));
        let ring = replaced(&leaked, "c".into(), Time(2));
        assert_eq!(ids(&ring), ["3"]);
        let signer = |ring: &[MediaKey]| LinkSigner(Ring(ring.to_vec()));
        let proof = signer(&leaked).sign("invitation:1");
        assert!(!signer(&ring).verifies("invitation:1", &proof));
    }

    #[test]
    fn a_link_is_known_while_its_key_is_valid() {
        let signer = |ring: &[MediaKey]| LinkSigner(Ring(ring.to_vec()));
        let first = turned(&[], "a".into(), Time(0));
        let second = turned(&first, "b".into(), Time(1));
        let third = turned(&second, "c".into(), Time(2));
        let proof = signer(&first).sign("invitation:1");
        assert!(signer(&first).verifies("invitation:1", &proof) && signer(&second).verifies("invitation:1", &proof));
        assert!(!signer(&third).verifies("invitation:1", &proof), "two keys later");
        for bad in ["", "1", "1-", &format!("{proof}A"), &proof.replacen('1', "2", 1)] {
            assert!(!signer(&second).verifies("invitation:1", bad), "{bad}");
        }
        assert!(!signer(&first).verifies("invitation:2", &proof), "another text");
    }

    #[test]
    fn the_distribution_is_known_by_the_newest_key_and_the_one_before() {
        let edge = |ring: &str| {
            let secret = format!(r#"{{"media_keys": [], "edge_keys": [{ring}], "owner_code": ""}}"#);
            EdgeKeys::new(&serde_json::from_str(&secret).unwrap())
        };
        let keys = edge(r#"{"id": "3", "key": "new"}, {"id": "2", "key": "before"}"#).unwrap();
        assert!(keys.contains("new") && keys.contains("before"));
        for other in ["", "ne", "newer", "NEW", "3", "new, before"] {
            assert!(!keys.contains(other), "{other}");
        }
        assert!(edge("").is_err(), "without a key nobody would be let in, and nobody told why");
    }

    #[test]
    fn a_key_signs_for_thirty_days_and_one_of_unknown_age_no_longer() {
        let mut ring = turned(&[], "a".into(), Time(0));
        assert!(!is_old(&ring, Time(SIGNS_SECONDS * 1000 - 1), SIGNS_SECONDS));
        assert!(is_old(&ring, Time(SIGNS_SECONDS * 1000), SIGNS_SECONDS));
        ring[0].made_at = None;
        assert!(is_old(&ring, Time(0), SIGNS_SECONDS) && is_old(&[], Time(0), SIGNS_SECONDS));
    }
}

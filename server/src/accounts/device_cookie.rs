//! Device cookies: a browser that signed in before has its own rate limit, which strangers who know the address cannot use up
//! (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//!
//! A device cookie is not a credential: its holder still needs password and code, and gets no more attempts than a stranger. So it
//! survives sign-out, a password change and the account's deletion: the owner's browsers must stay known when the password is reset
//! during an attack. Somebody who once knew the password may have collected many, so all known browsers of an address also share a
//! budget (`rate_limits.rs`, `code_attempts.rs`). A cookie ends with its lifetime, or with its key
//! (`signing_keys::rotate`, `at_once`).

use crate::error::AppError;
use crate::secrets;
use crate::signing_keys::{DEVICE_SIGNS_SECONDS, DeviceSigner};
use model::time::Time;

/// How long a browser is known after a sign-in: longer than any session, and the longest that browsers keep a cookie.
pub const DEVICE_SECONDS: i64 = DEVICE_SIGNS_SECONDS;

/// Addresses that one browser is known to, as when a family shares it.
const MAX_PROOFS: usize = 4;

/// Length of a browser's name: 256 bits in base64url.
const NAME_CHARS: usize = 43;

/// Separates the proofs in a cookie.
const SEPARATOR: char = '~';

/// Proves that a browser signed in with an address. Does not contain the address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Proof {
    /// The browser's random name, a different one for each address.
    name: String,
    /// Expiry, in epoch seconds.
    ends_at: i64,
    /// Signature of both, and of the address.
    signature: String,
}

impl Proof {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (Some(name), Some(ends_at), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let plain = name.len() == NAME_CHARS && name.chars().all(is_plain) && signature.chars().all(is_plain);
        Some(Self {
            name: name.to_owned(),
            ends_at: ends_at.parse().ok().filter(|_| plain)?,
            signature: signature.to_owned(),
        })
    }

    fn write(&self) -> String {
        format!("{}.{}.{}", self.name, self.ends_at, self.signature)
    }
}

/// The signed text.
fn signed_text(email_hash: &str, name: &str, ends_at: i64) -> String {
    format!("device:{email_hash}:{ends_at}:{name}")
}

/// The device cookie of a request. The default is that of an unknown browser.
#[derive(Debug, Clone, Default)]
pub struct DeviceCookie {
    signer: DeviceSigner,
    proofs: Vec<Proof>,
}

impl DeviceCookie {
    /// Parses a cookie; ignores invalid parts.
    pub fn read(signer: &DeviceSigner, text: &str) -> Self {
        Self {
            signer: signer.clone(),
            proofs: text.split(SEPARATOR).take(MAX_PROOFS).filter_map(Proof::read).collect(),
        }
    }

    /// The browser's name for an address that it signed in with; `None` if it did not, or if that has expired.
    pub fn name(&self, email_hash: &str, at: Time) -> Option<&str> {
        let mut known = self.proofs.iter().filter(|proof| proof.ends_at > at.seconds());
        known
            .find(|proof| self.is_for(proof, email_hash))
            .map(|proof| proof.name.as_str())
    }

    fn is_for(&self, proof: &Proof, email_hash: &str) -> bool {
        let text = signed_text(email_hash, &proof.name, proof.ends_at);
        self.signer.verifies(&text, &proof.signature)
    }

    /// The cookie to set after a sign-in with an address; `None` without a signing key. A known browser keeps its name: a new one would
    /// reset its rate limit.
    pub fn signed_in(&self, email_hash: &str, at: Time) -> Result<Option<String>, AppError> {
        let name = match self.name(email_hash, at) {
            Some(name) => name.to_owned(),
            None => secrets::random_text()?,
        };
        let ends_at = at.plus_seconds(DEVICE_SECONDS).seconds();
        let Some(signature) = self.signer.sign(&signed_text(email_hash, &name, ends_at)) else {
            return Ok(None);
        };
        let own = Proof {
            name,
            ends_at,
            signature,
        };
        let others = self
            .proofs
            .iter()
            .filter(|proof| proof.ends_at > at.seconds() && !self.is_for(proof, email_hash));
        let kept = [own]
            .iter()
            .chain(others)
            .take(MAX_PROOFS)
            .map(Proof::write)
            .collect::<Vec<_>>();
        Ok(Some(kept.join(&SEPARATOR.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "ada";
    const BEN: &str = "ben";

    fn signer(key: &str) -> DeviceSigner {
        let keys =
            format!(r#"{{"media_keys": [], "link_keys": [], "device_keys": [{{"id": "1", "key": "{key}"}}], "owner_code": ""}}"#);
        DeviceSigner::new(&serde_json::from_str(&keys).unwrap())
    }

    fn read(text: &str) -> DeviceCookie {
        DeviceCookie::read(&signer("a"), text)
    }

    /// The cookie after a sign-in by a browser with the cookie `before`.
    fn sign_in(before: &str, email_hash: &str, at: i64) -> String {
        read(before).signed_in(email_hash, Time(at * 1000)).unwrap().unwrap()
    }

    fn is_known(text: &str, email_hash: &str) -> bool {
        read(text).name(email_hash, Time(1)).is_some()
    }

    #[test]
    fn a_browser_is_known_to_the_address_it_signed_in_with() {
        let cookie = sign_in("", ADA, 0);
        assert!(is_known(&cookie, ADA));
        assert!(!is_known(&cookie, BEN), "another address");
        assert!(!is_known("", ADA) && DeviceCookie::default().name(ADA, Time(1)).is_none());
        assert_eq!(
            DeviceCookie::read(&signer("b"), &cookie).name(ADA, Time(1)),
            None,
            "another key"
        );
    }

    #[test]
    fn forged_cookies_are_rejected() {
        let cookie = sign_in("", ADA, 0);
        let [name, ends_at, signature] = cookie.split('.').collect::<Vec<_>>()[..] else {
            panic!("{cookie}")
        };
        let other = format!("{}{}", &name[1..], if name.starts_with('A') { 'B' } else { 'A' });
        let (_, alone) = signature.split_once('-').unwrap();
        for forged in [
            format!("{other}.{ends_at}.{signature}"),
            format!("{name}.{ends_at}0.{signature}"),
            format!("{name}.{ends_at}.{signature}A"),
            format!("{name}.{ends_at}.2-{alone}"),
            format!("{name}.{ends_at}.{alone}"),
            format!("{name}.{ends_at}."),
            format!("{name}.{ends_at}"),
            format!("{name}.{ends_at}.{signature}."),
            format!("{name}A.{ends_at}.{signature}"),
        ] {
            assert!(!is_known(&forged, ADA), "{forged}");
        }
    }

    #[test]
    fn a_signature_for_another_purpose_is_rejected() {
        let (name, ends_at) = ("a".repeat(NAME_CHARS), DEVICE_SECONDS);
        let proof = |text: &str| format!("{name}.{ends_at}.{}", signer("a").sign(text).unwrap());
        assert!(is_known(&proof(&format!("device:{ADA}:{ends_at}:{name}")), ADA));
        assert!(!is_known(&proof(&format!("passkey:{ADA}:{ends_at}:{name}")), ADA));
    }

    #[test]
    fn a_cookie_expires_unless_the_browser_signs_in_again() {
        let first = sign_in("", ADA, 0);
        let known = |cookie: &str, seconds: i64| read(cookie).name(ADA, Time(seconds * 1000)).map(str::to_owned);
        assert!(known(&first, DEVICE_SECONDS - 1).is_some());
        assert_eq!(known(&first, DEVICE_SECONDS), None);
        let again = sign_in(&first, ADA, 10);
        assert_eq!(known(&again, DEVICE_SECONDS), known(&first, 0), "it keeps its name");
        let late = sign_in(&first, ADA, DEVICE_SECONDS);
        assert_ne!(known(&late, DEVICE_SECONDS), known(&first, 0));
        assert_eq!(late.split(SEPARATOR).count(), 1, "expired proofs are dropped");
    }

    #[test]
    fn a_shared_browser_is_known_to_the_last_few_addresses() {
        let people = ["a", "b", "c", "d", "e"];
        let cookie = people
            .iter()
            .fold(String::new(), |cookie, person| sign_in(&cookie, person, 0));
        assert_eq!(
            people.map(|person| is_known(&cookie, person)),
            [false, true, true, true, true]
        );
        let again = sign_in(&cookie, "c", 0);
        assert_eq!(again.split(SEPARATOR).count(), MAX_PROOFS, "each once");
        assert!(people[1..].iter().all(|person| is_known(&again, person)));
        assert!(!cookie.contains([';', ',', '"', ' ']), "{cookie}");
    }

    #[test]
    fn without_a_key_no_browser_is_known() {
        let cookie = DeviceCookie::default();
        assert_eq!(cookie.signed_in(ADA, Time(0)).unwrap(), None);
    }
}

//! Device cookies: a browser that signed in may try again on a budget of its own, which strangers who know the address cannot spend
//! (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
//!
//! Such a cookie is no credential: whoever has it needs password and code as before, and may guess no more often than a stranger. So
//! signing out leaves it, and neither a new password nor the account's deletion ends it: the browsers of who sets a new password while
//! strangers guess must be known still. As somebody who knew the password before may have kept many, all browsers that an address knows
//! have some budgets together (`limits.rs`, `guesses.rs`). It ends with its time, or with its key (`keys::rotate`, `at_once`).

use crate::failure::Failure;
use crate::keys::{DEVICE_SIGNS_SECONDS, DeviceSigner};
use crate::secrets;
use model::time::Time;

/// How long a browser is known after it signed in: longer than any session lasts, and as long as browsers keep a cookie at most.
pub const DEVICE_SECONDS: i64 = DEVICE_SIGNS_SECONDS;

/// Addresses that a browser is known to at once, as a family's that share one.
const MOST: usize = 4;

/// Characters of a browser's name: 256 bits in base64url.
const NAME_CHARS: usize = 43;

/// Stands between the proofs of a cookie.
const BETWEEN: char = '~';

/// That a browser signed in as some address, which does not stand here.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Proof {
    /// What the browser is called, by this address alone.
    name: String,
    /// Until when it is known, in epoch seconds.
    ends_at: i64,
    /// Signs both, and the address.
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

/// What is signed. `whose` is the hash of an address.
fn signed(whose: &str, name: &str, ends_at: i64) -> String {
    format!("device:{whose}:{ends_at}:{name}")
}

/// The cookie that a browser sent. The default knows nobody.
#[derive(Debug, Clone, Default)]
pub struct DeviceCookie {
    signer: DeviceSigner,
    proofs: Vec<Proof>,
}

impl DeviceCookie {
    /// Reads a cookie; what is none of ours counts for nothing.
    pub fn read(signer: &DeviceSigner, text: &str) -> Self {
        Self {
            signer: signer.clone(),
            proofs: text.split(BETWEEN).take(MOST).filter_map(Proof::read).collect(),
        }
    }

    /// What the browser is called by an address that it signed in as; none where it did not, or too long ago. `whose` is the hash of
    /// the address.
    pub fn name(&self, whose: &str, at: Time) -> Option<&str> {
        let mut known = self.proofs.iter().filter(|proof| proof.ends_at > at.seconds());
        known.find(|proof| self.is_of(proof, whose)).map(|proof| proof.name.as_str())
    }

    fn is_of(&self, proof: &Proof, whose: &str) -> bool {
        let text = signed(whose, &proof.name, proof.ends_at);
        self.signer.verifies(&text, &proof.signature)
    }

    /// The cookie as it is once the browser has signed in as an address. It keeps its name, or its budget would begin anew each time. None
    /// where there is no key to sign with.
    pub fn signed_in(&self, whose: &str, at: Time) -> Result<Option<String>, Failure> {
        let name = match self.name(whose, at) {
            Some(name) => name.to_owned(),
            None => secrets::random_text()?,
        };
        let ends_at = at.plus_seconds(DEVICE_SECONDS).seconds();
        let Some(signature) = self.signer.sign(&signed(whose, &name, ends_at)) else {
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
            .filter(|proof| proof.ends_at > at.seconds() && !self.is_of(proof, whose));
        let kept = [own].iter().chain(others).take(MOST).map(Proof::write).collect::<Vec<_>>();
        Ok(Some(kept.join(&BETWEEN.to_string())))
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

    /// The cookie of a browser that had another before it signed in.
    fn after(before: &str, whose: &str, at: i64) -> String {
        read(before).signed_in(whose, Time(at * 1000)).unwrap().unwrap()
    }

    fn knows(text: &str, whose: &str) -> bool {
        read(text).name(whose, Time(1)).is_some()
    }

    #[test]
    fn a_browser_is_known_to_the_address_that_it_signed_in_as() {
        let cookie = after("", ADA, 0);
        assert!(knows(&cookie, ADA));
        assert!(!knows(&cookie, BEN), "another address");
        assert!(!knows("", ADA) && DeviceCookie::default().name(ADA, Time(1)).is_none());
        assert_eq!(
            DeviceCookie::read(&signer("b"), &cookie).name(ADA, Time(1)),
            None,
            "another key"
        );
    }

    #[test]
    fn nobody_can_forge_a_cookie() {
        let cookie = after("", ADA, 0);
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
            assert!(!knows(&forged, ADA), "{forged}");
        }
    }

    #[test]
    fn a_signature_for_something_else_is_none() {
        let (name, ends_at) = ("a".repeat(NAME_CHARS), DEVICE_SECONDS);
        let proof = |text: &str| format!("{name}.{ends_at}.{}", signer("a").sign(text).unwrap());
        assert!(knows(&proof(&format!("device:{ADA}:{ends_at}:{name}")), ADA));
        assert!(!knows(&proof(&format!("passkey:{ADA}:{ends_at}:{name}")), ADA));
    }

    #[test]
    fn a_browser_is_forgotten_after_its_time_unless_it_signs_in_again() {
        let first = after("", ADA, 0);
        let known = |cookie: &str, seconds: i64| read(cookie).name(ADA, Time(seconds * 1000)).map(str::to_owned);
        assert!(known(&first, DEVICE_SECONDS - 1).is_some());
        assert_eq!(known(&first, DEVICE_SECONDS), None);
        let again = after(&first, ADA, 10);
        assert_eq!(known(&again, DEVICE_SECONDS), known(&first, 0), "it keeps its name");
        let late = after(&first, ADA, DEVICE_SECONDS);
        assert_ne!(known(&late, DEVICE_SECONDS), known(&first, 0));
        assert_eq!(late.split(BETWEEN).count(), 1, "what ended is left out");
    }

    #[test]
    fn a_browser_that_is_shared_is_known_to_the_last_few() {
        let people = ["a", "b", "c", "d", "e"];
        let cookie = people.iter().fold(String::new(), |cookie, whose| after(&cookie, whose, 0));
        assert_eq!(people.map(|whose| knows(&cookie, whose)), [false, true, true, true, true]);
        let again = after(&cookie, "c", 0);
        assert_eq!(again.split(BETWEEN).count(), MOST, "each once");
        assert!(people[1..].iter().all(|whose| knows(&again, whose)));
        assert!(!cookie.contains([';', ',', '"', ' ']), "{cookie}");
    }

    #[test]
    fn without_a_key_no_browser_is_known() {
        let cookie = DeviceCookie::default();
        assert_eq!(cookie.signed_in(ADA, Time(0)).unwrap(), None);
    }
}

//! What the pages say about passkeys.

use crate::{device, moment};
use model::accounts::Passkey;

pub const PASSKEYS: &str = "Passkeys";
pub const TEXT: &str = "With a passkey you sign in by a finger, a face or the PIN of your device: there is nothing to remember, and nothing that could be stolen here. It counts for both steps.";
pub const ADD: &str = "Add a passkey";
pub const WHICH: &str = "Passkey";
pub const SIGN_IN: &str = "Sign in with a passkey";
pub const NEEDS_SCRIPT: &str = "Passkeys need JavaScript.";
pub const ADDRESS_FIRST: &str = "Enter your e-mail first: it says whose passkey to ask for.";
pub const DECLINED: &str = "No passkey was used. If this device has none for this address, sign in with your password and add one on your account’s page.";
pub const KNOWN: &str = "This device has a passkey for this account already.";
pub const FAILED: &str = "The browser could not ask for a passkey. Try again, or sign in with your password.";

/// The button where this browser knows who it is.
pub fn sign_in_as(email: &str) -> String {
    format!("Sign in as {email} with a passkey")
}

/// A passkey in the list.
pub fn passkey(passkey: &Passkey) -> String {
    format!("{}, {}", device(&passkey.device), moment(passkey.made_at))
}

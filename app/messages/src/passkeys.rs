//! Texts about passkeys.

use crate::{device, moment};
use model::accounts::Passkey;

pub const PASSKEYS: &str = "Passkeys";
pub const TEXT: &str = "Sign in with your fingerprint, your face or your device’s PIN. There’s no password to remember or steal, and you don’t need a two-factor code.";
pub const ADD: &str = "Add a passkey";
pub const CHOOSE: &str = "Passkey";
pub const SIGN_IN: &str = "Sign in with a passkey";
pub const NEEDS_SCRIPT: &str = "Turn on JavaScript to use passkeys.";
pub const ADDRESS_FIRST: &str = "Enter your email first, then sign in with your passkey.";
pub const DECLINED: &str = "No passkey was used. If this device doesn’t have one for your account, sign in with your password and add one on your account page.";
pub const KNOWN: &str = "This device already has a passkey for this account.";
pub const FAILED: &str = "Your browser couldn’t use a passkey. Try again, or sign in with your password.";

/// The button of a browser that remembers the address.
pub fn sign_in_as(email: &str) -> String {
    format!("Sign in as {email} with a passkey")
}

/// A passkey in the list.
pub fn passkey(passkey: &Passkey) -> String {
    format!("{}, {}", device(&passkey.device), moment(passkey.made_at))
}

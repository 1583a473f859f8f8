//! Accounts and the way in.

use crate::ids::AccountId;
use serde::{Deserialize, Serialize};

/// The fewest characters of a password; the user pool's policy says the same.
pub const MIN_PASSWORD_CHARS: usize = 10;

/// What an account may do beyond its own library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The site is theirs.
    Owner,
}

/// The account that is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Its identifier.
    pub id: AccountId,
    /// The address it signs in with.
    pub email: String,
    /// Whether the site is theirs.
    pub owner: bool,
    /// Whether others may sign up. Only the owner can change it.
    pub open: bool,
}

/// Who may sign up now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Nobody owns the site: who has the code that the deploy printed becomes its owner.
    Owner,
    /// Everybody.
    Open,
    /// Nobody.
    Closed,
}

//! What people are told outside of the pages, by mail or SMS.

use crate::ids::AccountId;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum To {
    /// An account, at the address that it has when the notice is sent.
    Account(AccountId),
    /// An address, whether it has an account or not.
    Address {
        /// The address.
        email: String,
    },
}

/// One thing that somebody is told. None carries a code or a link with a secret: who sends it draws and signs those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Notice {
    /// They may come in.
    Invitation {
        /// The invitation.
        invitation: String,
        /// Who invites.
        by: String,
        /// Until when it can be taken.
        ends_at: Time,
    },
    /// Somebody signed up with their address, which has an account.
    AlreadyHere,
    /// A code proves that an account may move to this address.
    AddressCode {
        /// The account.
        account: AccountId,
    },
    /// Somebody wanted to move to their address, which has an account.
    AddressTaken,
    /// Their account moved to another address.
    AddressChanged {
        /// The address.
        to: String,
    },
    /// Their password was changed.
    PasswordChanged,
    /// The second step was turned on or off.
    SecondStepChanged {
        /// Whether it is on.
        on: bool,
    },
    /// A recovery code let somebody in.
    RecoveryCodeUsed {
        /// Codes that are left.
        left: u32,
    },
}

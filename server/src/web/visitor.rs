//! Who sent a request, and from where.

use crate::accounts::{Client, Viewer};
use crate::aws::table::Table;

/// The visitor of a request, as an extension for the handlers.
#[derive(Clone)]
pub struct Visitor {
    /// The viewer.
    pub viewer: Viewer,
    /// The client.
    pub client: Client,
    /// The secret of a pending second step.
    pub pending_sign_in: Option<String>,
    /// The secret of OAuth attempts.
    pub provider: Option<String>,
    /// The table, with the rows that were read with the session in one batch.
    pub table: Table,
}

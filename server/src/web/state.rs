//! What handlers and server functions work with.

use super::site::Site;
use crate::accounts::{Client, Viewer};
use crate::aws::table::Table;
use axum::extract::FromRef;
use leptos::prelude::LeptosOptions;
use std::sync::Arc;

/// The state of all handlers.
#[derive(Clone)]
pub struct Web(pub Arc<Site>);

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.0.options.clone()
    }
}

/// The services behind the server functions, for one viewer.
pub struct ViewerServices {
    pub site: Arc<Site>,
    /// The table for reads, which may batch the page's rows.
    pub table: Table,
    pub viewer: Viewer,
    pub client: Client,
    /// The secret of a pending second step.
    pub pending_sign_in: Option<String>,
    /// The secret of OAuth attempts.
    pub provider: Option<String>,
}

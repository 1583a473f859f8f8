//! The steps of an upload: preparing and sending.

use super::queue::Uploads;
use super::{prepare, send};
use crate::photos::library::Library;
use leptos::prelude::provide_context;

/// Provides the upload queue as context.
pub fn provide_uploads(library: Library) {
    provide_context(Uploads::new(library, start_work));
}

fn start_work(uploads: Uploads) {
    prepare::schedule(uploads);
    send::schedule(uploads);
}

//! Files from the share sheet. They are uploaded only after confirmation: any web page can submit a form to the share target, and
//! somebody else may be signed in than the one who shared them.

use super::manager::UploadManager;
use super::stored::Shared;
use crate::ui::messages::untrusted::one_line;
use crate::ui::messages::uploads as messages;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The most files that are listed.
const NAMED: usize = 5;

/// Asks whether to upload the shared files.
#[component]
pub fn SharedFiles(
    /// The question, with the number of files.
    question: Memo<String>,
) -> impl IntoView {
    let uploads = UploadManager::from_context();
    let names = move || {
        let shared = uploads.shared();
        let row = |file: &Shared| view! { <li><p class="file" dir="auto">{one_line(&file.name)}</p></li> };
        shared.iter().take(NAMED).map(row).collect_view()
    };
    let unnamed = move || uploads.shared().len().saturating_sub(NAMED);
    view! {
        <div class="shared" role="group" aria-label=messages::SHARED>
            <p class="question">{move || question.get()}</p>
            <ul class="rows">{names}</ul>
            {move || Some(unnamed()).filter(|unnamed| *unnamed > 0).map(|unnamed| view! { <p class="aside">{messages::more(unnamed)}</p> })}
            <p class="actions">
                <button type="button" class="button primary" on:click=move |_| spawn_local(uploads.upload_shared())>
                    {messages::UPLOAD}
                </button>
                <button type="button" class="quiet" on:click=move |_| spawn_local(uploads.discard_shared())>
                    {messages::DISCARD}
                </button>
            </p>
        </div>
    }
}

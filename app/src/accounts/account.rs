//! The page about one's own account.

use super::api::{SetOpen, me};
use crate::ui::fault::Fault;
use crate::ui::form::{Alert, Complaint};
use crate::ui::frame::Frame;
use crate::ui::notice::Trouble;
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use model::accounts::Me;
use model::refusals::Refusal;

/// The page about one's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let set_open = ServerAction::<SetOpen>::new();
    let me = Resource::new(move || set_open.version().get(), |_| me());
    view! {
        <Title text=words::ACCOUNT/>
        <Frame>
            <div class="page">
                <h1>{words::ACCOUNT}</h1>
                <Transition fallback=|| {
                    view! { <p>{words::LOADING}</p> }
                }>
                    {move || Suspend::new(async move {
                        match me.await {
                            Ok(Some(me)) => view! { <About me set_open/> }.into_any(),
                            Ok(None) => view! { <Trouble fault=Fault::Refused(Refusal::SignInFirst)/> }.into_any(),
                            Err(fault) => view! { <Trouble fault/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </Frame>
    }
}

#[component]
fn About(me: Me, set_open: ServerAction<SetOpen>) -> impl IntoView {
    view! {
        <p>{words::SIGNED_IN_AS} " " <strong>{me.email}</strong></p>
        {me.owner.then(|| view! { <AdmissionSwitch open=me.open action=set_open/> })}
    }
}

/// The owner's switch: one button that says what it will do.
#[component]
fn AdmissionSwitch(open: bool, action: ServerAction<SetOpen>) -> impl IntoView {
    let complaint = Complaint::about(action, &[]);
    let (now, button) = if open {
        (words::ADMISSION_OPEN, words::CLOSE)
    } else {
        (words::ADMISSION_CLOSED, words::OPEN_UP)
    };
    view! {
        <section>
            <h2>{words::ADMISSION}</h2>
            <ActionForm action>
                <Alert text=complaint.otherwise()/>
                <p role="status">{now}</p>
                <input type="hidden" name="open" value=(!open).to_string()/>
                <button type="submit" class="button" disabled=move || action.pending().get()>{button}</button>
            </ActionForm>
        </section>
    }
}

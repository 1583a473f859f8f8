//! The page that administers the site's accounts.

pub mod api;

use crate::accounts::api::me;
use crate::accounts::changes::{Changes, Done};
use crate::frame::Frame;
use crate::ui::error::RequestError;
use crate::ui::error_views::LoadError;
use crate::ui::form::{Alert, Field, FormErrors, Submit};
use crate::ui::messages;
use api::{Invite, RevokeInvitation, SetGroup, SetOpen, SetQuota, people};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use model::accounts::{Invitation, Me, People, Person};
use model::user_error::UserError;

/// Actions of the page.
#[derive(Clone, Copy)]
struct Actions {
    set_open: ServerAction<SetOpen>,
    set_quota: ServerAction<SetQuota>,
    invite: ServerAction<Invite>,
    revoke: ServerAction<RevokeInvitation>,
    set_group: ServerAction<SetGroup>,
}

/// The page that administers the site's accounts.
#[component]
pub fn PeoplePage() -> impl IntoView {
    let actions = Actions {
        set_open: ServerAction::new(),
        set_quota: ServerAction::new(),
        invite: ServerAction::new(),
        revoke: ServerAction::new(),
        set_group: ServerAction::new(),
    };
    // Only successes reload here: an error keeps what was typed.
    let typed = Changes::default();
    typed.follow(actions.set_quota.value());
    typed.follow(actions.invite.value());
    let changes = move || {
        [
            actions.set_open.version().get(),
            actions.revoke.version().get(),
            actions.set_group.version().get(),
            typed.count(),
        ]
    };
    let data = Resource::new(changes, |_| async { Ok((me().await?, people().await?)) });
    view! {
        <Title text=messages::PEOPLE/>
        <Frame>
            <div class="page settings">
                <h1>{messages::PEOPLE}</h1>
                <Transition fallback=|| {
                    view! { <p>{messages::LOADING}</p> }
                }>
                    {move || Suspend::new(async move {
                        match data.await {
                            Ok((Some(me), people)) => view! { <Sections me people actions/> }.into_any(),
                            Ok((None, _)) => view! { <LoadError error=RequestError::Refused(UserError::SignInFirst)/> }.into_any(),
                            Err(error) => view! { <LoadError error/> }.into_any(),
                        }
                    })}
                </Transition>
            </div>
        </Frame>
    }
}

#[component]
fn Sections(me: Me, people: People, actions: Actions) -> impl IntoView {
    view! {
        {me
            .owner
            .then(|| {
                view! {
                    <Admission open=people.open action=actions.set_open/>
                    <Quota quota=people.quota most_photos=people.most_photos action=actions.set_quota/>
                }
            })}
        <Invitations invitations=people.invitations actions/>
        <Accounts me accounts=people.accounts action=actions.set_group/>
    }
}

/// Opens or closes sign-up.
#[component]
fn Admission(open: bool, action: ServerAction<SetOpen>) -> impl IntoView {
    let errors = FormErrors::of(action, &[]);
    let (state, button) = if open {
        (messages::ADMISSION_OPEN, messages::CLOSE_SIGN_UP)
    } else {
        (messages::ADMISSION_CLOSED, messages::OPEN_SIGN_UP)
    };
    view! {
        <section aria-labelledby="admission">
            <h2 id="admission">{messages::ADMISSION}</h2>
            <Done section="admission"/>
            <ActionForm action>
                <Alert text=errors.other()/>
                <p role="status">{state}</p>
                <input type="hidden" name="open" value=(!open).to_string()/>
                <button type="submit" class="button" disabled=move || action.pending().get()>{button}</button>
            </ActionForm>
        </section>
    }
}

/// The limits of each library.
#[component]
fn Quota(quota: u64, most_photos: u32, action: ServerAction<SetQuota>) -> impl IntoView {
    let errors = FormErrors::of(action, &["gigabytes", "photos"]);
    view! {
        <section aria-labelledby="quota">
            <h2 id="quota">{messages::STORAGE}</h2>
            <Done section="quota"/>
            <ActionForm action>
                <Alert text=errors.other()/>
                <Field
                    name="gigabytes"
                    label=messages::QUOTA
                    inputmode="numeric"
                    autocomplete="off"
                    hint=messages::QUOTA_HINT
                    value=(quota >> 30).to_string()
                    errors
                />
                <Field
                    name="photos"
                    label=messages::MOST_PHOTOS
                    inputmode="numeric"
                    autocomplete="off"
                    value=most_photos.to_string()
                    errors
                />
                <Submit label=messages::SAVE busy=action.pending() quiet=true/>
            </ActionForm>
        </section>
    }
}

#[component]
fn Invitations(invitations: Vec<Invitation>, actions: Actions) -> impl IntoView {
    let errors = FormErrors::of(actions.invite, &["email"]);
    let revoke_errors = FormErrors::of(actions.revoke, &[]);
    let rows = invitations.into_iter().map(|invitation| {
        view! {
            <li>
                <div>
                    <p><strong>{invitation.email.clone()}</strong></p>
                    <p class="hint">{messages::invitation_ends(invitation.ends_at)}</p>
                </div>
                <ActionForm action=actions.revoke>
                    <input type="hidden" name="invitation" value=invitation.id/>
                    <button type="submit" class="quiet" aria-label=messages::revoke(&invitation.email)>{messages::REVOKE}</button>
                </ActionForm>
            </li>
        }
    });
    view! {
        <section aria-labelledby="invitations">
            <h2 id="invitations">{messages::INVITATIONS}</h2>
            <Done section="invitations"/>
            <Alert text=revoke_errors.other()/>
            <ul class="rows">{rows.collect_view()}</ul>
            <ActionForm action=actions.invite>
                <Alert text=errors.other()/>
                <Field
                    name="email"
                    label=messages::INVITE_EMAIL
                    kind="email"
                    inputmode="email"
                    autocomplete="off"
                    hint=messages::INVITE_HINT
                    errors
                />
                <Submit label=messages::INVITE busy=actions.invite.pending() quiet=true/>
            </ActionForm>
        </section>
    }
}

#[component]
fn Accounts(me: Me, accounts: Vec<Person>, action: ServerAction<SetGroup>) -> impl IntoView {
    let errors = FormErrors::of(action, &[]);
    let owner = me.owner;
    let rows = accounts.into_iter().map(|person| {
        let switches = owner.then(|| {
            view! {
                <GroupSwitch person=person.clone() group="operator" within=person.operator action/>
                <GroupSwitch person=person.clone() group="owner" within=person.owner action/>
            }
        });
        view! {
            <li>
                <div>
                    <p><strong>{person.email.clone()}</strong></p>
                    <p class="hint">{messages::role(&person)}</p>
                </div>
                {switches}
            </li>
        }
    });
    view! {
        <section aria-labelledby="accounts">
            <h2 id="accounts">{messages::ACCOUNTS}</h2>
            <Done section="accounts"/>
            <Alert text=errors.other()/>
            <ul class="rows">{rows.collect_view()}</ul>
        </section>
    }
}

#[component]
fn GroupSwitch(
    person: Person,
    /// The group's serialized name.
    group: &'static str,
    within: bool,
    action: ServerAction<SetGroup>,
) -> impl IntoView {
    let (text, label) = messages::group_switch(group, within, &person.email);
    view! {
        <ActionForm action>
            <input type="hidden" name="account" value=person.id.to_string()/>
            <input type="hidden" name="group" value=group/>
            <input type="hidden" name="within" value=(!within).to_string()/>
            <button type="submit" class="quiet" aria-label=label>{text}</button>
        </ActionForm>
    }
}

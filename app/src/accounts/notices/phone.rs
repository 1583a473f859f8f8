//! The part about text messages: a number, the code that proves it, and what is sent to it.

use super::super::settings::{Changes, Done};
use super::api::{ChooseTexts, ProvePhone, RemovePhone, SetPhone};
use super::{Kind, Switch};
use crate::ui::form::{Alert, Complaint, CurrentPassword, Field, OneTimeCode, SecondStepCode, Submit};
use crate::ui::words;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::notices::{Choice, Texts as Chosen};

/// The part about text messages.
#[component]
pub fn Texts(texts: Chosen, second_step: bool, changes: Changes) -> impl IntoView {
    let kinds = texts.kinds;
    let proved = texts
        .number
        .map(|number| view! { <Proved number kinds second_step changes/> });
    view! {
        <h3 id="texts">{words::notices::TEXTS}</h3>
        <Done section="texts"/>
        <p class="hint">{words::notices::TEXTS_HINT}</p>
        {proved}
        {texts.waiting.map(|number| view! { <Prove number changes/> })}
        <Set second_step changes/>
    }
}

#[component]
fn Proved(number: String, kinds: Vec<Choice>, second_step: bool, changes: Changes) -> impl IntoView {
    let choose = ServerAction::<ChooseTexts>::new();
    let remove = ServerAction::<RemovePhone>::new();
    changes.follow(choose.value());
    changes.follow(remove.value());
    let not_chosen = Complaint::about(choose, &[]);
    let complaint = Complaint::about(remove, &["password", "code"]);
    let rows = kinds.into_iter().map(|choice| {
        view! {
            <li>
                <Kind choice/>
                <ActionForm action=choose>
                    <Switch choice by=words::notices::BY_TEXT/>
                </ActionForm>
            </li>
        }
    });
    view! {
        <p>{words::notices::texts_go_to(&number)}</p>
        <Alert text=not_chosen.otherwise()/>
        <ul class="rows">{rows.collect_view()}</ul>
        <ActionForm action=remove>
            <Alert text=complaint.otherwise()/>
            <CurrentPassword within="remove-phone" complaint/>
            {second_step.then(|| view! { <SecondStepCode within="remove-phone" complaint/> })}
            <Submit label=words::notices::REMOVE_PHONE busy=remove.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Set(second_step: bool, changes: Changes) -> impl IntoView {
    let action = ServerAction::<SetPhone>::new();
    changes.follow(action.value());
    let complaint = Complaint::about(action, &["phone", "password", "code"]);
    view! {
        <ActionForm action>
            <Alert text=complaint.otherwise()/>
            <Field
                within="notices"
                name="phone"
                label=words::notices::PHONE
                kind="tel"
                inputmode="tel"
                autocomplete="tel"
                hint=words::notices::PHONE_HINT
                complaint
            />
            <CurrentPassword within="set-phone" complaint/>
            {second_step.then(|| view! { <SecondStepCode within="set-phone" complaint/> })}
            <Submit label=words::SEND_CODE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Prove(number: String, changes: Changes) -> impl IntoView {
    let action = ServerAction::<ProvePhone>::new();
    changes.follow(action.value());
    let complaint = Complaint::about(action, &["code"]);
    view! {
        <ActionForm action>
            <p>{words::notices::code_sent_to_phone(&number)}</p>
            <Alert text=complaint.otherwise()/>
            <OneTimeCode within="notices" label=words::CODE complaint/>
            <Submit label=words::CONFIRM busy=action.pending()/>
        </ActionForm>
    }
}

//! Text messages: the phone number, its verification, and the kinds that are sent.

use super::api::{ChooseTexts, RemovePhone, SetPhone, VerifyPhone};
use super::choice::{Kind, Switch};
use crate::accounts::changes::{Changes, Done};
use crate::ui::form::{Alert, CurrentPassword, Field, FormErrors, OneTimeCode, SecondStepCode, Submit};
use crate::ui::messages;
use leptos::form::ActionForm;
use leptos::prelude::*;
use model::notifications::{Choice, Texts as TextChoices};

/// The part of the section about text messages.
#[component]
pub fn Texts(texts: TextChoices, second_step: bool, changes: Changes) -> impl IntoView {
    let kinds = texts.kinds;
    let verified = texts
        .number
        .map(|number| view! { <Verified number kinds second_step changes/> });
    view! {
        <h3 id="texts">{messages::notifications::TEXTS}</h3>
        <Done section="texts"/>
        <p class="hint">{messages::notifications::TEXTS_HINT}</p>
        {verified}
        {texts.waiting.map(|number| view! { <Verify number changes/> })}
        <Set second_step changes/>
    }
}

#[component]
fn Verified(number: String, kinds: Vec<Choice>, second_step: bool, changes: Changes) -> impl IntoView {
    let choose = ServerAction::<ChooseTexts>::new();
    let remove = ServerAction::<RemovePhone>::new();
    changes.follow(choose.value());
    changes.follow(remove.value());
    let choose_errors = FormErrors::of(choose, &[]);
    let errors = FormErrors::of(remove, &["password", "code"]);
    let rows = kinds.into_iter().map(|choice| {
        view! {
            <li>
                <Kind choice/>
                <ActionForm action=choose>
                    <Switch choice by=messages::notifications::BY_TEXT/>
                </ActionForm>
            </li>
        }
    });
    view! {
        <p>{messages::notifications::texts_go_to(&number)}</p>
        <Alert text=choose_errors.other()/>
        <ul class="rows">{rows.collect_view()}</ul>
        <ActionForm action=remove>
            <Alert text=errors.other()/>
            <CurrentPassword within="remove-phone" errors/>
            {second_step.then(|| view! { <SecondStepCode within="remove-phone" errors/> })}
            <Submit label=messages::notifications::REMOVE_PHONE busy=remove.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Set(second_step: bool, changes: Changes) -> impl IntoView {
    let action = ServerAction::<SetPhone>::new();
    changes.follow(action.value());
    let errors = FormErrors::of(action, &["phone", "password", "code"]);
    view! {
        <ActionForm action>
            <Alert text=errors.other()/>
            <Field
                within="notices"
                name="phone"
                label=messages::notifications::PHONE
                kind="tel"
                inputmode="tel"
                autocomplete="tel"
                hint=messages::notifications::PHONE_HINT
                errors
            />
            <CurrentPassword within="set-phone" errors/>
            {second_step.then(|| view! { <SecondStepCode within="set-phone" errors/> })}
            <Submit label=messages::SEND_CODE busy=action.pending() quiet=true/>
        </ActionForm>
    }
}

#[component]
fn Verify(number: String, changes: Changes) -> impl IntoView {
    let action = ServerAction::<VerifyPhone>::new();
    changes.follow(action.value());
    let errors = FormErrors::of(action, &["code"]);
    view! {
        <ActionForm action>
            <p>{messages::notifications::code_sent_to_phone(&number)}</p>
            <Alert text=errors.other()/>
            <OneTimeCode within="notices" label=messages::CODE errors/>
            <Submit label=messages::CONFIRM busy=action.pending()/>
        </ActionForm>
    }
}

//! Fields of forms, and what is wrong with them.

use crate::ui::fault::Fault;
use crate::ui::words;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use model::accounts::MIN_PASSWORD_CHARS;
use model::refusals::Refusal;

/// Whether an action has answered since the page came. What the page's address says of a form is no news then.
#[derive(Clone, Copy, Default)]
pub struct Answered(StoredValue<bool>);

/// What the server said to a form: by the action where scripts run, else by the page's address, where server functions
/// leave it for the form's page after redirecting back.
#[derive(Clone, Copy)]
pub struct Complaint {
    fault: Signal<Option<Fault>>,
    fields: &'static [&'static str],
}

impl Complaint {
    /// What is wrong with the form of an action that has these fields.
    pub fn about<S>(action: ServerAction<S>, fields: &'static [&'static str]) -> Self
    where
        S: ServerFn<Error = Fault> + Clone + Send + Sync + 'static,
        S::Output: Clone + Send + Sync + 'static,
    {
        let (value, version) = (action.value(), action.version());
        let answered = use_context::<Answered>().unwrap_or_default().0;
        // An action that is made anew, as with a part of the page that is loaded again, would find it in the address once more.
        let stale = answered.get_value();
        Effect::new(move |_| {
            if version.get() > 0 {
                answered.set_value(true);
            }
        });
        let said = move || value.with(|value| value.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
        let fault = Signal::derive(move || if stale && version.get() == 0 { None } else { said() });
        Self { fault, fields }
    }

    /// What is wrong with one field.
    pub fn with(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.fault
                .with(|fault| fault.as_ref().filter(|f| self.field_of(f) == Some(field)).map(words::fault))
        })
    }

    /// What is wrong with none of the fields.
    pub fn otherwise(self) -> Signal<Option<String>> {
        let elsewhere = move |fault: &&Fault| self.field_of(fault).is_none();
        Signal::derive(move || self.fault.with(|fault| fault.as_ref().filter(elsewhere).map(words::fault)))
    }

    /// The field of this form that a fault is about.
    fn field_of(self, fault: &Fault) -> Option<&'static str> {
        let about = fields_of(fault).iter();
        about.copied().find(|field| self.fields.contains(field))
    }
}

/// The fields that a fault may be about; the first that a form has is meant.
fn fields_of(fault: &Fault) -> &'static [&'static str] {
    let Fault::Refused(refusal) = fault else { return &[] };
    match refusal {
        Refusal::BadEmail => &["email"],
        Refusal::BadQuota { .. } => &["gigabytes"],
        Refusal::BadPhone => &["phone"],
        Refusal::WeakPassword | Refusal::PasswordWithBlanks | Refusal::SamePassword => &["new_password", "password"],
        Refusal::HasAccount => &["email"],
        Refusal::WrongPassword => &["password"],
        Refusal::WrongCode | Refusal::CodeExpired | Refusal::WrongSecondCode | Refusal::WrongAppCode => &["code"],
        Refusal::WrongOwnerCode => &["owner_code"],
        Refusal::NotSure => &["sure"],
        _ => &[],
    }
}

/// What is wrong with a form as a whole.
#[component]
pub fn Alert(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    move || text.get().map(|text| view! { <p class="alert" role="alert">{text}</p> })
}

/// A labelled input. It takes the focus when the server finds fault with it.
#[component]
pub fn Field(
    /// The server function's argument.
    name: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] minlength: Option<usize>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// Tells this field from another of the page's that has its name.
    #[prop(optional)]
    within: Option<&'static str>,
    complaint: Complaint,
) -> impl IntoView {
    let id = within.map_or_else(|| name.to_owned(), |form| format!("{form}-{name}"));
    let error = complaint.with(name);
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if error.with(Option::is_some)
            && let Some(input) = input.get()
        {
            // A browser that refuses the focus leaves it where it is, which is no fault.
            let _ = input.focus();
        }
    });
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = {
        let (hint_id, error_id, has_hint) = (hint_id.clone(), error_id.clone(), hint.is_some());
        move || match (has_hint, error.with(Option::is_some)) {
            (true, true) => Some(format!("{error_id} {hint_id}")),
            (true, false) => Some(hint_id.clone()),
            (false, true) => Some(error_id.clone()),
            (false, false) => None,
        }
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=input
                id=id
                name=name
                type=kind
                required
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                inputmode=inputmode
                minlength=minlength.map(|least| least.to_string())
                value=value
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || error.get().map(|text| view! { <p class="alert" role="alert" id=error_id.clone()>{text}</p> })}
        </div>
    }
}

/// A field for a password that is about to be set.
#[component]
pub fn NewPassword(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] within: Option<&'static str>,
    complaint: Complaint,
) -> impl IntoView {
    view! {
        <Field
            within=within.unwrap_or("new")
            name
            label
            kind="password"
            autocomplete="new-password"
            minlength=MIN_PASSWORD_CHARS
            hint=words::password_hint()
            complaint
        />
    }
}

/// The password that a change asks for.
#[component]
pub fn CurrentPassword(
    /// The form, for its page has several.
    within: &'static str,
    complaint: Complaint,
) -> impl IntoView {
    view! {
        <Field
            within
            name="password"
            label=words::YOUR_PASSWORD
            kind="password"
            autocomplete="current-password"
            complaint
        />
    }
}

/// The code that proves a change.
#[component]
pub fn OneTimeCode(
    /// The form, for its page has several.
    within: &'static str,
    label: &'static str,
    complaint: Complaint,
) -> impl IntoView {
    view! { <Field within name="code" label inputmode="numeric" autocomplete="one-time-code" complaint/> }
}

/// The button that sends a form.
#[component]
pub fn Submit(
    label: &'static str,
    #[prop(into)] busy: Signal<bool>,
    /// Whether it is one of several on its page.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let class = if quiet { "button" } else { "button primary" };
    view! { <button type="submit" class=class disabled=move || busy.get()>{label}</button> }
}

//! Form fields, and errors of forms.

use crate::ui::error::RequestError;
use crate::ui::messages;
use leptos::html::P;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use model::accounts::MIN_PASSWORD_CHARS;
use model::user_error::UserError;

/// Results of the forms that were submitted since the page was loaded. One result is shown at a time: the last.
#[derive(Clone, Copy, Default)]
pub struct FormResults {
    /// Path of the server function that responded last.
    last: RwSignal<Option<&'static str>>,
    /// Whether a form failed since the last navigation: the result in the address is then outdated.
    outdated: RwSignal<bool>,
    /// Number of responses with a redirect.
    redirects: RwSignal<usize>,
}

impl FormResults {
    /// The results of this window.
    pub fn from_context() -> Self {
        use_context().unwrap_or_default()
    }

    /// Records the response of a server function.
    fn record(self, function: &'static str, failed: bool) {
        self.last.set(Some(function));
        if failed {
            self.outdated.set(true);
        }
    }

    /// Records that what this server function began failed in the browser.
    pub fn record_failure(self, function: &'static str) {
        self.record(function, true);
    }

    /// Whether this server function responded last.
    pub fn is_last(self, function: &'static str) -> bool {
        self.last.with(|last| *last == Some(function))
    }

    /// Records that the last response redirected to the current address.
    pub fn record_redirect(self) {
        self.outdated.set(false);
        self.redirects.update(|count| *count += 1);
    }

    /// Number of responses with a redirect; tracked.
    pub fn redirects(self) -> usize {
        self.redirects.get()
    }
}

/// A query parameter that reports a result, until a form of the page fails.
pub fn result_param(name: &'static str) -> Signal<Option<String>> {
    let (query, results) = (use_query_map(), FormResults::from_context());
    Signal::derive(move || {
        let outdated = results.outdated.get();
        query.with(|query| {
            let text = query.get(name).filter(|text| !text.is_empty());
            text.filter(|_| !outdated && query.get(ERROR_PARAM).is_none())
        })
    })
}

/// Query parameter in which server functions report an error to pages without scripts.
const ERROR_PARAM: &str = "__err";

/// Whether nothing has the focus, as after the focused button was disabled or removed.
pub fn focus_is_lost() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}

/// Errors of a form: from its action, or from the page's address without scripts.
#[derive(Clone, Copy)]
pub struct FormErrors {
    error: Signal<Option<RequestError>>,
    fields: &'static [&'static str],
}

impl FormErrors {
    /// Errors of the form of an action that has these fields.
    pub fn of<S>(action: ServerAction<S>, fields: &'static [&'static str]) -> Self
    where
        S: ServerFn<Error = RequestError> + Clone + Send + Sync + 'static,
        S::Output: Clone + Send + Sync + 'static,
    {
        let (value, version) = (action.value(), action.version());
        let (results, query) = (FormResults::from_context(), use_query_map());
        Effect::new(move |before: Option<usize>| {
            let now = version.get();
            if before.is_some_and(|before| before != now) {
                results.record(S::PATH, value.with_untracked(|value| matches!(value, Some(Err(_)))));
            }
            now
        });
        let action_error = move || value.with(|value| value.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
        let is_last = move || match (version.get(), results.last.get()) {
            // From the address. Also found by actions that are created later, as when a part of the page is loaded again.
            (0, None) => query.with(|query| query.get(ERROR_PARAM).is_some()),
            (0, Some(_)) => false,
            (_, last) => last.is_none_or(|last| last == S::PATH),
        };
        let error = Signal::derive(move || if is_last() { action_error() } else { None });
        Self { error, fields }
    }

    /// The error of one field.
    pub fn field(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.error.with(|error| {
                error
                    .as_ref()
                    .filter(|error| self.field_of(error) == Some(field))
                    .map(messages::error_text)
            })
        })
    }

    /// The error that is about none of the fields.
    pub fn other(self) -> Signal<Option<String>> {
        let of_no_field = move |error: &&RequestError| self.field_of(error).is_none();
        Signal::derive(move || {
            self.error
                .with(|error| error.as_ref().filter(of_no_field).map(messages::error_text))
        })
    }

    /// The field of this form that an error is about.
    fn field_of(self, error: &RequestError) -> Option<&'static str> {
        let candidates = fields_of(error).iter();
        candidates.copied().find(|field| self.fields.contains(field))
    }
}

/// The fields that an error may be about; the first that a form has is meant.
fn fields_of(error: &RequestError) -> &'static [&'static str] {
    let RequestError::Refused(user_error) = error else {
        return &[];
    };
    match user_error {
        UserError::BadEmail => &["email"],
        UserError::BadQuota { .. } => &["gigabytes"],
        UserError::BadPhotoLimit { .. } => &["photos"],
        UserError::BadPhone | UserError::NoTextsThere => &["phone"],
        UserError::WeakPassword | UserError::PasswordWithBlanks | UserError::SamePassword => &["new_password", "password"],
        UserError::HasAccount => &["email"],
        UserError::WrongPassword => &["password"],
        UserError::WrongCode | UserError::CodeExpired | UserError::WrongSecondCode | UserError::WrongAppCode => &["code"],
        UserError::WrongOwnerCode => &["owner_code"],
        UserError::NotSure => &["sure"],
        _ => &[],
    }
}

/// An error of a form as a whole. It takes the focus if nothing else has it, and on a page without scripts.
#[component]
pub fn Alert(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    let message = NodeRef::<P>::new();
    Effect::new(move |_| {
        if text.with(Option::is_some) {
            request_animation_frame(move || {
                let message = message.try_get_untracked().flatten().filter(|_| focus_is_lost());
                // Ignored: without it the focus stays where it is.
                let _ = message.map(|message| message.focus());
            });
        }
    });
    move || {
        text.get()
            .map(|text| view! { <p class="alert" role="alert" tabindex="-1" autofocus=true node_ref=message>{text}</p> })
    }
}

/// A labelled input. It takes the focus when it has an error, with and without scripts.
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
    /// Prefix of the id, where the page has several fields of this name.
    #[prop(optional)]
    within: Option<&'static str>,
    errors: FormErrors,
) -> impl IntoView {
    let id = within.map_or_else(|| name.to_owned(), |form| format!("{form}-{name}"));
    let error = errors.field(name);
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        if error.with(Option::is_some)
            && let Some(input) = input.get()
        {
            // Ignored: without it the focus stays where it is.
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
                autofocus=move || error.with(Option::is_some)
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=described_by
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {move || error.get().map(|text| view! { <p class="alert" role="alert" id=error_id.clone()>{text}</p> })}
        </div>
    }
}

/// A field for a new password.
#[component]
pub fn NewPassword(
    name: &'static str,
    label: &'static str,
    #[prop(optional)] within: Option<&'static str>,
    errors: FormErrors,
) -> impl IntoView {
    view! {
        <Field
            within=within.unwrap_or("new")
            name
            label
            kind="password"
            autocomplete="new-password"
            minlength=MIN_PASSWORD_CHARS
            hint=messages::password_hint()
            errors
        />
    }
}

/// A field for the current password, which authorizes a change.
#[component]
pub fn CurrentPassword(
    /// The form, as its page has several.
    within: &'static str,
    errors: FormErrors,
) -> impl IntoView {
    view! {
        <Field
            within
            name="password"
            label=messages::YOUR_PASSWORD
            kind="password"
            autocomplete="current-password"
            errors
        />
    }
}

/// A field for a one-time code, which confirms a change.
#[component]
pub fn OneTimeCode(
    /// The form, as its page has several.
    within: &'static str,
    label: &'static str,
    errors: FormErrors,
) -> impl IntoView {
    view! { <Field within name="code" label inputmode="numeric" autocomplete="one-time-code" errors/> }
}

/// A field for a two-factor code: of the app, or a recovery code.
#[component]
pub fn SecondStepCode(
    /// The form, as its page has several.
    within: &'static str,
    errors: FormErrors,
) -> impl IntoView {
    view! {
        <Field
            within
            name="code"
            label=messages::SECOND_STEP_CODE
            autocomplete="one-time-code"
            hint=messages::SECOND_STEP_HINT
            errors
        />
    }
}

/// A submit button.
#[component]
pub fn Submit(
    label: &'static str,
    #[prop(into)] busy: Signal<bool>,
    /// Whether it is not the page's primary action.
    #[prop(optional)]
    quiet: bool,
) -> impl IntoView {
    let class = if quiet { "button" } else { "button primary" };
    view! { <button type="submit" class=class disabled=move || busy.get()>{label}</button> }
}

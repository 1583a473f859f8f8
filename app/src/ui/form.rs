//! Fields of forms, and what is wrong with them.

use crate::ui::fault::Fault;
use crate::ui::words;
use leptos::html::P;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;
use model::accounts::MIN_PASSWORD_CHARS;
use model::refusals::Refusal;

/// What the forms of this window were answered since it was loaded. A page shows one answer at a time: the last.
#[derive(Clone, Copy, Default)]
pub struct Answered {
    /// The server function that answered last.
    last: RwSignal<Option<&'static str>>,
    /// Whether a form was refused since the page's address came: what that says was done before.
    outdated: RwSignal<bool>,
    /// How often an answer came with an address.
    redirects: RwSignal<usize>,
}

impl Answered {
    /// The answers of this window.
    pub fn here() -> Self {
        use_context().unwrap_or_default()
    }

    /// A server function answered.
    fn note(self, function: &'static str, refused: bool) {
        self.last.set(Some(function));
        if refused {
            self.outdated.set(true);
        }
    }

    /// What began with this server function failed in the browser.
    pub fn failed_after(self, function: &'static str) {
        self.note(function, true);
    }

    /// Whether no other server function has answered since this one did.
    pub fn is_last(self, function: &'static str) -> bool {
        self.last.with(|last| *last == Some(function))
    }

    /// The page's address is of the last answer.
    pub fn redirected(self) {
        self.outdated.set(false);
        self.redirects.update(|count| *count += 1);
    }

    /// How often an answer came with an address; who asks is told of the next.
    pub fn redirects(self) -> usize {
        self.redirects.get()
    }
}

/// What the page's address says under a name, until a form of the page is refused.
pub fn told(name: &'static str) -> Signal<Option<String>> {
    let (query, answered) = (use_query_map(), Answered::here());
    Signal::derive(move || {
        let outdated = answered.outdated.get();
        query.with(|query| {
            let text = query.get(name).filter(|text| !text.is_empty());
            text.filter(|_| !outdated && query.get(REFUSED).is_none())
        })
    })
}

/// Where server functions leave in the address, for pages without script, what they refused.
const REFUSED: &str = "__err";

/// Whether nothing has the focus, as when a button had it that waits for an answer, or has gone.
pub fn focus_is_lost() -> bool {
    document().active_element().is_none_or(|active| active.tag_name() == "BODY")
}

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
        let (answered, query) = (Answered::here(), use_query_map());
        Effect::new(move |before: Option<usize>| {
            let now = version.get();
            if before.is_some_and(|before| before != now) {
                answered.note(S::PATH, value.with_untracked(|value| matches!(value, Some(Err(_)))));
            }
            now
        });
        let said = move || value.with(|value| value.as_ref().and_then(|answer| answer.as_ref().err().cloned()));
        let is_last = move || match (version.get(), answered.last.get()) {
            // From the address. An action that is created later, as when a part of the page is loaded again, finds it there, too.
            (0, None) => query.with(|query| query.get(REFUSED).is_some()),
            (0, Some(_)) => false,
            (_, last) => last.is_none_or(|last| last == S::PATH),
        };
        let fault = Signal::derive(move || if is_last() { said() } else { None });
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
        Refusal::BadPhotoLimit { .. } => &["photos"],
        Refusal::BadPhone | Refusal::NoTextsThere => &["phone"],
        Refusal::WeakPassword | Refusal::PasswordWithBlanks | Refusal::SamePassword => &["new_password", "password"],
        Refusal::HasAccount => &["email"],
        Refusal::WrongPassword => &["password"],
        Refusal::WrongCode | Refusal::CodeExpired | Refusal::WrongSecondCode | Refusal::WrongAppCode => &["code"],
        Refusal::WrongOwnerCode => &["owner_code"],
        Refusal::NotSure => &["sure"],
        _ => &[],
    }
}

/// What is wrong with a form as a whole. It takes the focus where that is lost, and on a page without script.
#[component]
pub fn Alert(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    let message = NodeRef::<P>::new();
    Effect::new(move |_| {
        if text.with(Option::is_some) {
            request_animation_frame(move || {
                let message = message.try_get_untracked().flatten().filter(|_| focus_is_lost());
                // A browser that refuses the focus leaves it where it is, which is no fault.
                let _ = message.map(|message| message.focus());
            });
        }
    });
    move || {
        text.get()
            .map(|text| view! { <p class="alert" role="alert" tabindex="-1" autofocus=true node_ref=message>{text}</p> })
    }
}

/// A labelled input. It takes the focus when the server finds fault with it, with and without script.
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
                autofocus=move || error.with(Option::is_some)
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

/// The second step's code, where a change asks for it: the app's, or a recovery code.
#[component]
pub fn SecondStepCode(
    /// The form, for its page has several.
    within: &'static str,
    complaint: Complaint,
) -> impl IntoView {
    view! {
        <Field
            within
            name="code"
            label=words::SECOND_STEP_CODE
            autocomplete="one-time-code"
            hint=words::SECOND_STEP_HINT
            complaint
        />
    }
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

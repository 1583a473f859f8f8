//! The browser's part of WebAuthn, and which address used a passkey here last. Called in the browser alone.

use crate::ui::words::passkeys as words;
use js_sys::{JSON, Object, Reflect, decode_uri_component, encode_uri_component};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, DomException, HtmlDocument};

/// The cookie that keeps the address: the browser's other storage is emptied when a session ends.
const REMEMBERED: &str = "__Host-passkey";

/// As long as browsers keep a cookie at most.
const REMEMBERED_SECONDS: u32 = 400 * 86_400;

#[wasm_bindgen]
extern "C" {
    type PublicKeyCredential;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = parseCreationOptionsFromJSON, catch)]
    fn creation_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = parseRequestOptionsFromJSON, catch)]
    fn request_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = isConditionalMediationAvailable, catch)]
    async fn offers_by_itself() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = create, catch)]
    async fn create(options: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = get, catch)]
    async fn get(options: &JsValue) -> Result<JsValue, JsValue>;
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Silence {
    /// They changed their mind, there is none here, or it took too long: browsers do not say which.
    Declined,
    /// This device has one already.
    Known,
    /// Another question was asked meanwhile.
    Withdrawn,
    /// The browser could not ask.
    Failed,
}

impl Silence {
    /// What people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::Declined => words::DECLINED,
            Self::Known => words::KNOWN,
            Self::Withdrawn | Self::Failed => words::FAILED,
        }
    }

    fn of(error: &JsValue) -> Self {
        let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" => Self::Declined,
            "InvalidStateError" => Self::Known,
            "AbortError" => Self::Withdrawn,
            _ => Self::Failed,
        }
    }
}

/// Whether this browser knows passkeys as JSON.
pub fn knows_passkeys() -> bool {
    let constructor = Reflect::get(&window(), &"PublicKeyCredential".into()).unwrap_or_default();
    constructor.is_function()
        && ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"]
            .iter()
            .all(|name| Reflect::get(&constructor, &(*name).into()).is_ok_and(|method| method.is_function()))
}

/// Whether the browser offers passkeys in a field by itself.
pub async fn offers_passkeys() -> bool {
    PublicKeyCredential::offers_by_itself()
        .await
        .is_ok_and(|offers| offers.is_truthy())
}

/// Makes a passkey.
pub async fn make(options: &str) -> Result<String, Silence> {
    let wanted = parsed(options).and_then(|json| PublicKeyCredential::creation_options(&json));
    let question = wrapped(&wanted.map_err(|error| Silence::of(&error))?, None);
    answer(create(&question).await)
}

/// Asks a passkey; `quietly` only offers it in a field, until that is withdrawn.
pub async fn ask(options: &str, quietly: Option<&AbortController>) -> Result<String, Silence> {
    let wanted = parsed(options).and_then(|json| PublicKeyCredential::request_options(&json));
    let question = wrapped(&wanted.map_err(|error| Silence::of(&error))?, quietly);
    answer(get(&question).await)
}

fn parsed(options: &str) -> Result<JsValue, JsValue> {
    JSON::parse(options)
}

fn wrapped(public_key: &JsValue, quietly: Option<&AbortController>) -> JsValue {
    let question = Object::new();
    let set = |name: &str, value: &JsValue| {
        // Setting a field of an object of ours cannot fail.
        let _ = Reflect::set(&question, &name.into(), value);
    };
    set("publicKey", public_key);
    if let Some(controller) = quietly {
        set("mediation", &"conditional".into());
        set("signal", &controller.signal());
    }
    question.into()
}

fn answer(credential: Result<JsValue, JsValue>) -> Result<String, Silence> {
    let credential = credential.map_err(|error| Silence::of(&error))?;
    let text = JSON::stringify(&credential).map_err(|error| Silence::of(&error))?;
    text.as_string().ok_or(Silence::Failed)
}

/// The address that used a passkey in this browser last.
pub fn remembered() -> Option<String> {
    let cookies = document().dyn_into::<HtmlDocument>().ok()?.cookie().ok()?;
    let mut pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
    let (_, email) = pairs.find(|(name, _)| *name == REMEMBERED)?;
    decode_uri_component(email).ok()?.as_string()
}

/// Remembers an address for the next time. Where the browser keeps nothing, it is typed again.
pub fn remember(email: &str) {
    let email = encode_uri_component(email);
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _ = document.set_cookie(&format!(
            "{REMEMBERED}={email}; Path=/; Secure; SameSite=Strict; Max-Age={REMEMBERED_SECONDS}"
        ));
    }
}

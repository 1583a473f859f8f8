//! WebAuthn calls, and the address that used a passkey in this browser last. Only called in the browser.

use crate::ui::messages::passkeys as messages;
use js_sys::{JSON, Object, Reflect, decode_uri_component, encode_uri_component};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, DomException, HtmlDocument};

/// Cookie with the address. Other storage is cleared when a session ends.
const COOKIE: &str = "__Host-passkey";

/// The most that browsers allow.
const COOKIE_SECONDS: u32 = 400 * 86_400;

#[wasm_bindgen]
extern "C" {
    type PublicKeyCredential;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = parseCreationOptionsFromJSON, catch)]
    fn creation_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = parseRequestOptionsFromJSON, catch)]
    fn request_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(static_method_of = PublicKeyCredential, js_name = isConditionalMediationAvailable, catch)]
    async fn supports_conditional_mediation() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = create, catch)]
    async fn create(options: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["navigator", "credentials"], js_name = get, catch)]
    async fn get(options: &JsValue) -> Result<JsValue, JsValue>;
}

/// Why a WebAuthn call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyError {
    /// The user cancelled, there is no passkey, or it timed out: browsers do not say which.
    Declined,
    /// The device already has a passkey for the account.
    AlreadyRegistered,
    /// Another request was started.
    Aborted,
    /// Any other error.
    Failed,
}

impl PasskeyError {
    /// The message for the user.
    pub fn message(self) -> &'static str {
        match self {
            Self::Declined => messages::DECLINED,
            Self::AlreadyRegistered => messages::KNOWN,
            Self::Aborted | Self::Failed => messages::FAILED,
        }
    }

    fn of(error: &JsValue) -> Self {
        let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" => Self::Declined,
            "InvalidStateError" => Self::AlreadyRegistered,
            "AbortError" => Self::Aborted,
            _ => Self::Failed,
        }
    }
}

/// Whether this browser supports passkeys with JSON.
pub fn supports_passkeys() -> bool {
    let constructor = Reflect::get(&window(), &"PublicKeyCredential".into()).unwrap_or_default();
    constructor.is_function()
        && ["parseCreationOptionsFromJSON", "parseRequestOptionsFromJSON"]
            .iter()
            .all(|name| Reflect::get(&constructor, &(*name).into()).is_ok_and(|method| method.is_function()))
}

/// Whether this browser offers passkeys in the autofill of fields.
pub async fn supports_autofill() -> bool {
    PublicKeyCredential::supports_conditional_mediation()
        .await
        .is_ok_and(|supported| supported.is_truthy())
}

/// Creates a passkey.
pub async fn register(options: &str) -> Result<String, PasskeyError> {
    let public_key = parse(options).and_then(|json| PublicKeyCredential::creation_options(&json));
    let request = request_for(&public_key.map_err(|error| PasskeyError::of(&error))?, None);
    to_json(create(&request).await)
}

/// Asks for a passkey. With `autofill` it is only offered in the autofill of fields, until that is aborted.
pub async fn authenticate(options: &str, autofill: Option<&AbortController>) -> Result<String, PasskeyError> {
    let public_key = parse(options).and_then(|json| PublicKeyCredential::request_options(&json));
    let request = request_for(&public_key.map_err(|error| PasskeyError::of(&error))?, autofill);
    to_json(get(&request).await)
}

fn parse(options: &str) -> Result<JsValue, JsValue> {
    JSON::parse(options)
}

fn request_for(public_key: &JsValue, autofill: Option<&AbortController>) -> JsValue {
    let request = Object::new();
    let set = |name: &str, value: &JsValue| {
        // Cannot fail on a plain object.
        let _ = Reflect::set(&request, &name.into(), value);
    };
    set("publicKey", public_key);
    if let Some(controller) = autofill {
        set("mediation", &"conditional".into());
        set("signal", &controller.signal());
    }
    request.into()
}

fn to_json(credential: Result<JsValue, JsValue>) -> Result<String, PasskeyError> {
    let credential = credential.map_err(|error| PasskeyError::of(&error))?;
    let text = JSON::stringify(&credential).map_err(|error| PasskeyError::of(&error))?;
    text.as_string().ok_or(PasskeyError::Failed)
}

/// The address that used a passkey in this browser last.
pub fn remembered_email() -> Option<String> {
    let cookies = document().dyn_into::<HtmlDocument>().ok()?.cookie().ok()?;
    let mut pairs = cookies.split("; ").filter_map(|pair| pair.split_once('='));
    let (_, email) = pairs.find(|(name, _)| *name == COOKIE)?;
    decode_uri_component(email).ok()?.as_string()
}

/// Remembers an address for the next time. Browsers may refuse the cookie; then it has to be typed again.
pub fn remember_email(email: &str) {
    let email = encode_uri_component(email);
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _ = document.set_cookie(&format!(
            "{COOKIE}={email}; Path=/; Secure; SameSite=Strict; Max-Age={COOKIE_SECONDS}"
        ));
    }
}

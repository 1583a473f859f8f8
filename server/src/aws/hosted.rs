//! Cognito's hosted pages, where other providers prove who somebody is: OpenID Connect by code and PKCE.

use crate::failure::{Failure, While};
use crate::secrets;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use model::refusals::Refusal;
use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::time::timeout;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most bytes of an answer: tokens and keys are a few thousand.
const ANSWER_BYTES: usize = 64 * 1024;

/// Seconds that clocks may differ by.
const LEEWAY: u64 = 30;

type Sent = Full<Cursor<Vec<u8>>>;

/// What the setting `federation` says.
#[derive(Clone, Deserialize)]
struct Setup {
    /// The providers, as the user pool names them.
    providers: Vec<String>,
    /// The user pool's client.
    client: String,
    /// Origin of the hosted pages.
    address: String,
    /// Who issues the tokens.
    issuer: String,
}

/// The hosted pages.
#[derive(Clone)]
pub struct Hosted {
    setup: Setup,
    callback: String,
    http: Client<HttpsConnector<HttpConnector>, Sent>,
    keys: Arc<RwLock<JwkSet>>,
}

/// What a browser takes along, and brings back.
pub struct Errand<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Comes back with the code.
    pub state: &'a str,
    /// Comes back in the token.
    pub nonce: &'a str,
    /// Shows, when the code is exchanged, that it is the same errand.
    pub verifier: &'a str,
}

/// Somebody whom a provider knows.
#[derive(Debug)]
pub struct Known {
    /// The provider.
    pub provider: String,
    /// Who they are there.
    pub subject: String,
    /// What the user pool calls the user that it made for them.
    pub username: String,
    /// Their address, where the provider said one.
    pub email: Option<String>,
    /// Whether the provider says that the address was proved.
    pub email_proved: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What the ID token says beside what is registered.
#[derive(Deserialize)]
struct Claims {
    nonce: String,
    token_use: String,
    #[serde(rename = "cognito:username")]
    username: String,
    email: Option<String>,
    /// Cognito maps attributes as text.
    #[serde(default)]
    email_verified: Value,
    /// Where the user pool's own users have none.
    #[serde(default)]
    identities: Vec<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    user_id: String,
    provider_name: String,
}

impl Hosted {
    /// Reads the setting; there are no hosted pages where it says `none`.
    pub(super) fn new(setting: &str, site: &str) -> Result<Option<Self>, Failure> {
        if setting == "none" {
            return Ok(None);
        }
        let setup: Setup = serde_json::from_str(setting).while_doing("read the setting `federation`")?;
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .while_doing("read the system's certificates")?
            // The address is a setting; at home it is plain HTTP.
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Some(Self {
            setup,
            callback: format!("{site}/sign-in/from"),
            http: Client::builder(TokioExecutor::new()).build(connector),
            keys: Arc::new(RwLock::new(JwkSet { keys: Vec::new() })),
        }))
    }

    /// The providers.
    pub fn providers(&self) -> &[String] {
        &self.setup.providers
    }

    /// Where a browser goes on its errand.
    pub fn address(&self, errand: &Errand<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(errand.verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &self.setup.client),
                ("redirect_uri", &self.callback),
                ("scope", "openid email profile"),
                ("state", errand.state),
                ("nonce", errand.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                ("identity_provider", errand.provider),
            ])
            .finish();
        format!("{}/oauth2/authorize?{query}", self.setup.address)
    }

    /// Who came back from an errand with this code.
    ///
    /// # Errors
    /// [`Refusal::ProviderTooLate`] for a code that is of no use, or not this errand's.
    pub async fn who(&self, code: &str, errand: &Errand<'_>) -> Result<Known, Failure> {
        let token = self.exchange(code, errand.verifier).await?;
        let claims = self.verified(&token).await?;
        let untrue = |what: &str| Failure::broken("believe an ID token", what);
        if claims.token_use != "id" || !secrets::same(&claims.nonce, errand.nonce) {
            return Err(untrue("it is of another use, or of another errand"));
        }
        let mut identities = claims.identities.into_iter();
        let identity = identities.find(|identity| identity.provider_name == errand.provider);
        let identity = identity.ok_or_else(|| untrue("it names no user of that provider"))?;
        Ok(Known {
            provider: identity.provider_name,
            subject: identity.user_id,
            username: claims.username,
            email: claims.email,
            email_proved: claims.email_verified == Value::Bool(true) || claims.email_verified == "true",
        })
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Result<String, Failure> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("client_id", &self.setup.client),
                ("redirect_uri", &self.callback),
                ("code", code),
                ("code_verifier", verifier),
            ])
            .finish();
        let request = Request::post(format!("{}/oauth2/token", self.setup.address))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Cursor::new(form.into_bytes())));
        match self.ask(request).await? {
            (StatusCode::OK, body) => {
                let tokens: Tokens = serde_json::from_slice(&body).while_doing("read tokens")?;
                Ok(tokens.id_token)
            }
            (StatusCode::BAD_REQUEST, body) if says_invalid_grant(&body) => Err(Refusal::ProviderTooLate.into()),
            (status, _) => Err(Failure::broken(
                "exchange a code",
                format!("the hosted pages answered {status}"),
            )),
        }
    }

    /// What a token says, if the issuer signed it for us and it has not ended.
    async fn verified(&self, token: &str) -> Result<Claims, Failure> {
        const WHAT: &str = "believe an ID token";
        let kid = jsonwebtoken::decode_header(token).while_doing(WHAT)?.kid;
        let kid = kid.ok_or_else(|| Failure::broken(WHAT, "it names no key"))?;
        let key = DecodingKey::from_jwk(&self.key(&kid).await?).while_doing(WHAT)?;
        let mut wanted = Validation::new(Algorithm::RS256);
        wanted.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        wanted.set_issuer(&[&self.setup.issuer]);
        wanted.set_audience(&[&self.setup.client]);
        wanted.leeway = LEEWAY;
        let token = jsonwebtoken::decode::<Claims>(token, &key, &wanted).while_doing(WHAT)?;
        Ok(token.claims)
    }

    /// The issuer's key of this name. Keys are asked for again when one is not among them: they are changed now and then.
    /// Tokens come from the hosted pages alone, so no stranger can have them asked for.
    async fn key(&self, kid: &str) -> Result<Jwk, Failure> {
        if let Some(key) = self.keys.read().await.find(kid) {
            return Ok(key.clone());
        }
        let request = Request::get(format!("{}/.well-known/jwks.json", self.setup.issuer)).body(Sent::default());
        let (status, body) = self.ask(request).await?;
        if status != StatusCode::OK {
            return Err(Failure::broken("read the issuer's keys", status));
        }
        let keys: JwkSet = serde_json::from_slice(&body).while_doing("read the issuer's keys")?;
        let key = keys.find(kid).cloned();
        *self.keys.write().await = keys;
        key.ok_or_else(|| Failure::broken("believe an ID token", "its key is not the issuer's"))
    }

    async fn ask(&self, request: http::Result<Request<Sent>>) -> Result<(StatusCode, Vec<u8>), Failure> {
        const WHAT: &str = "ask the hosted pages";
        let answer = async {
            let answer: Response<_> = self.http.request(request.while_doing(WHAT)?).await.while_doing(WHAT)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
            let body = body.map_err(|error| Failure::broken(WHAT, error))?;
            Ok((status, body.to_bytes().to_vec()))
        };
        timeout(PATIENCE, answer).await.while_doing(WHAT)?
    }
}

/// RFC 6749, 5.2: a code that is too old, was used, or was given for something else.
fn says_invalid_grant(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|said| said["error"] == "invalid_grant")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_without_providers_has_no_hosted_pages() {
        assert!(Hosted::new("none", "https://here.example").is_ok_and(|hosted| hosted.is_none()));
        assert!(Hosted::new("", "https://here.example").is_err());
    }

    #[test]
    fn a_verifier_is_not_told_before_its_time() {
        let setting = r#"{"providers":["Google"],"client":"c","address":"https://a.example","issuer":"https://i.example"}"#;
        let hosted = Hosted::new(setting, "https://here.example")
            .ok()
            .flatten()
            .expect("hosted pages");
        let errand = Errand {
            provider: "Google",
            state: "s",
            nonce: "n",
            // RFC 7636, appendix B.
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        };
        let address = hosted.address(&errand);
        assert!(address.starts_with("https://a.example/oauth2/authorize?response_type=code&client_id=c&"));
        assert!(address.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert!(!address.contains("dBjftJeZ4CVP"));
    }
}

//! Federated sign-in by Cognito's hosted pages: OpenID Connect, authorization code flow with PKCE.

use crate::error::{AppError, Context};
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
use model::user_error::UserError;
use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;
use tokio::time::timeout;

/// The timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The largest response body: tokens and keys have a few thousand bytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// The operation that errors of an ID token name.
const VERIFY: &str = "verify an ID token";

/// Tolerated clock skew in seconds.
const LEEWAY: u64 = 30;

type RequestBody = Full<Cursor<Vec<u8>>>;

/// The setting `federation`.
#[derive(Clone, Deserialize)]
struct Config {
    /// The providers, as the user pool names them.
    providers: Vec<String>,
    /// The user pool's client.
    client: String,
    /// Origin of the hosted pages.
    address: String,
    /// Issuer of the tokens.
    issuer: String,
}

/// The hosted pages.
#[derive(Clone)]
pub struct Hosted {
    config: Config,
    callback: String,
    http: Client<HttpsConnector<HttpConnector>, RequestBody>,
    keys: Arc<RwLock<JwkSet>>,
}

/// An OAuth sign-in attempt: what the browser sends to the provider, and what must come back.
pub struct OAuthAttempt<'a> {
    /// The provider.
    pub provider: &'a str,
    /// Returned with the code, against CSRF.
    pub state: &'a str,
    /// Returned in the token, against replay.
    pub nonce: &'a str,
    /// The PKCE code verifier.
    pub verifier: &'a str,
}

/// A user that a provider authenticated.
#[derive(Debug)]
pub struct ProviderUser {
    /// The provider.
    pub provider: String,
    /// The provider's identifier of the user.
    pub subject: String,
    /// The username that the user pool created for them.
    pub username: String,
    /// Their mail address, if the provider sent one.
    pub email: Option<String>,
    /// Whether the provider verified the address.
    pub email_proved: bool,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// Claims of the ID token besides the registered ones.
#[derive(Deserialize)]
struct Claims {
    nonce: String,
    token_use: String,
    #[serde(rename = "cognito:username")]
    username: String,
    email: Option<String>,
    /// Cognito may map it as text.
    #[serde(default)]
    email_verified: Value,
    /// Empty for the user pool's own users.
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
    /// Parses the setting; `none` turns federated sign-in off.
    pub(super) fn new(setting: &str, site: &str) -> Result<Option<Self>, AppError> {
        if setting == "none" {
            return Ok(None);
        }
        let config: Config = serde_json::from_str(setting).context("read the setting `federation`")?;
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(aws_lc_rs::default_provider())
            .context("read the system's certificates")?
            // The local cloud's hosted pages use plain HTTP.
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Some(Self {
            config,
            callback: format!("{site}/sign-in/from"),
            http: Client::builder(TokioExecutor::new()).build(connector),
            keys: Arc::new(RwLock::new(JwkSet { keys: Vec::new() })),
        }))
    }

    /// The providers.
    pub fn providers(&self) -> &[String] {
        &self.config.providers
    }

    /// The authorization URL of an attempt.
    pub fn address(&self, attempt: &OAuthAttempt<'_>) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &self.config.client),
                ("redirect_uri", &self.callback),
                ("scope", "openid email profile"),
                ("state", attempt.state),
                ("nonce", attempt.nonce),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                ("identity_provider", attempt.provider),
            ])
            .finish();
        format!("{}/oauth2/authorize?{query}", self.config.address)
    }

    /// Exchanges the code of an attempt and returns the authenticated user.
    ///
    /// # Errors
    /// [`UserError::ProviderTooLate`] for a code that expired, was used, or is of another attempt.
    pub async fn fetch_user(&self, code: &str, attempt: &OAuthAttempt<'_>) -> Result<ProviderUser, AppError> {
        let token = self.exchange(code, attempt.verifier).await?;
        let claims = self.verify(&token).await?;
        let invalid = |reason: &str| AppError::internal(VERIFY, reason);
        if claims.token_use != "id" || !secrets::same(&claims.nonce, attempt.nonce) {
            return Err(invalid("it has another use or nonce"));
        }
        let mut identities = claims.identities.into_iter();
        let identity = identities.find(|identity| identity.provider_name == attempt.provider);
        let identity = identity.ok_or_else(|| invalid("it names no user of that provider"))?;
        Ok(ProviderUser {
            provider: identity.provider_name,
            subject: identity.user_id,
            username: claims.username,
            email: claims.email,
            email_proved: claims.email_verified == Value::Bool(true) || claims.email_verified == "true",
        })
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Result<String, AppError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("client_id", &self.config.client),
                ("redirect_uri", &self.callback),
                ("code", code),
                ("code_verifier", verifier),
            ])
            .finish();
        let request = Request::post(format!("{}/oauth2/token", self.config.address))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(Cursor::new(form.into_bytes())));
        match self.send(request).await? {
            (StatusCode::OK, body) => {
                let tokens: Tokens = serde_json::from_slice(&body).context("read tokens")?;
                Ok(tokens.id_token)
            }
            (StatusCode::BAD_REQUEST, body) if is_invalid_grant(&body) => Err(UserError::ProviderTooLate.into()),
            (status, _) => Err(AppError::internal(
                "exchange a code",
                format!("the hosted pages responded {status}"),
            )),
        }
    }

    /// Verifies signature, issuer, audience and expiry of a token, and returns its claims.
    async fn verify(&self, token: &str) -> Result<Claims, AppError> {
        let kid = jsonwebtoken::decode_header(token).context(VERIFY)?.kid;
        let kid = kid.ok_or_else(|| AppError::internal(VERIFY, "it has no key id"))?;
        let key = DecodingKey::from_jwk(&self.key(&kid).await?).context(VERIFY)?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.config.issuer]);
        validation.set_audience(&[&self.config.client]);
        validation.leeway = LEEWAY;
        let token = jsonwebtoken::decode::<Claims>(token, &key, &validation).context(VERIFY)?;
        Ok(token.claims)
    }

    /// The issuer's key of this id. A cache miss fetches the key set again, as keys are rotated. Tokens come only from the hosted pages,
    /// so clients cannot force such requests.
    async fn key(&self, kid: &str) -> Result<Jwk, AppError> {
        if let Some(key) = self.keys.read().await.find(kid) {
            return Ok(key.clone());
        }
        let request = Request::get(format!("{}/.well-known/jwks.json", self.config.issuer)).body(RequestBody::default());
        let (status, body) = self.send(request).await?;
        if status != StatusCode::OK {
            return Err(AppError::internal("read the issuer's keys", status));
        }
        let keys: JwkSet = serde_json::from_slice(&body).context("read the issuer's keys")?;
        let key = keys.find(kid).cloned();
        *self.keys.write().await = keys;
        key.ok_or_else(|| AppError::internal(VERIFY, "the issuer has no key of that id"))
    }

    async fn send(&self, request: http::Result<Request<RequestBody>>) -> Result<(StatusCode, Vec<u8>), AppError> {
        const CONTEXT: &str = "send a request to the hosted pages";
        let exchange = async {
            let response: Response<_> = self.http.request(request.context(CONTEXT)?).await.context(CONTEXT)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_RESPONSE_BYTES).collect().await;
            let body = body.map_err(|error| AppError::internal(CONTEXT, error))?;
            Ok((status, body.to_bytes().to_vec()))
        };
        timeout(TIMEOUT, exchange).await.context(CONTEXT)?
    }
}

/// RFC 6749, 5.2: the code expired, was used, or was issued for something else.
fn is_invalid_grant(body: &[u8]) -> bool {
    serde_json::from_slice::<Value>(body).is_ok_and(|body| body["error"] == "invalid_grant")
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
    fn the_authorization_url_has_the_challenge_and_not_the_verifier() {
        let setting = r#"{"providers":["Google"],"client":"c","address":"https://a.example","issuer":"https://i.example"}"#;
        let hosted = Hosted::new(setting, "https://here.example")
            .ok()
            .flatten()
            .expect("hosted pages");
        let attempt = OAuthAttempt {
            provider: "Google",
            state: "s",
            nonce: "n",
            // RFC 7636, appendix B.
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        };
        let address = hosted.address(&attempt);
        assert!(address.starts_with("https://a.example/oauth2/authorize?response_type=code&client_id=c&"));
        assert!(address.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert!(!address.contains("dBjftJeZ4CVP"));
    }
}

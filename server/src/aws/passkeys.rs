//! Passkeys in the user pool: WebAuthn challenges and responses are passed through as JSON.

use super::identity::{Identity, SignInOutcome};
use super::sdk_error;
use crate::error::{AppError, Context};
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ChallengeNameType};
use aws_smithy_types::{Document, Number};
use model::user_error::UserError;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::error::Error;

/// A WebAuthn challenge.
pub struct Challenge {
    /// `PublicKeyCredentialRequestOptionsJSON`.
    pub options: Value,
    /// The pool's session, to be sent with the response.
    pub session: String,
}

impl Identity {
    /// Requests a challenge for an address; none if the address is unknown or has no passkey.
    pub async fn passkey_challenge(&self, email: &str) -> Result<Option<Challenge>, AppError> {
        let request = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("SECRET_HASH", self.secret_hash(email).await?)
            .auth_parameters("PREFERRED_CHALLENGE", "WEB_AUTHN");
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if is_unknown(&error) => return Ok(None),
            Err(error) => return Err(user_or_internal_error("request a passkey challenge", error)),
        };
        if response.challenge_name != Some(ChallengeNameType::WebAuthn) {
            return Ok(None);
        }
        let mut parameters = response.challenge_parameters.unwrap_or_default();
        let options = parameters.remove("CREDENTIAL_REQUEST_OPTIONS").unwrap_or_default();
        Ok(Some(Challenge {
            options: serde_json::from_str(&options).context("parse a passkey challenge")?,
            session: response.session.unwrap_or_default(),
        }))
    }

    /// Authenticates a user by the response of their passkey.
    ///
    /// # Errors
    /// [`UserError::WrongPasskey`].
    pub async fn sign_in_with_passkey(&self, email: &str, session: &str, credential: &Value) -> Result<SignInOutcome, AppError> {
        let username = self.username(email).await?;
        let request = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.client_id)
            .challenge_name(ChallengeNameType::WebAuthn)
            .session(session)
            .challenge_responses("SECRET_HASH", self.secret_hash(&username).await?)
            .challenge_responses("USERNAME", username)
            .challenge_responses("CREDENTIAL", credential.to_string());
        let response = request
            .send()
            .await
            .map_err(|error| user_or_internal_error("verify a passkey", error))?;
        match (response.authentication_result, response.challenge_name) {
            (Some(result), _) => Ok(SignInOutcome::SignedIn(self.user_of(result).await?)),
            (None, Some(ChallengeNameType::SoftwareTokenMfa)) => Ok(SignInOutcome::SecondStep {
                challenge: response.session.unwrap_or_default(),
            }),
            (None, challenge) => Err(AppError::internal(
                "verify a passkey",
                format!("the user pool asks for {challenge:?}"),
            )),
        }
    }

    /// An access token by address, password and, if there is a second step, its code. Passkeys are managed with it.
    ///
    /// # Errors
    /// [`UserError::WrongSecondCode`], also if a code is missing.
    pub async fn token(&self, email: &str, password: &str, code: Option<&str>) -> Result<String, AppError> {
        let (result, challenge) = self.initiate(email, password).await?;
        let token = match (result, code) {
            (Some(result), _) => result.access_token,
            (None, None) => return Err(UserError::WrongSecondCode.into()),
            (None, Some(code)) => self.respond_second_step(email, &challenge, code).await?.access_token,
        };
        token.ok_or_else(|| AppError::internal("sign in", "the user pool returned no token"))
    }

    /// Begins to register a passkey; returns `PublicKeyCredentialCreationOptionsJSON`.
    pub async fn begin_passkey(&self, token: &str) -> Result<Value, AppError> {
        let begin = self.client.start_web_authn_registration().access_token(token).send().await;
        let begun = begin.map_err(|error| user_or_internal_error("begin to register a passkey", error))?;
        Ok(value(begun.credential_creation_options))
    }

    /// Registers the passkey that a browser created.
    ///
    /// # Errors
    /// [`UserError::WrongPasskey`], [`UserError::SignInAgain`].
    pub async fn add_passkey(&self, token: &str, credential: Value) -> Result<(), AppError> {
        let add = self.client.complete_web_authn_registration().access_token(token);
        let added = add.credential(document(credential)).send().await;
        added
            .map(drop)
            .map_err(|error| user_or_internal_error("register a passkey", error))
    }

    /// Deletes a passkey; a missing one is no error.
    pub async fn remove_passkey(&self, token: &str, id: &str) -> Result<(), AppError> {
        let remove = self.client.delete_web_authn_credential().access_token(token);
        match remove.credential_id(id).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(()),
            Err(error) => Err(sdk_error("delete a passkey")(error)),
        }
    }
}

fn is_unknown<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    matches!(
        error.code(),
        Some("UserNotFoundException" | "NotAuthorizedException" | "UserNotConfirmedException" | "InvalidParameterException")
    )
}

fn user_or_internal_error<E, R>(what: &'static str, error: SdkError<E, R>) -> AppError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
    SdkError<E, R>: Error,
{
    match error.code().unwrap_or_default() {
        "NotAuthorizedException"
        | "CodeMismatchException"
        | "InvalidParameterException"
        | "WebAuthnClientMismatchException"
        | "WebAuthnCredentialNotSupportedException"
        | "WebAuthnOriginNotAllowedException"
        | "WebAuthnRelyingPartyMismatchException" => UserError::WrongPasskey.into(),
        "WebAuthnChallengeNotFoundException" | "ExpiredCodeException" => UserError::SignInAgain.into(),
        "TooManyRequestsException" | "LimitExceededException" => UserError::TooMany.into(),
        _ => sdk_error(what)(error),
    }
}

/// Converts JSON to the SDK's document type.
fn document(value: Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(bool) => Document::Bool(bool),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => Number::PosInt(whole),
            (None, Some(whole)) => Number::NegInt(whole),
            (None, None) => Number::Float(number.as_f64().unwrap_or_default()),
        }),
        Value::String(text) => Document::String(text),
        Value::Array(values) => Document::Array(values.into_iter().map(document).collect()),
        Value::Object(fields) => {
            let fields: HashMap<_, _> = fields.into_iter().map(|(name, value)| (name, document(value))).collect();
            Document::Object(fields)
        }
    }
}

/// Converts the SDK's document type to JSON.
fn value(document: Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(bool) => bool.into(),
        Document::Number(Number::PosInt(whole)) => whole.into(),
        Document::Number(Number::NegInt(whole)) => whole.into(),
        Document::Number(Number::Float(number)) => number.into(),
        Document::String(text) => text.into(),
        Document::Array(values) => values.into_iter().map(value).collect(),
        Document::Object(fields) => {
            let fields: Map<_, _> = fields.into_iter().map(|(name, field)| (name, value(field))).collect();
            fields.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_round_trips() {
        let json = json!({ "a": [1, -2, 0.5, null, true], "b": { "c": "d" } });
        assert_eq!(value(document(json.clone())), json);
    }
}

//! The user pool: Cognito authenticates users, and nothing more.
//!
//! Self-service sign-up, password resets and attribute changes are off: only this module creates users and sets passwords, after an
//! address was verified by our own code or link. The client that verifies passwords has a secret, which only functions read.

use super::sdk_error;
use crate::error::{AppError, Context};
use crate::secrets;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, AuthenticationResultType, ChallengeNameType, MessageActionType, SoftwareTokenMfaSettingsType,
    UserStatusType,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ids::AccountId;
use model::user_error::UserError;
use std::error::Error;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The user pool.
#[derive(Clone)]
pub struct Identity {
    pub(super) client: Client,
    pool: String,
    pub(super) client_id: String,
    client_secret: Arc<OnceCell<String>>,
}

/// An authenticated user with a verified address.
pub struct VerifiedUser {
    /// The pool's `sub`.
    pub id: AccountId,
    /// The address.
    pub email: String,
}

/// The pool's response to credentials.
pub enum SignInOutcome {
    /// The user is authenticated.
    SignedIn(VerifiedUser),
    /// The credentials are right; the code of an authenticator app is required, too.
    SecondStep {
        /// The pool's session, to be sent with the code.
        challenge: String,
    },
}

/// A second step (TOTP) that is being set up.
pub struct TotpSetup {
    /// The pool's access token of the user.
    pub token: String,
    /// The TOTP secret, in base32.
    pub key: String,
}

impl Identity {
    pub(super) fn new(config: &aws_config::SdkConfig, pool: String, client_id: String) -> Self {
        Self {
            client: Client::new(config),
            pool,
            client_id,
            client_secret: Arc::default(),
        }
    }

    /// Cognito's `SECRET_HASH`, which authenticates the client.
    pub(super) async fn secret_hash(&self, username: &str) -> Result<String, AppError> {
        // Read on first use: most pages do not need it.
        let secret = self.client_secret.get_or_try_init(|| self.read_client_secret()).await?;
        Ok(secret_hash(secret, username, &self.client_id))
    }

    async fn read_client_secret(&self) -> Result<String, AppError> {
        const CONTEXT: &str = "read the secret of the user pool's client";
        let request = self
            .client
            .describe_user_pool_client()
            .user_pool_id(&self.pool)
            .client_id(&self.client_id);
        let client = request.send().await.map_err(sdk_error(CONTEXT))?.user_pool_client;
        let secret = client.and_then(|client| client.client_secret);
        secret.ok_or_else(|| AppError::internal(CONTEXT, "it has none; deploy the stage"))
    }

    /// Sets the password of an authenticated user, by address or identifier.
    pub async fn set_password(&self, username: &str, password: &str) -> Result<(), AppError> {
        let request = self
            .client
            .admin_set_user_password()
            .user_pool_id(&self.pool)
            .username(username)
            .password(password)
            .permanent(true);
        let response = request.send().await;
        response
            .map(drop)
            .map_err(|error| user_or_internal_error("set a password", error))
    }

    /// Creates the user of a verified address, with its password. An existing user gets this password, too: one that somebody else set
    /// before the address was verified must not stay valid.
    pub async fn create_user(&self, email: &str, password: &str) -> Result<(), AppError> {
        let request = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(email)
            .user_attributes(attribute("email", email)?)
            .user_attributes(attribute("email_verified", "true")?)
            .message_action(MessageActionType::Suppress);
        match request.send().await {
            // The pool generated a password that nobody knows.
            Ok(_) => self.set_password(email, password).await,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_username_exists_exception()) => {
                // The password last: after a crash before it, nobody can sign in yet, and a retry does this again.
                self.change(email, &[("email_verified", "true")]).await?;
                self.set_password(email, password).await
            }
            Err(error) => Err(user_or_internal_error("create an account", error)),
        }
    }

    /// Changes the address of a user to another verified one.
    pub async fn change_email(&self, id: &AccountId, email: &str) -> Result<(), AppError> {
        self.change(id.as_str(), &[("email", email), ("email_verified", "true")])
            .await
    }

    async fn change(&self, username: &str, attributes: &[(&str, &str)]) -> Result<(), AppError> {
        let attributes = attributes.iter().map(|(name, value)| attribute(name, value));
        let request = self
            .client
            .admin_update_user_attributes()
            .user_pool_id(&self.pool)
            .username(username)
            .set_user_attributes(Some(attributes.collect::<Result<_, _>>()?));
        let response = request.send().await;
        response
            .map(drop)
            .map_err(|error| user_or_internal_error("change an account", error))
    }

    /// Revokes the refresh tokens of an account's API clients; access tokens expire within minutes.
    pub async fn revoke_tokens(&self, id: &AccountId) -> Result<(), AppError> {
        let request = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.pool)
            .username(id.as_str());
        match request.send().await {
            Ok(_) => Ok(()),
            // Unknown users have no tokens.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => Ok(()),
            Err(error) => Err(sdk_error("revoke an account's tokens")(error)),
        }
    }

    /// Deletes a user, by identifier or username; a missing one is no error.
    pub async fn delete(&self, username: &str) -> Result<(), AppError> {
        let request = self.client.admin_delete_user().user_pool_id(&self.pool).username(username);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => Ok(()),
            Err(error) => Err(sdk_error("delete an account")(error)),
        }
    }

    /// Whether an address has a user that can sign in.
    pub async fn user_exists(&self, email: &str) -> Result<bool, AppError> {
        match self
            .client
            .admin_get_user()
            .user_pool_id(&self.pool)
            .username(email)
            .send()
            .await
        {
            Ok(user) => Ok(user.user_status.is_some_and(|status| !without_password(&status))),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => Ok(false),
            Err(error) => Err(sdk_error("look up an address")(error)),
        }
    }

    /// The user of an address.
    pub async fn user(&self, email: &str) -> Result<VerifiedUser, AppError> {
        let request = self.client.admin_get_user().user_pool_id(&self.pool).username(email);
        let user = request.send().await.map_err(sdk_error("read an account"))?;
        read(user.user_attributes())
    }

    /// The username of an address. Responses to challenges, and their `SECRET_HASH`, must use it.
    pub(super) async fn username(&self, email: &str) -> Result<String, AppError> {
        let request = self.client.admin_get_user().user_pool_id(&self.pool).username(email);
        let user = request.send().await;
        user.map(|user| user.username)
            .map_err(|error| user_or_internal_error("look up an address", error))
    }

    /// Authenticates a user by address and password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<SignInOutcome, AppError> {
        match self.initiate(email, password).await? {
            (Some(result), _) => Ok(SignInOutcome::SignedIn(self.user_of(result).await?)),
            (None, challenge) => Ok(SignInOutcome::SecondStep { challenge }),
        }
    }

    /// Verifies address and password; returns the session of the second step, if one is required.
    ///
    /// # Errors
    /// [`UserError::WrongCredentials`] when they do not match.
    pub async fn verify_password(&self, email: &str, password: &str) -> Result<Option<String>, AppError> {
        let (result, challenge) = self.initiate(email, password).await?;
        Ok(result.is_none().then_some(challenge))
    }

    /// Authenticates a user by the code of an authenticator app, after address and password.
    pub async fn verify_second_step(&self, email: &str, challenge: &str, code: &str) -> Result<VerifiedUser, AppError> {
        let result = self.respond_second_step(email, challenge, code).await?;
        self.user_of(result).await
    }

    /// The pool's tokens for the code of an authenticator app.
    pub(super) async fn respond_second_step(
        &self,
        email: &str,
        challenge: &str,
        code: &str,
    ) -> Result<AuthenticationResultType, AppError> {
        let username = self.username(email).await?;
        let request = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.client_id)
            .challenge_name(ChallengeNameType::SoftwareTokenMfa)
            .session(challenge)
            .challenge_responses("SECRET_HASH", self.secret_hash(&username).await?)
            .challenge_responses("USERNAME", username)
            .challenge_responses("SOFTWARE_TOKEN_MFA_CODE", code);
        let response = request
            .send()
            .await
            .map_err(|error| user_or_internal_error("verify a second step", error))?;
        response
            .authentication_result
            .ok_or_else(|| AppError::internal("verify a second step", "the user pool asks for a third"))
    }

    /// Begins to set up a second step for a user who has none, by address and password.
    pub async fn begin_totp_setup(&self, email: &str, password: &str) -> Result<TotpSetup, AppError> {
        let (result, _) = self.initiate(email, password).await?;
        // No token means that a second step is required, so there is one already.
        let token = result.and_then(|result| result.access_token).ok_or(UserError::Malformed)?;
        let response = self.client.associate_software_token().access_token(&token).send().await;
        let key = response.map_err(sdk_error("create a TOTP secret"))?.secret_code;
        let key = key.ok_or_else(|| AppError::internal("create a TOTP secret", "the user pool returned none"))?;
        Ok(TotpSetup { token, key })
    }

    /// Turns the second step on, after a code shows that the app has the secret.
    pub async fn finish_totp_setup(&self, token: &str, code: &str) -> Result<AccountId, AppError> {
        let request = self.client.verify_software_token().access_token(token).user_code(code);
        let response = request.send().await;
        response.map_err(|error| user_or_internal_error("verify a second step", error))?;
        let user = self.client.get_user().access_token(token).send().await;
        let id = read(user.map_err(sdk_error("read who signed in"))?.user_attributes())?.id;
        self.require_second_step(&id, true).await?;
        Ok(id)
    }

    /// Turns the second step on or off.
    pub async fn require_second_step(&self, id: &AccountId, required: bool) -> Result<(), AppError> {
        let settings = SoftwareTokenMfaSettingsType::builder()
            .enabled(required)
            .preferred_mfa(required)
            .build();
        let request = self
            .client
            .admin_set_user_mfa_preference()
            .user_pool_id(&self.pool)
            .username(id.as_str())
            .software_token_mfa_settings(settings);
        request.send().await.map(drop).map_err(sdk_error("change the second step"))
    }

    /// The pool's response to address and password: tokens, or the session of a second step.
    pub(super) async fn initiate(
        &self,
        email: &str,
        password: &str,
    ) -> Result<(Option<AuthenticationResultType>, String), AppError> {
        let request = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("SECRET_HASH", self.secret_hash(email).await?)
            .auth_parameters("PASSWORD", password);
        let response = request
            .send()
            .await
            .map_err(|error| user_or_internal_error("sign in", error))?;
        match (response.authentication_result, response.challenge_name) {
            (Some(result), _) => Ok((Some(result), String::new())),
            (None, Some(ChallengeNameType::SoftwareTokenMfa)) => Ok((None, response.session.unwrap_or_default())),
            (None, challenge) => Err(AppError::internal("sign in", format!("the user pool asks for {challenge:?}"))),
        }
    }

    pub(super) async fn user_of(&self, result: AuthenticationResultType) -> Result<VerifiedUser, AppError> {
        let token = result.access_token.unwrap_or_default();
        let user = self.client.get_user().access_token(token).send().await;
        read(user.map_err(sdk_error("read who signed in"))?.user_attributes())
    }
}

/// Whether a user has not set a password yet.
fn without_password(status: &UserStatusType) -> bool {
    matches!(status, UserStatusType::Unconfirmed | UserStatusType::ForceChangePassword)
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, AppError> {
    let attribute = AttributeType::builder().name(name).value(value).build();
    attribute.map_err(sdk_error("build an attribute"))
}

/// Cognito's `SECRET_HASH`.
fn secret_hash(secret: &str, username: &str, client_id: &str) -> String {
    STANDARD.encode(secrets::mac(secret, &format!("{username}{client_id}")))
}

/// The user of a list of pool attributes. One without a verified address is refused.
fn read(attributes: &[AttributeType]) -> Result<VerifiedUser, AppError> {
    let attribute = |name: &str| {
        let found = attributes.iter().find(|a| a.name == name);
        found.and_then(|a| a.value.clone()).unwrap_or_default()
    };
    if attribute("email_verified") != "true" {
        return Err(UserError::WrongCredentials.into());
    }
    Ok(VerifiedUser {
        id: AccountId::try_from(attribute("sub")).context("read who signed in")?,
        email: attribute("email"),
    })
}

/// Maps the user pool's errors to those that the user can fix, or else to an internal error.
fn user_or_internal_error<E, R>(what: &'static str, error: SdkError<E, R>) -> AppError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
    SdkError<E, R>: Error,
{
    let user_error = match (what, error.as_service_error().and_then(|e| e.code()).unwrap_or_default()) {
        // Unconfirmed users are left from self-service sign-up, which is off now: their password is not their owner's.
        ("sign in", "NotAuthorizedException" | "UserNotFoundException" | "UserNotConfirmedException") => {
            UserError::WrongCredentials
        }
        ("verify a second step", "CodeMismatchException" | "EnableSoftwareTokenMFAException") => UserError::WrongSecondCode,
        ("verify a second step", "NotAuthorizedException" | "ExpiredCodeException") => UserError::SignInAgain,
        // Unknown addresses get the same error as a wrong code, so that accounts cannot be enumerated.
        (_, "UserNotFoundException" | "NotAuthorizedException" | "AliasExistsException") => UserError::WrongCode,
        (_, "InvalidPasswordException") => UserError::WeakPassword,
        (_, "InvalidParameterException") => UserError::Malformed,
        (_, "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException") => UserError::TooMany,
        _ => return sdk_error(what)(error),
    };
    user_error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(email_verified: Option<&str>) -> Vec<AttributeType> {
        let verified = email_verified.map(|value| ("email_verified", value));
        let all = [("sub", "0190c9f0-5b1e-7c3a-8d2f-0000000000aa"), ("email", "ada@example.org")];
        let attributes = all.into_iter().chain(verified).map(|(name, value)| attribute(name, value));
        attributes.collect::<Result<_, _>>().expect("attributes")
    }

    #[test]
    fn an_unverified_address_is_refused() {
        let verified = read(&user(Some("true"))).expect("somebody");
        assert_eq!(verified.email, "ada@example.org");
        for unproved in [Some("false"), Some(""), Some("True"), None] {
            assert!(
                matches!(read(&user(unproved)), Err(AppError::User(UserError::WrongCredentials))),
                "{unproved:?}"
            );
        }
    }

    #[test]
    fn a_secret_hash_is_computed_as_cognito_does() {
        // HMAC-SHA256 over the name and the client's identifier, in base64: computed with Python's `hmac`.
        assert_eq!(
            secret_hash("a secret", "ada@example.org", "client"),
            "LvzhgUuawSap///m/Oj08tHcTHcbZ+3qVTsqpDuhbB0="
        );
    }
}

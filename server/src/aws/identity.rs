//! The user pool: Cognito proves who somebody is, and nothing more.
//!
//! It lets nobody sign up, reset a password or change an attribute by themselves: users are made and their passwords set here alone,
//! for who proved an address by a code or a link of ours. The client that passwords are proved by has a secret, which only functions read.

use super::broken;
use crate::failure::{Failure, While};
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
use model::refusals::Refusal;
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

/// Somebody who proved an address.
pub struct Proven {
    /// The pool's `sub`.
    pub id: AccountId,
    /// The address.
    pub email: String,
}

/// What the pool says to address and password.
pub enum Answer {
    /// That is all it asks for.
    Proven(Proven),
    /// They belong together; now it wants the code of an authenticator app.
    SecondStep {
        /// What it wants to see again with the code.
        challenge: String,
    },
}

/// A second step that is being set up.
pub struct Enrolment {
    /// The pool's token of who set it up.
    pub token: String,
    /// The key for the app, in base32.
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

    /// What shows the pool that a question about somebody comes from who has the client's secret.
    pub(super) async fn secret_hash(&self, username: &str) -> Result<String, Failure> {
        // Read when it is first used: most pages need none.
        let secret = self.client_secret.get_or_try_init(|| self.read_client_secret()).await?;
        Ok(secret_hash(secret, username, &self.client_id))
    }

    async fn read_client_secret(&self) -> Result<String, Failure> {
        const WHAT: &str = "read the secret of the user pool's client";
        let request = self
            .client
            .describe_user_pool_client()
            .user_pool_id(&self.pool)
            .client_id(&self.client_id);
        let client = request.send().await.map_err(broken(WHAT))?.user_pool_client;
        let secret = client.and_then(|client| client.client_secret);
        secret.ok_or_else(|| Failure::broken(WHAT, "it has none; deploy the stage"))
    }

    /// Sets the password of somebody who proved who they are, by address or identifier.
    pub async fn set_password(&self, who: &str, password: &str) -> Result<(), Failure> {
        let request = self
            .client
            .admin_set_user_password()
            .user_pool_id(&self.pool)
            .username(who)
            .password(password)
            .permanent(true);
        let answer = request.send().await;
        answer.map(drop).map_err(|error| refused_or_broken("set a password", error))
    }

    /// Makes the user of an address that is proved, with its password. Where there is one, that gets the password: none that somebody
    /// else might have set before the address was proved is left.
    pub async fn admit(&self, email: &str, password: &str) -> Result<(), Failure> {
        let request = self
            .client
            .admin_create_user()
            .user_pool_id(&self.pool)
            .username(email)
            .user_attributes(attribute("email", email)?)
            .user_attributes(attribute("email_verified", "true")?)
            .message_action(MessageActionType::Suppress);
        match request.send().await {
            // The pool gave it a password that nobody knows.
            Ok(_) => self.set_password(email, password).await,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_username_exists_exception()) => {
                // The password last: cut off before it, nobody is known yet, and this is done again.
                self.change(email, &[("email_verified", "true")]).await?;
                self.set_password(email, password).await
            }
            Err(error) => Err(refused_or_broken("make an account", error)),
        }
    }

    /// Moves somebody to another address, which is proved.
    pub async fn move_to(&self, id: &AccountId, email: &str) -> Result<(), Failure> {
        self.change(id.as_str(), &[("email", email), ("email_verified", "true")])
            .await
    }

    async fn change(&self, who: &str, attributes: &[(&str, &str)]) -> Result<(), Failure> {
        let attributes = attributes.iter().map(|(name, value)| attribute(name, value));
        let request = self
            .client
            .admin_update_user_attributes()
            .user_pool_id(&self.pool)
            .username(who)
            .set_user_attributes(Some(attributes.collect::<Result<_, _>>()?));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| refused_or_broken("change an account", error))
    }

    /// Ends what programs hold of an account: no token is renewed any more, and those that are out last minutes.
    pub async fn end_programs(&self, id: &AccountId) -> Result<(), Failure> {
        let request = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.pool)
            .username(id.as_str());
        match request.send().await {
            Ok(_) => Ok(()),
            // Whom the pool does not know holds nothing of it.
            Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => Ok(()),
            Err(error) => Err(broken("end an account's programs")(error)),
        }
    }

    /// Forgets somebody for good, by identifier or by the pool's name for them; they need not be there.
    pub async fn delete(&self, who: &str) -> Result<(), Failure> {
        let request = self.client.admin_delete_user().user_pool_id(&self.pool).username(who);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => Ok(()),
            Err(error) => Err(broken("delete an account")(error)),
        }
    }

    /// Whether an address has an account that can be signed in to.
    pub async fn knows(&self, email: &str) -> Result<bool, Failure> {
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
            Err(error) => Err(broken("look for an address")(error)),
        }
    }

    /// The account of an address.
    pub async fn account(&self, email: &str) -> Result<Proven, Failure> {
        let request = self.client.admin_get_user().user_pool_id(&self.pool).username(email);
        let user = request.send().await.map_err(broken("read an account"))?;
        read(user.user_attributes())
    }

    /// The name that the pool gave the user of an address. It wants its challenges answered under this one, and `SECRET_HASH` made of it.
    pub(super) async fn name(&self, email: &str) -> Result<String, Failure> {
        let request = self.client.admin_get_user().user_pool_id(&self.pool).username(email);
        let user = request.send().await;
        user.map(|user| user.username)
            .map_err(|error| refused_or_broken("look for an address", error))
    }

    /// Proves who somebody is by address and password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Answer, Failure> {
        match self.initiate(email, password).await? {
            (Some(result), _) => Ok(Answer::Proven(self.whose(result).await?)),
            (None, challenge) => Ok(Answer::SecondStep { challenge }),
        }
    }

    /// Proves that address and password belong together; answers what the second step wants to see again with its code, where one
    /// is asked for.
    ///
    /// # Errors
    /// [`Refusal::WrongCredentials`] when they do not.
    pub async fn prove(&self, email: &str, password: &str) -> Result<Option<String>, Failure> {
        let (result, challenge) = self.initiate(email, password).await?;
        Ok(result.is_none().then_some(challenge))
    }

    /// Proves who somebody is by an app's code, once address and password were right.
    pub async fn second_step(&self, email: &str, challenge: &str, code: &str) -> Result<Proven, Failure> {
        let result = self.take_second_step(email, challenge, code).await?;
        self.whose(result).await
    }

    /// What the pool gives for an app's code.
    pub(super) async fn take_second_step(
        &self,
        email: &str,
        challenge: &str,
        code: &str,
    ) -> Result<AuthenticationResultType, Failure> {
        let name = self.name(email).await?;
        let request = self
            .client
            .respond_to_auth_challenge()
            .client_id(&self.client_id)
            .challenge_name(ChallengeNameType::SoftwareTokenMfa)
            .session(challenge)
            .challenge_responses("SECRET_HASH", self.secret_hash(&name).await?)
            .challenge_responses("USERNAME", name)
            .challenge_responses("SOFTWARE_TOKEN_MFA_CODE", code);
        let answer = request
            .send()
            .await
            .map_err(|error| refused_or_broken("take a second step", error))?;
        answer
            .authentication_result
            .ok_or_else(|| Failure::broken("take a second step", "the user pool asks for a third"))
    }

    /// Begins a second step for somebody who has none, by address and password.
    pub async fn enrol(&self, email: &str, password: &str) -> Result<Enrolment, Failure> {
        let (result, _) = self.initiate(email, password).await?;
        // Where a second step is asked for, there is one.
        let token = result.and_then(|result| result.access_token).ok_or(Refusal::Malformed)?;
        let answer = self.client.associate_software_token().access_token(&token).send().await;
        let key = answer.map_err(broken("make a key for an app"))?.secret_code;
        let key = key.ok_or_else(|| Failure::broken("make a key for an app", "the user pool gave none"))?;
        Ok(Enrolment { token, key })
    }

    /// From now on a second step is asked for: the code shows that the app has the key.
    pub async fn enrolled(&self, token: &str, code: &str) -> Result<AccountId, Failure> {
        let request = self.client.verify_software_token().access_token(token).user_code(code);
        let answer = request.send().await;
        answer.map_err(|error| refused_or_broken("take a second step", error))?;
        let user = self.client.get_user().access_token(token).send().await;
        let id = read(user.map_err(broken("read who signed in"))?.user_attributes())?.id;
        self.ask_second_step(&id, true).await?;
        Ok(id)
    }

    /// From now on a second step is asked for, or no longer.
    pub async fn ask_second_step(&self, id: &AccountId, asked: bool) -> Result<(), Failure> {
        let settings = SoftwareTokenMfaSettingsType::builder()
            .enabled(asked)
            .preferred_mfa(asked)
            .build();
        let request = self
            .client
            .admin_set_user_mfa_preference()
            .user_pool_id(&self.pool)
            .username(id.as_str())
            .software_token_mfa_settings(settings);
        request.send().await.map(drop).map_err(broken("change the second step"))
    }

    /// What the pool says to address and password: tokens, or else the session of a second step.
    pub(super) async fn initiate(
        &self,
        email: &str,
        password: &str,
    ) -> Result<(Option<AuthenticationResultType>, String), Failure> {
        let request = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("SECRET_HASH", self.secret_hash(email).await?)
            .auth_parameters("PASSWORD", password);
        let answer = request.send().await.map_err(|error| refused_or_broken("sign in", error))?;
        match (answer.authentication_result, answer.challenge_name) {
            (Some(result), _) => Ok((Some(result), String::new())),
            (None, Some(ChallengeNameType::SoftwareTokenMfa)) => Ok((None, answer.session.unwrap_or_default())),
            (None, challenge) => Err(Failure::broken("sign in", format!("the user pool asks for {challenge:?}"))),
        }
    }

    pub(super) async fn whose(&self, result: AuthenticationResultType) -> Result<Proven, Failure> {
        let token = result.access_token.unwrap_or_default();
        let user = self.client.get_user().access_token(token).send().await;
        read(user.map_err(broken("read who signed in"))?.user_attributes())
    }
}

/// Whether somebody began to come in, and chose no password yet.
fn without_password(status: &UserStatusType) -> bool {
    matches!(status, UserStatusType::Unconfirmed | UserStatusType::ForceChangePassword)
}

fn attribute(name: &str, value: &str) -> Result<AttributeType, Failure> {
    let attribute = AttributeType::builder().name(name).value(value).build();
    attribute.map_err(broken("name an attribute"))
}

/// Cognito's `SECRET_HASH`.
fn secret_hash(secret: &str, username: &str, client_id: &str) -> String {
    STANDARD.encode(secrets::mac(secret, &format!("{username}{client_id}")))
}

/// Who a user is. One whose address was not proved is nobody.
fn read(attributes: &[AttributeType]) -> Result<Proven, Failure> {
    let attribute = |name: &str| {
        let found = attributes.iter().find(|a| a.name == name);
        found.and_then(|a| a.value.clone()).unwrap_or_default()
    };
    if attribute("email_verified") != "true" {
        return Err(Refusal::WrongCredentials.into());
    }
    Ok(Proven {
        id: AccountId::try_from(attribute("sub")).while_doing("read who signed in")?,
        email: attribute("email"),
    })
}

/// The user pool's errors that the visitor can do something about.
fn refused_or_broken<E, R>(what: &'static str, error: SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
    SdkError<E, R>: Error,
{
    let refusal = match (what, error.as_service_error().and_then(|e| e.code()).unwrap_or_default()) {
        // One that is not confirmed began to sign up when the pool still let people: it has no password of its owner's.
        ("sign in", "NotAuthorizedException" | "UserNotFoundException" | "UserNotConfirmedException") => {
            Refusal::WrongCredentials
        }
        ("take a second step", "CodeMismatchException" | "EnableSoftwareTokenMFAException") => Refusal::WrongSecondCode,
        ("take a second step", "NotAuthorizedException" | "ExpiredCodeException") => Refusal::SignInAgain,
        // A stranger's address answers as a wrong code does.
        (_, "UserNotFoundException" | "NotAuthorizedException" | "AliasExistsException") => Refusal::WrongCode,
        (_, "InvalidPasswordException") => Refusal::WeakPassword,
        (_, "InvalidParameterException") => Refusal::Malformed,
        (_, "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException") => Refusal::TooMany,
        _ => return broken(what)(error),
    };
    refusal.into()
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
    fn an_address_that_was_not_proved_proves_nobody() {
        let proven = read(&user(Some("true"))).expect("somebody");
        assert_eq!(proven.email, "ada@example.org");
        for unproved in [Some("false"), Some(""), Some("True"), None] {
            assert!(
                matches!(read(&user(unproved)), Err(Failure::Refused(Refusal::WrongCredentials))),
                "{unproved:?}"
            );
        }
    }

    #[test]
    fn a_secret_hash_is_as_cognito_makes_it() {
        // HMAC-SHA256 over the name and the client's identifier, in base64: made with Python's `hmac`.
        assert_eq!(
            secret_hash("a secret", "ada@example.org", "client"),
            "LvzhgUuawSap///m/Oj08tHcTHcbZ+3qVTsqpDuhbB0="
        );
    }
}

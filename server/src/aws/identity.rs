//! The user pool: Cognito proves who somebody is, and nothing more. No token of it leaves this file.

use super::broken;
use crate::failure::{Failure, While};
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType};
use model::ids::AccountId;
use model::refusals::Refusal;
use std::error::Error;

/// The user pool.
#[derive(Clone)]
pub struct Identity {
    client: Client,
    client_id: String,
}

/// Somebody who proved an address.
pub struct Proven {
    /// The pool's `sub`.
    pub id: AccountId,
    /// The address.
    pub email: String,
}

impl Identity {
    pub(super) fn new(config: &aws_config::SdkConfig, client_id: String) -> Self {
        Self {
            client: Client::new(config),
            client_id,
        }
    }

    /// Begins an account; a code goes to the address. An address that is known gets its code again while it is not
    /// confirmed; else nothing happens, and the answer is the same.
    pub async fn sign_up(&self, email: &str, password: &str) -> Result<(), Failure> {
        let attribute = AttributeType::builder()
            .name("email")
            .value(email)
            .build()
            .map_err(broken("sign up"))?;
        let request = self
            .client
            .sign_up()
            .client_id(&self.client_id)
            .username(email)
            .password(password)
            .user_attributes(attribute);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_username_exists_exception()) => {
                self.resend_code(email).await
            }
            Err(error) => Err(refused_or_broken("sign up", error)),
        }
    }

    /// Proves an address by its code.
    pub async fn confirm(&self, email: &str, code: &str) -> Result<(), Failure> {
        let request = self
            .client
            .confirm_sign_up()
            .client_id(&self.client_id)
            .username(email)
            .confirmation_code(code);
        request
            .send()
            .await
            .map(drop)
            .map_err(|error| refused_or_broken("confirm an address", error))
    }

    /// Sends another code. Says nothing about whether the address is known.
    pub async fn resend_code(&self, email: &str) -> Result<(), Failure> {
        match self
            .client
            .resend_confirmation_code()
            .client_id(&self.client_id)
            .username(email)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => match refused_or_broken("send another code", error) {
                Failure::Refused(Refusal::TooMany) => Err(Refusal::TooMany.into()),
                Failure::Refused(_) => Ok(()),
                broken => Err(broken),
            },
        }
    }

    /// Proves who somebody is by address and password.
    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Proven, Failure> {
        let request = self
            .client
            .initiate_auth()
            .client_id(&self.client_id)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", email)
            .auth_parameters("PASSWORD", password);
        let answer = request.send().await.map_err(|error| refused_or_broken("sign in", error))?;
        let token = answer.authentication_result.and_then(|result| result.access_token);
        let token = token.ok_or_else(|| Failure::broken("sign in", "the user pool asks for a challenge"))?;
        let user = self
            .client
            .get_user()
            .access_token(token)
            .send()
            .await
            .map_err(broken("read who signed in"))?;
        let attribute = |name: &str| {
            user.user_attributes
                .iter()
                .find(|a| a.name == name)
                .and_then(|a| a.value.clone())
                .unwrap_or_default()
        };
        Ok(Proven {
            id: AccountId::try_from(attribute("sub")).while_doing("read who signed in")?,
            email: attribute("email"),
        })
    }
}

/// The user pool's errors that the visitor can do something about.
fn refused_or_broken<E, R>(what: &'static str, error: SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug,
    SdkError<E, R>: Error,
{
    let refusal = match error.as_service_error().and_then(|e| e.code()).unwrap_or_default() {
        "NotAuthorizedException" | "UserNotFoundException" if what == "sign in" => Refusal::WrongCredentials,
        // A stranger's address, a confirmed one and a wrong code answer alike.
        "CodeMismatchException" | "UserNotFoundException" | "NotAuthorizedException" | "AliasExistsException" => {
            Refusal::WrongCode
        }
        "UserNotConfirmedException" => Refusal::NotConfirmed,
        "ExpiredCodeException" => Refusal::CodeExpired,
        "InvalidPasswordException" => Refusal::WeakPassword,
        "InvalidParameterException" => Refusal::Malformed,
        "TooManyRequestsException" | "LimitExceededException" | "TooManyFailedAttemptsException" => Refusal::TooMany,
        _ => return broken(what)(error),
    };
    refusal.into()
}

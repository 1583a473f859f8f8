//! The account and scope of a request, from the access token that the HTTP API's authorizer has verified.

use super::problem::Problem;
use crate::accounts::Viewer;
use crate::accounts::records::AccountRecord;
use crate::accounts::viewer::Program;
use crate::albums::access::{OpenLibrary, open_library};
use crate::web::Web;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use lambda_http::aws_lambda_events::apigw::ApiGatewayRequestAuthorizerJwtDescription as Jwt;
use lambda_http::request::RequestContext;
use model::user_error::UserError;

/// An OAuth scope. `infra/state.yaml` defines the scopes, `infra/pages.yaml` requires them per route.
pub trait Scope: Send {
    /// The scope's name.
    const NAME: &str;
}

/// Reading photos.
pub struct Read;
/// Adding photos.
pub struct Write;
/// Moving photos to the trash.
pub struct Delete;

impl Scope for Read {
    const NAME: &str = "shoebox/photos.read";
}
impl Scope for Write {
    const NAME: &str = "shoebox/photos.write";
}
impl Scope for Delete {
    const NAME: &str = "shoebox/photos.delete";
}

/// The library of the account that granted a program this scope.
pub struct Bearer<S: Scope> {
    /// The library.
    pub library: OpenLibrary,
    scope: std::marker::PhantomData<S>,
}

impl<S: Scope> FromRequestParts<Web> for Bearer<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let jwt = authorized(parts).ok_or(UserError::SignInFirst)?;
        let claim = |name: &str| jwt.claims.get(name).map(String::as_str).unwrap_or_default();
        // API Gateway has checked the scope for its route. Checked again, in case this path matches another route there.
        if claim("token_use") != "access" || !claim("scope").split(' ').any(|scope| scope == S::NAME) {
            return Err(Problem::scope_missing(S::NAME));
        }
        let account = claim("sub").parse().map_err(|_| UserError::SignInFirst)?;
        let account: Option<AccountRecord> = web.0.table.get(&AccountRecord::key(&account)).await?;
        let account = account.filter(|account| account.leaving_at.is_none());
        let viewer = Viewer::Program(Box::new(Program {
            account: account.ok_or(UserError::SignInFirst)?,
        }));
        Ok(Self {
            library: open_library(&viewer)?,
            scope: std::marker::PhantomData,
        })
    }
}

/// The verified token; `None` on routes without an authorizer.
fn authorized(parts: &Parts) -> Option<&Jwt> {
    match parts.extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.authorizer.as_ref()?.jwt.as_ref(),
        _ => None,
    }
}

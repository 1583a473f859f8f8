//! Who asks, as the HTTP API's authorizer found out.

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
use model::refusals::Refusal;

/// What a token may be good for. `infra/state.yaml` names the scopes, `infra/pages.yaml` asks for them by route.
pub trait Scope: Send {
    /// The scope's name.
    const NAME: &str;
}

/// Looking at photos.
pub struct Read;
/// Adding photos.
pub struct Write;
/// Putting photos into the trash.
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

/// The library of an account that let a program do this.
pub struct Bearer<S: Scope> {
    /// The library.
    pub library: OpenLibrary,
    scope: std::marker::PhantomData<S>,
}

impl<S: Scope> FromRequestParts<Web> for Bearer<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Problem> {
        let jwt = authorized(parts).ok_or(Refusal::SignInFirst)?;
        let claim = |name: &str| jwt.claims.get(name).map(String::as_str).unwrap_or_default();
        // The route asked for it already; a path that another route takes finds nothing here.
        if claim("token_use") != "access" || !claim("scope").split(' ').any(|scope| scope == S::NAME) {
            return Err(Problem::scope_missing(S::NAME));
        }
        let account = claim("sub").parse().map_err(|_| Refusal::SignInFirst)?;
        let account: Option<AccountRecord> = web.0.table.get(&AccountRecord::key(&account)).await?;
        let account = account.filter(|account| account.leaving_at.is_none());
        let viewer = Viewer::Program(Box::new(Program {
            account: account.ok_or(Refusal::SignInFirst)?,
        }));
        Ok(Self {
            library: open_library(&viewer)?,
            scope: std::marker::PhantomData,
        })
    }
}

/// What the authorizer says; nothing where none looked, as on every route but the API's.
fn authorized(parts: &Parts) -> Option<&Jwt> {
    match parts.extensions.get::<RequestContext>()? {
        RequestContext::ApiGatewayV2(context) => context.authorizer.as_ref()?.jwt.as_ref(),
        _ => None,
    }
}

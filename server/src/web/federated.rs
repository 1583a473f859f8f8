//! The routes of OAuth sign-ins: redirect to the provider, and callback. Both are GET requests without an `Origin` check: the first
//! changes no data of users, the second requires the OAuth state and the cookie of the browser that it was issued to.

use super::redirect::{redirect, redirect_with_error};
use super::visitor::Visitor;
use super::{Web, cookies};
use crate::accounts::Viewer;
use crate::accounts::federated::{self, ProviderOutcome, ProviderRequest};
use crate::accounts::session;
use crate::accounts::sign_in::NewSession;
use crate::error::AppError;
use crate::now;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::addresses::OwnPath;
use model::user_error::UserError;
use std::collections::HashMap;
use tracing::info;

type QueryPairs = Query<HashMap<String, String>>;

/// Where to redirect after an error.
struct ErrorPage {
    /// The page that shows the error.
    page: &'static str,
    /// Where to go after the sign-in.
    to: Option<OwnPath>,
}

impl ErrorPage {
    /// The page with links to providers, with or without a session.
    fn of(viewer: &Viewer, to: Option<OwnPath>) -> Self {
        let page = match viewer {
            Viewer::Account(_) => "/account",
            _ => "/sign-in",
        };
        Self { page, to }
    }

    fn redirect(&self, error: AppError) -> Response {
        redirect_with_error(error, self.page, self.to.as_ref())
    }
}

/// Sends the browser to a provider.
pub async fn start(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(provider): Path<String>,
    Query(query): QueryPairs,
    headers: HeaderMap,
) -> Response {
    let error_page = ErrorPage::of(&visitor.viewer, query.get("to").and_then(|to| OwnPath::parse(to)));
    // Login CSRF: a page of another site must not sign anybody in.
    let cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if cross_site {
        return error_page.redirect(UserError::CrossSite.into());
    }
    let request = ProviderRequest {
        provider: &provider,
        link: query.contains_key("link"),
        to: error_page.to.clone(),
    };
    let site = &web.0;
    match federated::start(
        &site.table,
        site.hosted.as_ref(),
        &visitor.viewer,
        request,
        visitor.provider.as_deref(),
        &visitor.client,
    )
    .await
    {
        Ok((address, browser)) => redirect(&address, &[cookies::provider(&browser)]),
        Err(error) => error_page.redirect(error),
    }
}

/// The OAuth callback.
pub async fn callback(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Query(query): QueryPairs) -> Response {
    let mut error_page = ErrorPage::of(&visitor.viewer, None);
    match finish(&web, &visitor, &query, &mut error_page).await {
        Ok(response) => response,
        Err(error) => error_page.redirect(error),
    }
}

async fn finish(
    web: &Web,
    visitor: &Visitor,
    query: &HashMap<String, String>,
    error_page: &mut ErrorPage,
) -> Result<Response, AppError> {
    let site = &web.0;
    let hosted = site.hosted.as_ref().ok_or(UserError::NotFound)?;
    let parameter = |name: &str| query.get(name).map(String::as_str);
    let (state, browser) = (parameter("state").unwrap_or_default(), visitor.provider.as_deref());
    let (attempt, checks) = federated::finish(&site.table, state, browser).await?;
    error_page.to = attempt.to.as_deref().and_then(OwnPath::parse);
    if attempt.account.is_some() {
        error_page.page = "/account";
        let same_account = visitor
            .viewer
            .signed_in()
            .is_ok_and(|viewer| Some(&viewer.account.id) == attempt.account.as_ref());
        same_account.then_some(()).ok_or(UserError::SignInFirst)?;
    }
    let Some(code) = parameter("code") else {
        info!(error = ?parameter("error"), "a provider denied a sign-in");
        return Err(UserError::ProviderRefused.into());
    };
    let known = hosted.fetch_user(code, &attempt.with(state, &checks)).await?;
    let outcome = federated::sign_in(
        &site.table,
        &site.identity,
        known,
        &attempt,
        browser.unwrap_or_default(),
        &visitor.client,
    )
    .await?;
    Ok(match outcome {
        ProviderOutcome::SignedIn(new) => start_session(web, visitor, &new, error_page.to.as_ref()).await?,
        ProviderOutcome::LinkAtSignIn => error_page.redirect(UserError::LinkFirst.into()),
        ProviderOutcome::LinkByProof => redirect("/account#ways", &[]),
    })
}

/// Sets the cookies of a new session; ends the browser's previous one.
async fn start_session(web: &Web, visitor: &Visitor, new: &NewSession, to: Option<&OwnPath>) -> Result<Response, AppError> {
    session::end(&web.0.table, &visitor.viewer).await?;
    let cookies = cookies::new_session(new, &visitor.client, &web.0.signer, now())?;
    Ok(redirect(to.map_or("/", OwnPath::as_str), &cookies))
}

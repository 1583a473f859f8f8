//! To other providers and back: two addresses that browsers are sent to, so both are plain GETs. The first changes nothing
//! that is anybody's; the second acts only with a state and the cookie of the browser that was given it.

use super::guard::Visitor;
use super::redirect::{redirect, turn_back};
use super::{Web, cookies};
use crate::accounts::Viewer;
use crate::accounts::federated::{self, Came, Wish};
use crate::accounts::session;
use crate::accounts::sign_in::NewSession;
use crate::failure::Failure;
use crate::now;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::addresses::OwnPath;
use model::refusals::Refusal;
use std::collections::HashMap;
use tracing::info;

type Asked = Query<HashMap<String, String>>;

/// Where somebody is sent who cannot go on.
struct Origin {
    /// The page where it began.
    page: &'static str,
    /// Where they wanted to go from there.
    to: Option<OwnPath>,
}

impl Origin {
    /// Where links to providers are, for who is signed in and for who is not.
    fn of(viewer: &Viewer, to: Option<OwnPath>) -> Self {
        let page = match viewer {
            Viewer::Account(_) => "/account",
            _ => "/sign-in",
        };
        Self { page, to }
    }

    /// Back to where it began, which says why.
    fn turn_back(&self, failure: Failure) -> Response {
        turn_back(failure, self.page, self.to.as_ref())
    }
}

/// Sends the browser to a provider.
pub async fn go(
    State(web): State<Web>,
    Extension(visitor): Extension<Visitor>,
    Path(provider): Path<String>,
    Query(asked): Asked,
    headers: HeaderMap,
) -> Response {
    let origin = Origin::of(&visitor.viewer, asked.get("to").and_then(|to| OwnPath::parse(to)));
    // A page of another site sends nobody: it would sign them in, unasked.
    let other_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if other_site {
        return origin.turn_back(Refusal::CrossSite.into());
    }
    let wish = Wish {
        provider: &provider,
        link: asked.contains_key("link"),
        to: origin.to.clone(),
    };
    let site = &web.0;
    match federated::go(
        &site.table,
        site.hosted.as_ref(),
        &visitor.viewer,
        wish,
        visitor.provider.as_deref(),
        &visitor.client,
    )
    .await
    {
        Ok((address, browser)) => redirect(&address, &[cookies::provider(&browser)]),
        Err(failure) => origin.turn_back(failure),
    }
}

/// Takes whoever comes back.
pub async fn come_back(State(web): State<Web>, Extension(visitor): Extension<Visitor>, Query(asked): Asked) -> Response {
    let mut origin = Origin::of(&visitor.viewer, None);
    match arrive(&web, &visitor, &asked, &mut origin).await {
        Ok(response) => response,
        Err(failure) => origin.turn_back(failure),
    }
}

async fn arrive(web: &Web, visitor: &Visitor, asked: &HashMap<String, String>, origin: &mut Origin) -> Result<Response, Failure> {
    let site = &web.0;
    let hosted = site.hosted.as_ref().ok_or(Refusal::NotFound)?;
    let asked = |name: &str| asked.get(name).map(String::as_str);
    let (state, browser) = (asked("state").unwrap_or_default(), visitor.provider.as_deref());
    let (errand, checks) = federated::finish(&site.table, state, browser).await?;
    origin.to = errand.to.as_deref().and_then(OwnPath::parse);
    if errand.account.is_some() {
        origin.page = "/account";
        let same = visitor
            .viewer
            .signed_in()
            .is_ok_and(|viewer| Some(&viewer.account.id) == errand.account.as_ref());
        same.then_some(()).ok_or(Refusal::SignInFirst)?;
    }
    let Some(code) = asked("code") else {
        info!(error = ?asked("error"), "a provider did not let somebody in");
        return Err(Refusal::ProviderRefused.into());
    };
    let known = hosted.who(code, &errand.with(state, &checks)).await?;
    let came = federated::let_in(
        &site.table,
        &site.identity,
        known,
        &errand,
        browser.unwrap_or_default(),
        &visitor.client,
    )
    .await?;
    Ok(match came {
        Came::In(begun) => welcome(web, visitor, &begun, origin.to.as_ref()).await?,
        Came::SignInFirst => origin.turn_back(Refusal::LinkFirst.into()),
        Came::ToLink => redirect("/account#ways", &[]),
    })
}

/// Begins the session; what this browser was signed in as before ends.
async fn welcome(web: &Web, visitor: &Visitor, begun: &NewSession, to: Option<&OwnPath>) -> Result<Response, Failure> {
    session::end(&web.0.table, &visitor.viewer).await?;
    let cookies = cookies::new_session(begun, &visitor.client, &web.0.signer, now())?;
    Ok(redirect(to.map_or("/", OwnPath::as_str), &cookies))
}

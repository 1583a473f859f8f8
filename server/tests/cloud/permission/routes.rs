//! Every route other than pages and server functions, and the scripts.

use super::{Caller, adas_photo, cookie, others, unknown_photo_id};
use crate::fixtures::TestEnv;
use crate::fixtures::site_client::{Response, SiteClient};
use std::collections::BTreeSet;

/// The expected response to a request without an access token.
#[derive(Clone, Copy)]
enum Expected {
    /// See [`super::FUNCTIONS`].
    Functions,
    /// This status for every caller.
    Status(u16),
    /// A redirect: prefixes of the location for anonymous and for signed-in callers.
    Redirect(&'static str, &'static str),
    /// Unauthorized: requires an access token.
    Token,
    /// No such resource.
    NotFound,
}
use Expected::{Functions, NotFound, Redirect, Status, Token};

/// Every route but those of pages, with a request. `{id}` stands for a photo.
const ROUTES: &[(&str, &str, Expected)] = &[
    ("/api/{*function}", "POST /api/accounts/me", Functions),
    (
        "/sign-in/with/{provider}",
        "GET /sign-in/with/Nobody",
        Redirect("/sign-in?why=not_found", "/account?why=not_found"),
    ),
    (
        "/sign-in/from",
        "GET /sign-in/from",
        Redirect("/sign-in?why=", "/account?why="),
    ),
    (
        "/account/export/{part}",
        "GET /account/export/1",
        Redirect("/sign-in?why=sign_in_first", "/account?why=not_found"),
    ),
    (
        "/photos/{id}/original",
        "GET /photos/{id}/original",
        Redirect("/sign-in?why=sign_in_first", "/?why=not_found"),
    ),
    ("/stop", "POST /stop", Status(422)),
    ("/healthz", "GET /healthz", Status(200)),
    ("/api/v1/openapi.json", "GET /api/v1/openapi.json", Status(200)),
    ("/api/v1/photos", "GET /api/v1/photos", Token),
    ("/api/v1/photos/{id}", "GET /api/v1/photos/{id}", Token),
    ("/api/v1/photos/{id}/arrival", "POST /api/v1/photos/{id}/arrival", Token),
    ("/api/v1/photos/{id}/original", "GET /api/v1/photos/{id}/original", Token),
    ("/api/v1", "GET /api/v1", NotFound),
    ("/api/v1/", "GET /api/v1/", NotFound),
    ("/api/v1/{*elsewhere}", "GET /api/v1/nothing", NotFound),
];

#[test]
fn every_route_is_listed() {
    let registered: BTreeSet<_> = server::web::paths().into_iter().collect();
    let listed = ROUTES.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(registered, listed);
}

/// Sends a request such as `GET /healthz`.
fn send(client: &SiteClient, request: &str, cookie: Option<&str>) -> Response {
    match request.split_once(' ') {
        Some(("POST", path)) => client.post(path, "", cookie, Some(&client.origin)),
        Some(("GET", path)) => client.get(path, cookie),
        _ => panic!("invalid request: {request}"),
    }
}

#[tokio::test]
async fn routes_enforce_access_rights() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let (_, ada, photo) = adas_photo(&env).await;
    let others = others(&env).await;
    for (path, request, expected) in ROUTES {
        let (id, unknown_id) = (photo.id.to_string(), unknown_photo_id().to_string());
        let without_cookie = send(&client, &request.replace("{id}", &id), None);
        for (name, cookie, caller) in &others {
            let response = send(&client, &request.replace("{id}", &id), cookie.as_deref());
            match expected {
                Functions => continue,
                Status(status) => assert_eq!(
                    (response.status, &response.body),
                    (*status, &without_cookie.body),
                    "{path} for {name}"
                ),
                Redirect(anonymous, signed_in) => {
                    let location = response.location.clone().unwrap_or_default();
                    let prefix = if *caller == Caller::Anonymous { anonymous } else { signed_in };
                    assert!(
                        response.status == 303 && location.starts_with(prefix),
                        "{path} for {name}: {response:?}"
                    );
                }
                Token => assert_eq!(response.status, 401, "{path} for {name}: {response:?}"),
                NotFound => assert!([401, 404].contains(&response.status), "{path} for {name}: {response:?}"),
            }
            assert!(!response.body.contains("dogs.jpg"), "{path} for {name}");
            if *caller != Caller::Anonymous {
                let missing = send(&client, &request.replace("{id}", &unknown_id), cookie.as_deref());
                assert_eq!(
                    (response.status, response.location),
                    (missing.status, missing.location),
                    "{path} for {name}"
                );
            }
        }
    }
    assert_eq!(env.photo(&ada, &photo.id).await, photo, "unchanged");
}

#[tokio::test]
async fn an_original_is_sent_to_its_owner() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let (session, _, photo) = adas_photo(&env).await;
    let location = client
        .get(&format!("/photos/{}/original", photo.id), Some(&cookie(&session)))
        .location
        .expect("a redirect");
    assert!(
        location.contains("X-Amz-Signature=") && location.contains("dogs.jpg"),
        "{location}"
    );
}

/// `infra/edge/workers.test.js` tests their responses in a browser.
#[tokio::test]
async fn scripts_are_public_and_shares_without_a_service_worker_are_refused() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let (session, _, _) = adas_photo(&env).await;
    let mut everybody = others(&env).await;
    everybody.push(("Ada", Some(cookie(&session)), Caller::PhotoOwner));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/assets");
    let names = std::fs::read_dir(folder)
        .expect("the assets")
        .map(|file| file.expect("a file").file_name());
    let scripts: Vec<_> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(".js"))
        .collect();
    assert!(scripts.contains(&"share.js".to_owned()), "{scripts:?}");
    for (name, cookie, _) in &everybody {
        for script in &scripts {
            let response = client.get(&format!("/assets/{script}"), cookie.as_deref());
            assert_eq!(response.status, 200, "{script} for {name}");
        }
        let response = client.post("/assets/share", "", cookie.as_deref(), Some(&client.origin));
        assert_eq!(response.status, 403, "{name}: {response:?}");
    }
}

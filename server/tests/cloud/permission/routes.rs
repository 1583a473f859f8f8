//! Every route of the HTTP API beside pages and server functions, and the scripts that a browser keeps of the site.

use super::{Who, adas_photo, cookie, nowhere, others};
use crate::cast::TestEnv;
use crate::cast::door::{Answer, SiteClient};
use std::collections::BTreeSet;

/// What a route answers to whoever has no program's token.
#[derive(Clone, Copy)]
enum Answers {
    /// Whoever asks as [`super::FUNCTIONS`] says.
    Functions,
    /// Everybody alike, and by this status.
    Alike(u16),
    /// By leading on: strangers to a page that lets them in, others to one that says why not; both begin so.
    Leads(&'static str, &'static str),
    /// Nobody.
    Token,
    /// Nobody: there is nothing.
    Nothing,
}
use Answers::{Alike, Functions, Leads, Nothing, Token};

/// Every route but the pages', with an address of it. `{id}` stands for a photo.
const ROUTES: &[(&str, &str, Answers)] = &[
    ("/api/{*function}", "POST /api/accounts/me", Functions),
    (
        "/sign-in/with/{provider}",
        "GET /sign-in/with/Nobody",
        Leads("/sign-in?why=not_found", "/account?why=not_found"),
    ),
    ("/sign-in/from", "GET /sign-in/from", Leads("/sign-in?why=", "/account?why=")),
    (
        "/account/export/{part}",
        "GET /account/export/1",
        Leads("/sign-in?why=sign_in_first", "/account?why=not_found"),
    ),
    (
        "/photos/{id}/original",
        "GET /photos/{id}/original",
        Leads("/sign-in?why=sign_in_first", "/?why=not_found"),
    ),
    ("/stop", "POST /stop", Alike(422)),
    ("/healthz", "GET /healthz", Alike(200)),
    ("/api/v1/openapi.json", "GET /api/v1/openapi.json", Alike(200)),
    ("/api/v1/photos", "GET /api/v1/photos", Token),
    ("/api/v1/photos/{id}", "GET /api/v1/photos/{id}", Token),
    ("/api/v1/photos/{id}/arrival", "POST /api/v1/photos/{id}/arrival", Token),
    ("/api/v1/photos/{id}/original", "GET /api/v1/photos/{id}/original", Token),
    ("/api/v1", "GET /api/v1", Nothing),
    ("/api/v1/", "GET /api/v1/", Nothing),
    ("/api/v1/{*elsewhere}", "GET /api/v1/nothing", Nothing),
];

#[test]
fn every_route_is_listed() {
    let there: BTreeSet<_> = server::web::paths().into_iter().collect();
    let listed = ROUTES.iter().map(|(path, ..)| (*path).to_owned()).collect();
    assert_eq!(there, listed);
}

/// Asks for an address, with a cookie.
fn ask(door: &SiteClient, address: &str, cookie: Option<&str>) -> Answer {
    match address.split_once(' ') {
        Some(("POST", path)) => door.post(path, "", cookie, Some(&door.site)),
        Some(("GET", path)) => door.get(path, cookie),
        _ => panic!("{address} is no address"),
    }
}

#[tokio::test]
async fn routes_let_in_whom_they_must() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let (_, ada, hers) = adas_photo(&env).await;
    let others = others(&env).await;
    for (path, address, answers) in ROUTES {
        let (hers_id, nowhere) = (hers.id.to_string(), nowhere().to_string());
        let alike = ask(&door, &address.replace("{id}", &hers_id), None);
        for (name, cookie, who) in &others {
            let answer = ask(&door, &address.replace("{id}", &hers_id), cookie.as_deref());
            match answers {
                Functions => continue,
                Alike(status) => assert_eq!((answer.status, &answer.text), (*status, &alike.text), "{path} for {name}"),
                Leads(strangers, known) => {
                    let to = answer.location.clone().unwrap_or_default();
                    let expected = if *who == Who::Stranger { strangers } else { known };
                    assert!(
                        answer.status == 303 && to.starts_with(expected),
                        "{path} for {name}: {answer:?}"
                    );
                }
                Token => assert_eq!(answer.status, 401, "{path} for {name}: {answer:?}"),
                Nothing => assert!([401, 404].contains(&answer.status), "{path} for {name}: {answer:?}"),
            }
            assert!(!answer.text.contains("dogs.jpg"), "{path} for {name}");
            if *who != Who::Stranger {
                let missing = ask(&door, &address.replace("{id}", &nowhere), cookie.as_deref());
                assert_eq!(
                    (answer.status, answer.location),
                    (missing.status, missing.location),
                    "{path} for {name}"
                );
            }
        }
    }
    assert_eq!(env.photo(&ada, &hers.id).await, hers, "nothing happened to it");
}

#[tokio::test]
async fn an_original_is_sent_to_whose_photo_it_is() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let (session, _, hers) = adas_photo(&env).await;
    let to = door
        .get(&format!("/photos/{}/original", hers.id), Some(&cookie(&session)))
        .location
        .expect("a place");
    assert!(
        to.contains("X-Amz-Signature=") && to.contains("dogs.jpg"),
        "hers is signed for: {to}"
    );
}

/// What they answer in a browser, `infra/edge/workers.test.js` asks.
#[tokio::test]
async fn scripts_are_everybodys_and_what_no_service_worker_takes_is_nobodys() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let (session, _, _) = adas_photo(&env).await;
    let mut everybody = others(&env).await;
    everybody.push(("Ada", Some(cookie(&session)), Who::Photographer));
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
            let answer = door.get(&format!("/assets/{script}"), cookie.as_deref());
            assert_eq!(answer.status, 200, "{script} for {name}");
        }
        let shared = door.post("/assets/share", "", cookie.as_deref(), Some(&door.site));
        assert_eq!(
            shared.status, 403,
            "what is shared where no worker takes it, by {name}: {shared:?}"
        );
    }
}

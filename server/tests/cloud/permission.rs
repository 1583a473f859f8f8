//! Access control, tested over HTTP for every kind of caller: server functions and pages here, other routes and scripts in
//! `routes`, renditions and sockets in `media`. An endpoint that is not listed fails the tests.
//! `infra/tests/cloud/test_api.py` tests the API and these lists with access tokens, `test_origins.py` the listening ports.

mod media;
mod routes;

use crate::fixtures::TestEnv;
use crate::fixtures::site_client::SiteClient;
use leptos::server_fn::axum::server_fn_paths;
use model::accounts::Group;
use model::ids::PhotoId;
use server::accounts::invitation;
use server::accounts::session::{self, Secret};
use server::albums::access::{OpenLibrary, open_library};
use server::photos::records::PhotoRecord;
use std::collections::BTreeSet;

/// What an endpoint requires of the caller. `test_api.py` parses these names and the lists below.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    Nothing,
    /// A link from an invitation.
    Invitation,
    /// A link from an email.
    Link,
    /// A pending sign-in: the first factor, or a passkey challenge.
    PendingSignIn,
    /// Signed in.
    Account,
    /// The owner of the photo.
    Photo,
    /// An operator of the site.
    Operator,
    /// The owner of the site.
    Owner,
    /// Signed in; the request then fails with this error.
    AccountThen(&'static str),
}

/// The kind of caller.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Caller {
    /// Not signed in.
    Anonymous,
    /// Signed in, without rights on the photo or the site.
    OtherUser,
    /// An operator of the site, without rights on the photo.
    Operator,
    /// The owner of the photo, without rights on the site.
    PhotoOwner,
}

/// Every server function, with a valid body. `{id}` stands for a photo. Requests to public functions are refused or have no effect.
const FUNCTIONS: &[(&str, &str, Needs)] = &[
    ("accounts/me", "", Needs::Nothing),
    ("accounts/admission", "", Needs::Nothing),
    ("accounts/sign_up", "email=nobody", Needs::Nothing),
    ("accounts/confirm", "email=nobody&code=0&password=none", Needs::Nothing),
    ("accounts/resend_code", "email=nobody", Needs::Nothing),
    ("accounts/invited", "invitation=none.none", Needs::Invitation),
    (
        "accounts/join",
        "invitation=none.none&password=long+enough+for+one",
        Needs::Invitation,
    ),
    ("accounts/sign_in", "email=nobody&password=none", Needs::Nothing),
    ("accounts/second_step", "code=000000", Needs::PendingSignIn),
    ("accounts/forgot", "email=nobody", Needs::Nothing),
    ("accounts/reset", "email=nobody&code=0&password=none", Needs::Nothing),
    ("accounts/sign_out", "", Needs::Nothing),
    ("accounts/providers", "", Needs::Nothing),
    ("accounts/ways", "", Needs::Account),
    ("accounts/link", "password=wrong", Needs::AccountThen("provider_too_late")),
    (
        "accounts/unlink",
        "id=none&password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/renew_media", "", Needs::Account),
    ("accounts/usage", "", Needs::Account),
    ("accounts/security", "", Needs::Account),
    ("accounts/sessions", "", Needs::Account),
    ("accounts/end_session", "id=none", Needs::AccountThen("not_found")),
    ("accounts/end_other_sessions", "", Needs::Account),
    (
        "accounts/change_password",
        "password=wrong&new_password=long+enough+for+one",
        Needs::AccountThen("wrong_password"),
    ),
    (
        "accounts/change_email",
        "email=ben2@example.org&password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/prove_email", "code=000000", Needs::AccountThen("wrong_code")),
    (
        "accounts/begin_second_step",
        "password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/second_step_setup", "", Needs::Account),
    (
        "accounts/finish_second_step",
        "code=000000",
        Needs::AccountThen("sign_in_again"),
    ),
    ("accounts/cancel_second_step", "", Needs::Account),
    (
        "accounts/end_second_step",
        "password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/choices", "", Needs::Account),
    ("accounts/choose_mails", "kind=attempt&on=true", Needs::Account),
    (
        "accounts/choose_texts",
        "kind=change&on=true",
        Needs::AccountThen("not_found"),
    ),
    (
        "accounts/set_phone",
        "phone=%2B442079460000&password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/prove_phone", "code=000000", Needs::AccountThen("wrong_code")),
    (
        "accounts/remove_phone",
        "password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/stoppable", "notice=attempt.none&proof=none", Needs::Link),
    ("accounts/stop", "notice=attempt.none&proof=none", Needs::Link),
    ("accounts/ask_passkey", "email=nobody", Needs::Nothing),
    ("accounts/passkey_sign_in", "ceremony=none&answer={}", Needs::PendingSignIn),
    ("accounts/passkeys", "", Needs::Account),
    (
        "accounts/begin_passkey",
        "password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/finish_passkey", "answer={}", Needs::AccountThen("sign_in_again")),
    (
        "accounts/remove_passkey",
        "id=none&password=wrong",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/exported", "", Needs::Account),
    ("accounts/export", "", Needs::Account),
    (
        "accounts/leave",
        "password=wrong&sure=true",
        Needs::AccountThen("wrong_password"),
    ),
    ("accounts/people", "", Needs::Operator),
    ("accounts/set_open", "open=true", Needs::Owner),
    ("accounts/set_quota", "gigabytes=1&photos=1", Needs::Owner),
    ("accounts/invite", "email=cleo@example.org", Needs::Operator),
    ("accounts/withdraw", "invitation=none", Needs::Operator),
    (
        "accounts/set_group",
        "account={account}&group=owner&within=true",
        Needs::Owner,
    ),
    ("photos/timeline", r#"{"start":"newest"}"#, Needs::Account),
    ("photos/days", "{}", Needs::Account),
    ("photos/shelf", r#"{"shelf":"archive","start":"newest"}"#, Needs::Account),
    ("photos/beside", r#"{"id":"{id}"}"#, Needs::Photo),
    (
        "photos/amend",
        r#"{"id":"{id}","amendment":{"set":"favourite","on":true}}"#,
        Needs::Photo,
    ),
    ("photos/photo", r#"{"id":"{id}"}"#, Needs::Photo),
    (
        "photos/grant",
        r#"{"wanted":{"name":"a.jpg","kind":"image/jpeg","bytes":1,"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#,
        Needs::Account,
    ),
    ("photos/sign", r#"{"id":"{id}"}"#, Needs::Photo),
    (
        "photos/sign_parts",
        r#"{"id":"{id}","parts":[{"number":1,"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}"#,
        Needs::Photo,
    ),
    (
        "photos/preview",
        r#"{"id":"{id}","preview":{"size":{"width":1,"height":1},"jpeg":""}}"#,
        Needs::Photo,
    ),
    ("photos/announce", r#"{"id":"{id}"}"#, Needs::Photo),
    ("photos/give_up", r#"{"id":"{id}"}"#, Needs::Photo),
    ("photos/put_away", r#"{"id":"{id}"}"#, Needs::Photo),
    ("live/ticket", "{}", Needs::Account),
    ("live/missed", r#"{"after":0}"#, Needs::Account),
];

/// Every page.
const PAGES: &[(&str, Needs)] = &[
    ("/", Needs::Account),
    ("/photos/{id}", Needs::Photo),
    ("/favourites", Needs::Account),
    ("/archive", Needs::Account),
    ("/account", Needs::Account),
    ("/people", Needs::Operator),
    ("/join", Needs::Invitation),
    ("/stop", Needs::Link),
    ("/second-step", Needs::Nothing),
    ("/forgot", Needs::Nothing),
    ("/reset", Needs::Nothing),
    ("/sign-in", Needs::Nothing),
    ("/sign-up", Needs::Nothing),
    ("/confirm", Needs::Nothing),
];

impl Needs {
    /// Allowed statuses of a server function, and a part of the body.
    fn expected_response(self, caller: Caller) -> (&'static [u16], &'static str) {
        match (self, caller) {
            (Self::Nothing, _) => (&[200, 422], ""),
            (Self::Invitation, _) => (&[422], "invitation_ended"),
            (Self::Link, _) => (&[422], "broken_link"),
            (Self::PendingSignIn, _) => (&[401], "sign_in_again"),
            (_, Caller::Anonymous) => (&[401], "sign_in_first"),
            (Self::Account, _) => (&[200], ""),
            // 422: not possible before the photo is uploaded.
            (Self::Photo, Caller::PhotoOwner) => (&[200, 422], ""),
            (Self::Photo, _) => (&[404], "not_found"),
            // 404, 422: refused for another reason than the access right.
            (Self::Operator, Caller::Operator) => (&[200, 404, 422], ""),
            (Self::Operator, _) => (&[403], "operators_only"),
            (Self::Owner, _) => (&[403], "owner_only"),
            (Self::AccountThen(error), _) => (&[401, 404, 422], error),
        }
    }
}

fn cookie(session: &Secret) -> String {
    format!("__Host-session={}", session.0)
}

/// Anonymous callers: names and cookies.
async fn anonymous_callers(env: &TestEnv) -> Vec<(&'static str, Option<String>)> {
    let ended = env.session("ended").await;
    session::end(&env.table, &env.viewer(&ended).await).await.expect("ended");

    let mut tampered = cookie(&env.session("tampered").await);
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    vec![
        ("no cookie", None),
        ("an ended session", Some(cookie(&ended))),
        ("a tampered cookie", Some(tampered)),
        ("an empty cookie", Some(cookie(&Secret(String::new())))),
        ("a guest of another album", Some(cookie(&env.guest().await))),
    ]
}

/// A session of a new operator.
async fn operator(env: &TestEnv) -> Secret {
    let name = format!("operator-{}", uuid::Uuid::now_v7());
    env.session_in(&name, BTreeSet::from([Group::Operator])).await
}

/// Everybody but Ada: names, cookies and kinds.
async fn others(env: &TestEnv) -> Vec<(&'static str, Option<String>, Caller)> {
    let anonymous = anonymous_callers(env).await.into_iter();
    let mut all: Vec<_> = anonymous.map(|(name, cookie)| (name, cookie, Caller::Anonymous)).collect();
    all.push(("another user", Some(cookie(&env.session("ben").await)), Caller::OtherUser));
    all.push(("an operator", Some(cookie(&operator(env).await)), Caller::Operator));
    all
}

/// Ada's session and library, and a photo of hers that is not uploaded yet.
async fn adas_photo(env: &TestEnv) -> (Secret, OpenLibrary, PhotoRecord) {
    let session = env.session("ada").await;
    let ada = open_library(&env.viewer(&session).await).expect("a library");
    let (photo, _) = env.grant(&ada, "dogs.jpg", &crate::fixtures::fixture("dogs.jpg")).await;
    (session, ada, photo)
}

fn unknown_photo_id() -> PhotoId {
    uuid::Uuid::now_v7().to_string().parse().expect("an id")
}

#[test]
fn every_server_function_is_listed() {
    let registered: BTreeSet<_> = server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect();
    let listed = FUNCTIONS.iter().map(|(path, ..)| format!("POST /api/{path}")).collect();
    assert_eq!(registered, listed);
}

#[test]
fn every_page_is_listed() {
    let registered: BTreeSet<_> = leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|route| route.path().to_owned())
        .collect();
    assert_eq!(registered, PAGES.iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[tokio::test]
async fn server_functions_enforce_access_rights() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let (_, ada, photo) = adas_photo(&env).await;
    let anonymous = anonymous_callers(&env).await;
    let (id, unknown_id) = (photo.id.to_string(), unknown_photo_id().to_string());

    for (path, body, needs) in FUNCTIONS {
        let request = |cookie: Option<&str>, id: &str| {
            client.post(
                &format!("/api/{path}"),
                &body.replace("{id}", id).replace("{account}", id),
                cookie,
                Some(&client.origin),
            )
        };
        // New accounts for each function: one signs out, and wrong passwords are rate-limited by address.
        let ben = cookie(&env.session(&format!("ben-{}", uuid::Uuid::now_v7())).await);
        let operator = operator(&env).await;
        let operator_cookie = cookie(&operator);
        let anonymous = anonymous
            .iter()
            .map(|(name, cookie)| (*name, cookie.as_deref(), Caller::Anonymous));
        let signed_in = [
            ("another user", Some(ben.as_str()), Caller::OtherUser),
            ("an operator", Some(operator_cookie.as_str()), Caller::Operator),
        ];
        // A single attempt with a wrong password, since these are also rate-limited by network.
        let once = matches!(needs, Needs::AccountThen(_));
        for (name, cookie, caller) in anonymous.chain(signed_in.into_iter().take(if once { 1 } else { 2 })) {
            let response = request(cookie, &id);
            let (statuses, text) = needs.expected_response(caller);
            assert!(
                statuses.contains(&response.status) && response.body.contains(text),
                "{path} for {name}: {response:?}"
            );
            if caller != Caller::Anonymous && *needs == Needs::Photo {
                let missing = request(cookie, &unknown_id);
                assert_eq!(
                    (response.status, response.body),
                    (missing.status, missing.body),
                    "{path} for {name}"
                );
            }
        }
        if *needs == Needs::Operator {
            let id = env.viewer(&operator).await.signed_in().expect("signed in").account.id.clone();
            invitation::revoke_all_by(&env.table, &id).await.expect("revoked");
        }
        if *needs == Needs::Photo {
            let (session, _, photo) = adas_photo(&env).await;
            let response = request(Some(&cookie(&session)), &photo.id.to_string());
            let (statuses, _) = needs.expected_response(Caller::PhotoOwner);
            assert!(
                statuses.contains(&response.status),
                "{path} for the photo's owner: {response:?}"
            );
        }
    }
    assert_eq!(env.photo(&ada, &photo.id).await, photo, "unchanged");
}

#[tokio::test]
async fn server_functions_refuse_cross_site_requests() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let session = env.session("ada").await;
    let ada = cookie(&session);
    let similar_origin = format!("{}.example.org", client.origin);
    for (path, body, _) in FUNCTIONS {
        for origin in [None, Some("null"), Some("https://example.org"), Some(similar_origin.as_str())] {
            let response = client.post(&format!("/api/{path}"), body, Some(&ada), origin);
            assert_eq!(response.status, 403, "{path} from {origin:?}: {response:?}");
        }
        let response = client.get(&format!("/api/{path}"), Some(&ada));
        assert!([404, 405].contains(&response.status), "{path} by GET: {response:?}");
    }
    assert!(env.viewer(&session).await.signed_in().is_ok(), "still signed in");
}

#[tokio::test]
async fn pages_enforce_access_rights() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let (session, _, photo) = adas_photo(&env).await;
    let (ada, others) = (cookie(&session), others(&env).await);
    for (path, needs) in PAGES {
        let address = path.replace("{id}", &photo.id.to_string());
        let sign_in = format!("/sign-in?to={}", address.replace('/', "%2F").replace('-', "%2D"));
        for (name, cookie, caller) in &others {
            let response = client.get(&address, cookie.as_deref());
            let expected = match (*needs, caller) {
                (Needs::Invitation | Needs::Link, _) => (422, None),
                (Needs::Nothing, Caller::Anonymous) => (200, None),
                (_, Caller::Anonymous) if address == "/" => (302, Some("/sign-in")),
                (_, Caller::Anonymous) => (302, Some(sign_in.as_str())),
                (Needs::Photo, _) => (404, None),
                (Needs::Operator, Caller::OtherUser) => (403, None),
                // Signed-in users are redirected.
                _ if address == "/sign-in" => (302, None),
                _ => (200, None),
            };
            let location = response.location.as_deref().filter(|_| *caller == Caller::Anonymous);
            assert_eq!((response.status, location), expected, "{path} for {name}");
            assert!(!response.body.contains("dogs.jpg"), "{path} for {name}");
        }
        if *needs == Needs::Photo {
            assert_eq!(client.get(&address, Some(&ada)).status, 200, "{path} for the photo's owner");
        }
    }
}

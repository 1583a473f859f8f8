//! Access control, tested over HTTP for every kind of caller: server functions and pages here, other routes and scripts in
//! `routes`, renditions and sockets in `media`. An endpoint that is not listed fails the tests.
//! `infra/tests/cloud/test_api.py` tests the API with access tokens, `test_origins.py` the listening ports.

mod media;
mod routes;

use crate::cast::TestEnv;
use crate::cast::door::SiteClient;
use leptos::server_fn::axum::server_fn_paths;
use model::accounts::Group;
use model::ids::PhotoId;
use server::accounts::invitation;
use server::accounts::session::{self, Secret};
use server::albums::access::{OpenLibrary, open_library};
use server::photos::records::PhotoRecord;
use std::collections::BTreeSet;

/// What an endpoint requires of the caller.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Requires {
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
const FUNCTIONS: &[(&str, &str, Requires)] = &[
    ("accounts/me", "", Requires::Nothing),
    ("accounts/admission", "", Requires::Nothing),
    ("accounts/sign_up", "email=nobody", Requires::Nothing),
    ("accounts/confirm", "email=nobody&code=0&password=none", Requires::Nothing),
    ("accounts/resend_code", "email=nobody", Requires::Nothing),
    ("accounts/invited", "invitation=none.none", Requires::Invitation),
    (
        "accounts/join",
        "invitation=none.none&password=long+enough+for+one",
        Requires::Invitation,
    ),
    ("accounts/sign_in", "email=nobody&password=none", Requires::Nothing),
    ("accounts/second_step", "code=000000", Requires::PendingSignIn),
    ("accounts/forgot", "email=nobody", Requires::Nothing),
    ("accounts/reset", "email=nobody&code=0&password=none", Requires::Nothing),
    ("accounts/sign_out", "", Requires::Nothing),
    ("accounts/providers", "", Requires::Nothing),
    ("accounts/ways", "", Requires::Account),
    ("accounts/link", "password=wrong", Requires::AccountThen("provider_too_late")),
    (
        "accounts/unlink",
        "id=none&password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/renew_media", "", Requires::Account),
    ("accounts/usage", "", Requires::Account),
    ("accounts/security", "", Requires::Account),
    ("accounts/sessions", "", Requires::Account),
    ("accounts/end_session", "id=none", Requires::AccountThen("not_found")),
    ("accounts/end_other_sessions", "", Requires::Account),
    (
        "accounts/change_password",
        "password=wrong&new_password=long+enough+for+one",
        Requires::AccountThen("wrong_password"),
    ),
    (
        "accounts/change_email",
        "email=ben2@example.org&password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/prove_email", "code=000000", Requires::AccountThen("wrong_code")),
    (
        "accounts/begin_second_step",
        "password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/second_step_setup", "", Requires::Account),
    (
        "accounts/finish_second_step",
        "code=000000",
        Requires::AccountThen("sign_in_again"),
    ),
    ("accounts/cancel_second_step", "", Requires::Account),
    (
        "accounts/end_second_step",
        "password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/choices", "", Requires::Account),
    ("accounts/choose_mails", "kind=attempt&on=true", Requires::Account),
    (
        "accounts/choose_texts",
        "kind=change&on=true",
        Requires::AccountThen("not_found"),
    ),
    (
        "accounts/set_phone",
        "phone=%2B442079460000&password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/prove_phone", "code=000000", Requires::AccountThen("wrong_code")),
    (
        "accounts/remove_phone",
        "password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/stoppable", "notice=attempt.none&proof=none", Requires::Link),
    ("accounts/stop", "notice=attempt.none&proof=none", Requires::Link),
    ("accounts/ask_passkey", "email=nobody", Requires::Nothing),
    ("accounts/passkey_sign_in", "ceremony=none&answer={}", Requires::PendingSignIn),
    ("accounts/passkeys", "", Requires::Account),
    (
        "accounts/begin_passkey",
        "password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/finish_passkey", "answer={}", Requires::AccountThen("sign_in_again")),
    (
        "accounts/remove_passkey",
        "id=none&password=wrong",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/exported", "", Requires::Account),
    ("accounts/export", "", Requires::Account),
    (
        "accounts/leave",
        "password=wrong&sure=true",
        Requires::AccountThen("wrong_password"),
    ),
    ("accounts/people", "", Requires::Operator),
    ("accounts/set_open", "open=true", Requires::Owner),
    ("accounts/set_quota", "gigabytes=1&photos=1", Requires::Owner),
    ("accounts/invite", "email=cleo@example.org", Requires::Operator),
    ("accounts/withdraw", "invitation=none", Requires::Operator),
    (
        "accounts/set_group",
        "account={account}&group=owner&within=true",
        Requires::Owner,
    ),
    ("photos/timeline", r#"{"start":"newest"}"#, Requires::Account),
    ("photos/days", "{}", Requires::Account),
    ("photos/shelf", r#"{"shelf":"archive","start":"newest"}"#, Requires::Account),
    ("photos/beside", r#"{"id":"{id}"}"#, Requires::Photo),
    (
        "photos/amend",
        r#"{"id":"{id}","amendment":{"set":"favourite","on":true}}"#,
        Requires::Photo,
    ),
    ("photos/photo", r#"{"id":"{id}"}"#, Requires::Photo),
    (
        "photos/grant",
        r#"{"wanted":{"name":"a.jpg","kind":"image/jpeg","bytes":1,"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}"#,
        Requires::Account,
    ),
    ("photos/sign", r#"{"id":"{id}"}"#, Requires::Photo),
    (
        "photos/sign_parts",
        r#"{"id":"{id}","parts":[{"number":1,"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]}"#,
        Requires::Photo,
    ),
    (
        "photos/preview",
        r#"{"id":"{id}","preview":{"size":{"width":1,"height":1},"jpeg":""}}"#,
        Requires::Photo,
    ),
    ("photos/announce", r#"{"id":"{id}"}"#, Requires::Photo),
    ("photos/give_up", r#"{"id":"{id}"}"#, Requires::Photo),
    ("photos/put_away", r#"{"id":"{id}"}"#, Requires::Photo),
    ("live/ticket", "{}", Requires::Account),
    ("live/missed", r#"{"after":0}"#, Requires::Account),
];

/// Every page.
const PAGES: &[(&str, Requires)] = &[
    ("/", Requires::Account),
    ("/photos/{id}", Requires::Photo),
    ("/favourites", Requires::Account),
    ("/archive", Requires::Account),
    ("/account", Requires::Account),
    ("/people", Requires::Operator),
    ("/join", Requires::Invitation),
    ("/stop", Requires::Link),
    ("/second-step", Requires::Nothing),
    ("/forgot", Requires::Nothing),
    ("/reset", Requires::Nothing),
    ("/sign-in", Requires::Nothing),
    ("/sign-up", Requires::Nothing),
    ("/confirm", Requires::Nothing),
];

impl Requires {
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
    let (photo, _) = env.grant(&ada, "dogs.jpg", &crate::cast::fixture("dogs.jpg")).await;
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

    for (path, body, requires) in FUNCTIONS {
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
        let once = matches!(requires, Requires::AccountThen(_));
        for (name, cookie, caller) in anonymous.chain(signed_in.into_iter().take(if once { 1 } else { 2 })) {
            let response = request(cookie, &id);
            let (statuses, text) = requires.expected_response(caller);
            assert!(
                statuses.contains(&response.status) && response.body.contains(text),
                "{path} for {name}: {response:?}"
            );
            if caller != Caller::Anonymous && *requires == Requires::Photo {
                let missing = request(cookie, &unknown_id);
                assert_eq!(
                    (response.status, response.body),
                    (missing.status, missing.body),
                    "{path} for {name}"
                );
            }
        }
        if *requires == Requires::Operator {
            let id = env.viewer(&operator).await.signed_in().expect("signed in").account.id.clone();
            invitation::withdraw_all_by(&env.table, &id).await.expect("withdrawn");
        }
        if *requires == Requires::Photo {
            let (session, _, photo) = adas_photo(&env).await;
            let response = request(Some(&cookie(&session)), &photo.id.to_string());
            let (statuses, _) = requires.expected_response(Caller::PhotoOwner);
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
    for (path, requires) in PAGES {
        let address = path.replace("{id}", &photo.id.to_string());
        let sign_in = format!("/sign-in?to={}", address.replace('/', "%2F").replace('-', "%2D"));
        for (name, cookie, caller) in &others {
            let response = client.get(&address, cookie.as_deref());
            let expected = match (*requires, caller) {
                (Requires::Invitation | Requires::Link, _) => (422, None),
                (Requires::Nothing, Caller::Anonymous) => (200, None),
                (_, Caller::Anonymous) if address == "/" => (302, Some("/sign-in")),
                (_, Caller::Anonymous) => (302, Some(sign_in.as_str())),
                (Requires::Photo, _) => (404, None),
                (Requires::Operator, Caller::OtherUser) => (403, None),
                // Signed-in users are redirected.
                _ if address == "/sign-in" => (302, None),
                _ => (200, None),
            };
            let location = response.location.as_deref().filter(|_| *caller == Caller::Anonymous);
            assert_eq!((response.status, location), expected, "{path} for {name}");
            assert!(!response.body.contains("dogs.jpg"), "{path} for {name}");
        }
        if *requires == Requires::Photo {
            assert_eq!(client.get(&address, Some(&ada)).status, 200, "{path} for the photo's owner");
        }
    }
}

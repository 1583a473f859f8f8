//! Who may do what, for every kind of visitor, through the front door: here every server function and page, in `routes` every
//! other route and what the browser keeps of the site, in `media` renditions and sockets. What is not listed fails.
//! `infra/tests/cloud/test_api.py` asks for the same, and for the API, with a program's token, and `test_origins.py` what
//! listens on this machine.

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

/// What a visitor must be to be let in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Needs {
    Nothing,
    /// An invitation's link.
    Invitation,
    /// A link from a mail.
    Link,
    /// A right password, just now.
    Step,
    /// Signed in.
    Account,
    /// Signed in, and the photo is theirs.
    Photo,
    /// Signed in, and looks after the site.
    Operator,
    /// Signed in, and the site is theirs.
    Site,
    /// Signed in; what is asked for is refused to anybody for another reason.
    Own(&'static str),
}

/// Who asks, as far as anything depends on it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    /// Nobody knows them.
    Stranger,
    /// Signed in; neither the photo nor the site is theirs.
    Another,
    /// Signed in, and looks after the site; neither the photo nor the site is theirs.
    Operator,
    /// Signed in, and the photo is theirs; the site is not.
    Photographer,
}

/// Every server function, with a body it can read. `{id}` stands for a photo. What needs nothing is asked for something
/// that is refused without anything having happened.
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
    ("accounts/second_step", "code=000000", Needs::Step),
    ("accounts/forgot", "email=nobody", Needs::Nothing),
    ("accounts/reset", "email=nobody&code=0&password=none", Needs::Nothing),
    ("accounts/sign_out", "", Needs::Nothing),
    ("accounts/providers", "", Needs::Nothing),
    ("accounts/ways", "", Needs::Account),
    ("accounts/link", "password=wrong", Needs::Own("provider_too_late")),
    ("accounts/unlink", "id=none&password=wrong", Needs::Own("wrong_password")),
    ("accounts/renew_media", "", Needs::Account),
    ("accounts/usage", "", Needs::Account),
    ("accounts/security", "", Needs::Account),
    ("accounts/sessions", "", Needs::Account),
    ("accounts/end_session", "id=none", Needs::Own("not_found")),
    ("accounts/end_other_sessions", "", Needs::Account),
    (
        "accounts/change_password",
        "password=wrong&new_password=long+enough+for+one",
        Needs::Own("wrong_password"),
    ),
    (
        "accounts/change_email",
        "email=ben2@example.org&password=wrong",
        Needs::Own("wrong_password"),
    ),
    ("accounts/prove_email", "code=000000", Needs::Own("wrong_code")),
    ("accounts/begin_second_step", "password=wrong", Needs::Own("wrong_password")),
    ("accounts/second_step_setup", "", Needs::Account),
    ("accounts/finish_second_step", "code=000000", Needs::Own("sign_in_again")),
    ("accounts/cancel_second_step", "", Needs::Account),
    ("accounts/end_second_step", "password=wrong", Needs::Own("wrong_password")),
    ("accounts/choices", "", Needs::Account),
    ("accounts/choose_mails", "kind=attempt&on=true", Needs::Account),
    ("accounts/choose_texts", "kind=change&on=true", Needs::Own("not_found")),
    (
        "accounts/set_phone",
        "phone=%2B442079460000&password=wrong",
        Needs::Own("wrong_password"),
    ),
    ("accounts/prove_phone", "code=000000", Needs::Own("wrong_code")),
    ("accounts/remove_phone", "password=wrong", Needs::Own("wrong_password")),
    ("accounts/stoppable", "notice=attempt.none&proof=none", Needs::Link),
    ("accounts/stop", "notice=attempt.none&proof=none", Needs::Link),
    ("accounts/ask_passkey", "email=nobody", Needs::Nothing),
    ("accounts/passkey_sign_in", "ceremony=none&answer={}", Needs::Step),
    ("accounts/passkeys", "", Needs::Account),
    ("accounts/begin_passkey", "password=wrong", Needs::Own("wrong_password")),
    ("accounts/finish_passkey", "answer={}", Needs::Own("sign_in_again")),
    (
        "accounts/remove_passkey",
        "id=none&password=wrong",
        Needs::Own("wrong_password"),
    ),
    ("accounts/exported", "", Needs::Account),
    ("accounts/export", "", Needs::Account),
    ("accounts/leave", "password=wrong&sure=true", Needs::Own("wrong_password")),
    ("accounts/people", "", Needs::Operator),
    ("accounts/set_open", "open=true", Needs::Site),
    ("accounts/set_quota", "gigabytes=1&photos=1", Needs::Site),
    ("accounts/invite", "email=cleo@example.org", Needs::Operator),
    ("accounts/withdraw", "invitation=none", Needs::Operator),
    ("accounts/set_group", "account={account}&group=owner&within=true", Needs::Site),
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
    /// What a server function answers: one of these statuses, with this in the text.
    fn answers(self, who: Who) -> (&'static [u16], &'static str) {
        match (self, who) {
            (Self::Nothing, _) => (&[200, 422], ""),
            (Self::Invitation, _) => (&[422], "invitation_ended"),
            (Self::Link, _) => (&[422], "broken_link"),
            (Self::Step, _) => (&[401], "sign_in_again"),
            (_, Who::Stranger) => (&[401], "sign_in_first"),
            (Self::Account, _) => (&[200], ""),
            // Not all can be done to one that waits for its bytes.
            (Self::Photo, Who::Photographer) => (&[200, 422], ""),
            (Self::Photo, _) => (&[404], "not_found"),
            // What they are asked to do may not be possible.
            (Self::Operator, Who::Operator) => (&[200, 404, 422], ""),
            (Self::Operator, _) => (&[403], "operators_only"),
            (Self::Site, _) => (&[403], "owner_only"),
            (Self::Own(why), _) => (&[401, 404, 422], why),
        }
    }
}

fn cookie(session: &Secret) -> String {
    format!("__Host-session={}", session.0)
}

/// Visitors whom nobody knows, by what they hold.
async fn strangers(env: &TestEnv) -> Vec<(&'static str, Option<String>)> {
    let ended = env.session("ended").await;
    session::end(&env.table, &env.viewer(&ended).await).await.expect("ended");

    let mut tampered = cookie(&env.session("tampered").await);
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    vec![
        ("no one", None),
        ("an ended session", Some(cookie(&ended))),
        ("a tampered cookie", Some(tampered)),
        ("an empty cookie", Some(cookie(&Secret(String::new())))),
        ("a guest of another album", Some(cookie(&env.guest().await))),
    ]
}

/// The session of somebody new who looks after the site.
async fn operator(env: &TestEnv) -> Secret {
    let name = format!("operator-{}", uuid::Uuid::now_v7());
    env.session_in(&name, BTreeSet::from([Group::Operator])).await
}

/// Everybody to whom no photo of Ada's belongs, by what they hold.
async fn others(env: &TestEnv) -> Vec<(&'static str, Option<String>, Who)> {
    let strangers = strangers(env).await.into_iter();
    let mut all: Vec<_> = strangers.map(|(name, held)| (name, held, Who::Stranger)).collect();
    all.push(("another", Some(cookie(&env.session("ben").await)), Who::Another));
    all.push(("an operator", Some(cookie(&operator(env).await)), Who::Operator));
    all
}

/// Ada's session and library, and a photo of hers that waits for its bytes.
async fn adas_photo(env: &TestEnv) -> (Secret, OpenLibrary, PhotoRecord) {
    let session = env.session("ada").await;
    let ada = open_library(&env.viewer(&session).await).expect("a library");
    let (photo, _) = env.grant(&ada, "dogs.jpg", &crate::cast::fixture("dogs.jpg")).await;
    (session, ada, photo)
}

fn nowhere() -> PhotoId {
    uuid::Uuid::now_v7().to_string().parse().expect("an id")
}

#[test]
fn every_server_function_is_listed() {
    let there: BTreeSet<_> = server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect();
    let listed = FUNCTIONS.iter().map(|(path, ..)| format!("POST /api/{path}")).collect();
    assert_eq!(there, listed);
}

#[test]
fn every_page_is_listed() {
    let there: BTreeSet<_> = leptos_axum::generate_route_list(app::App)
        .iter()
        .map(|route| route.path().to_owned())
        .collect();
    assert_eq!(there, PAGES.iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[tokio::test]
async fn server_functions_let_in_whom_they_must() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let (_, ada, hers) = adas_photo(&env).await;
    let strangers = strangers(&env).await;
    let (hers_id, nowhere) = (hers.id.to_string(), nowhere().to_string());

    for (path, body, needs) in FUNCTIONS {
        let knock = |cookie: Option<&str>, id: &str| {
            door.post(
                &format!("/api/{path}"),
                &body.replace("{id}", id).replace("{account}", id),
                cookie,
                Some(&door.site),
            )
        };
        // Each time others: one of the functions signs out, and wrong passwords are counted by address.
        let ben = cookie(&env.session(&format!("ben-{}", uuid::Uuid::now_v7())).await);
        let operator = operator(&env).await;
        let operators = cookie(&operator);
        let unknown = strangers.iter().map(|(who, cookie)| (*who, cookie.as_deref(), Who::Stranger));
        let known = [
            ("another", Some(ben.as_str()), Who::Another),
            ("an operator", Some(operators.as_str()), Who::Operator),
        ];
        // Wrong passwords are counted by network, too: one visitor's are enough.
        let once = matches!(needs, Needs::Own(_));
        for (name, cookie, who) in unknown.chain(known.into_iter().take(if once { 1 } else { 2 })) {
            let answer = knock(cookie, &hers_id);
            let (statuses, text) = needs.answers(who);
            assert!(
                statuses.contains(&answer.status) && answer.text.contains(text),
                "{path} for {name}: {answer:?}"
            );
            if who != Who::Stranger && *needs == Needs::Photo {
                let missing = knock(cookie, &nowhere);
                assert_eq!(
                    (answer.status, answer.text),
                    (missing.status, missing.text),
                    "{path} for {name}"
                );
            }
        }
        if *needs == Needs::Operator {
            let id = env.viewer(&operator).await.signed_in().expect("signed in").account.id.clone();
            invitation::withdraw_all_by(&env.table, &id).await.expect("withdrawn");
        }
        if *needs == Needs::Photo {
            let (session, _, photo) = adas_photo(&env).await;
            let answer = knock(Some(&cookie(&session)), &photo.id.to_string());
            let (statuses, _) = needs.answers(Who::Photographer);
            assert!(statuses.contains(&answer.status), "{path} for whose photo it is: {answer:?}");
        }
    }
    assert_eq!(env.photo(&ada, &hers.id).await, hers, "nothing happened to it");
}

#[tokio::test]
async fn server_functions_refuse_other_sites() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let session = env.session("ada").await;
    let ada = cookie(&session);
    let cousin = format!("{}.example.org", door.site);
    for (path, body, _) in FUNCTIONS {
        for origin in [None, Some("null"), Some("https://example.org"), Some(cousin.as_str())] {
            let answer = door.post(&format!("/api/{path}"), body, Some(&ada), origin);
            assert_eq!(answer.status, 403, "{path} from {origin:?}: {answer:?}");
        }
        let read = door.get(&format!("/api/{path}"), Some(&ada));
        assert!([404, 405].contains(&read.status), "{path} by GET: {read:?}");
    }
    assert!(env.viewer(&session).await.signed_in().is_ok(), "nobody signed her out");
}

#[tokio::test]
async fn pages_let_in_whom_they_must() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let (adas, _, hers) = adas_photo(&env).await;
    let (adas, others) = (cookie(&adas), others(&env).await);
    for (path, needs) in PAGES {
        let address = path.replace("{id}", &hers.id.to_string());
        let back = format!("/sign-in?to={}", address.replace('/', "%2F").replace('-', "%2D"));
        for (name, cookie, who) in &others {
            let answer = door.get(&address, cookie.as_deref());
            let expected = match (*needs, who) {
                (Needs::Invitation | Needs::Link, _) => (422, None),
                (Needs::Nothing, Who::Stranger) => (200, None),
                (_, Who::Stranger) if address == "/" => (302, Some("/sign-in")),
                (_, Who::Stranger) => (302, Some(back.as_str())),
                (Needs::Photo, _) => (404, None),
                (Needs::Operator, Who::Another) => (403, None),
                // Who is signed in goes on.
                _ if address == "/sign-in" => (302, None),
                _ => (200, None),
            };
            let location = answer.location.as_deref().filter(|_| *who == Who::Stranger);
            assert_eq!((answer.status, location), expected, "{path} for {name}");
            assert!(!answer.text.contains("dogs.jpg"), "{path} for {name}");
        }
        if *needs == Needs::Photo {
            assert_eq!(door.get(&address, Some(&adas)).status, 200, "{path} for whose photo it is");
        }
    }
}

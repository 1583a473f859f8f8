//! Who may do what: every server function, page, rendition and socket, for every kind of visitor, through the front
//! door. A server function or a page that is not listed here fails.

use crate::cast::Home;
use crate::cast::door::FrontDoor;
use leptos::server_fn::axum::server_fn_paths;
use model::ids::PhotoId;
use model::photos::Photo;
use serde_json::{Value, json};
use server::accounts::session::{self, Secret};
use server::albums::access::{OpenLibrary, open_library};
use server::aws::settings::Setting;
use server::aws::table::{Given, Row};
use server::live::records::TicketRecord;
use server::live::{connect, ticket};
use server::photos::links::{COOKIE_SECONDS, Signer};
use server::photos::records::PhotoRecord;
use server::{now, secrets};
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
    ("accounts/link", "password=wrong", Needs::Own("wrong_password")),
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
    /// What a server function answers: one of these statuses, with this in the text. `known` is somebody signed in, to
    /// whom neither the photo nor the site belongs.
    fn answers(self, known: bool) -> (&'static [u16], &'static str) {
        match (self, known) {
            (Self::Nothing, _) => (&[200, 422], ""),
            (Self::Invitation, _) => (&[422], "invitation_ended"),
            (Self::Link, _) => (&[422], "broken_link"),
            (Self::Step, _) => (&[401], "sign_in_again"),
            (_, false) => (&[401], "sign_in_first"),
            (Self::Account, true) => (&[200], ""),
            (Self::Photo, true) => (&[404], "not_found"),
            (Self::Operator, true) => (&[403], "operators_only"),
            (Self::Site, true) => (&[403], "owner_only"),
            (Self::Own(why), true) => (&[401, 404, 422], why),
        }
    }
}

fn cookie(session: &Secret) -> String {
    format!("__Host-session={}", session.0)
}

/// Visitors whom nobody knows, by what they hold.
async fn strangers(home: &Home) -> Vec<(&'static str, Option<String>)> {
    let ended = home.session("ended").await;
    session::end(&home.table, &home.viewer(&ended).await).await.expect("ended");

    let mut tampered = cookie(&home.session("tampered").await);
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    vec![
        ("no one", None),
        ("an ended session", Some(cookie(&ended))),
        ("a tampered cookie", Some(tampered)),
        ("an empty cookie", Some(cookie(&Secret(String::new())))),
        ("a guest of another album", Some(cookie(&home.guest().await))),
    ]
}

/// A photo of Ada's that waits for its bytes.
async fn adas_photo(home: &Home) -> (OpenLibrary, PhotoRecord) {
    let ada = home.library("ada").await;
    let (photo, _) = home.grant(&ada, "dogs.jpg", &crate::cast::fixture("dogs.jpg")).await;
    (ada, photo)
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
    let home = Home::open().await;
    let door = FrontDoor::of(&home);
    let (ada, hers) = adas_photo(&home).await;
    let strangers = strangers(&home).await;
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
        // Each time another: one of the functions signs out, and wrong passwords are counted by address.
        let ben = cookie(&home.session(&format!("ben-{}", uuid::Uuid::now_v7())).await);
        let visitors = strangers.iter().map(|(who, cookie)| (*who, cookie.as_deref(), false));
        for (who, cookie, known) in visitors.chain([("another", Some(ben.as_str()), true)]) {
            let answer = knock(cookie, &hers_id);
            let (statuses, text) = needs.answers(known);
            assert!(
                statuses.contains(&answer.status) && answer.text.contains(text),
                "{path} for {who}: {answer:?}"
            );
            if known && *needs == Needs::Photo {
                let missing = knock(cookie, &nowhere);
                assert_eq!(
                    (answer.status, answer.text),
                    (missing.status, missing.text),
                    "{path} for {who}"
                );
            }
        }
    }
    assert_eq!(home.photo(&ada, &hers.id).await, hers, "nothing happened to it");
}

#[tokio::test]
async fn server_functions_refuse_other_sites() {
    let home = Home::open().await;
    let door = FrontDoor::of(&home);
    let session = home.session("ada").await;
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
    assert!(home.viewer(&session).await.signed_in().is_ok(), "nobody signed her out");
}

#[tokio::test]
async fn pages_let_in_whom_they_must() {
    let home = Home::open().await;
    let door = FrontDoor::of(&home);
    let (_, hers) = adas_photo(&home).await;
    let strangers = strangers(&home).await;
    let ben = cookie(&home.session("ben").await);
    for (path, needs) in PAGES {
        let address = path.replace("{id}", &hers.id.to_string());
        for (who, cookie) in &strangers {
            let answer = door.get(&address, cookie.as_deref());
            let back = format!("/sign-in?to={}", address.replace('/', "%2F").replace('-', "%2D"));
            let expected = match *needs {
                Needs::Nothing => (200, None),
                Needs::Invitation | Needs::Link => (422, None),
                _ if address == "/" => (302, Some("/sign-in".to_owned())),
                _ => (302, Some(back)),
            };
            assert_eq!((answer.status, answer.location), expected, "{path} for {who}");
            assert!(!answer.text.contains("dogs.jpg"), "{path} for {who}");
        }
        let answer = door.get(&address, Some(&ben));
        let expected = match needs {
            Needs::Photo => 404,
            Needs::Invitation | Needs::Link => 422,
            Needs::Operator => 403,
            // Who is signed in goes on.
            _ if address == "/sign-in" => 302,
            _ => 200,
        };
        assert_eq!(answer.status, expected, "{path} for another");
        assert!(!answer.text.contains("dogs.jpg"), "{path} for another");
    }
}

#[tokio::test]
async fn originals_are_sent_to_their_owner_alone() {
    let home = Home::open().await;
    let door = FrontDoor::of(&home);
    let (adas, ben) = (home.session("ada").await, cookie(&home.session("ben").await));
    let ada = open_library(&home.viewer(&adas).await).expect("a library");
    let (hers, _) = home.grant(&ada, "dogs.jpg", &crate::cast::fixture("dogs.jpg")).await;
    let address = |id: &PhotoId| format!("/photos/{id}/original");
    for (who, cookie) in strangers(&home).await {
        let to = door.get(&address(&hers.id), cookie.as_deref()).location.expect("a place");
        assert!(to.starts_with("/sign-in?"), "{who} is sent to {to}");
    }
    let (hidden, missing) = (
        door.get(&address(&hers.id), Some(&ben)),
        door.get(&address(&nowhere()), Some(&ben)),
    );
    assert_eq!((hidden.status, &hidden.location), (missing.status, &missing.location));
    assert!(hidden.location.expect("a place").starts_with("/?"));
    let to = door.get(&address(&hers.id), Some(&cookie(&adas))).location.expect("a place");
    assert!(
        to.contains("X-Amz-Signature=") && to.contains("dogs.jpg"),
        "hers is signed for: {to}"
    );
}

#[tokio::test]
async fn renditions_want_link_and_cookie() {
    let home = Home::open().await;
    let door = FrontDoor::of(&home);
    let ada = home.library("ada").await;
    let id = home.upload(&ada, "dogs.jpg").await;
    let ready = home.settled(&ada, &id).await;
    let signer = Signer::new(&home.cloud.secret().expect("the secret").read().await.expect("the keys")).expect("a key");
    let proved = |photo: Photo, at| signer.prove(photo, at).media.expect("renditions");
    let media = proved(ready.photo(), now());
    let link = format!("/media/{}/320?{}", media.folder, media.proof);
    let late = now().plus_seconds(-COOKIE_SECONDS - 1);
    let stale = proved(ready.photo(), now().plus_seconds(-3 * 86_400));
    let holds = |value: &str| format!("__Host-media={value}");
    let good = holds(&signer.cookie(now()));
    let knock = |link: &str, cookie: Option<&str>| door.get(link, cookie).status;

    assert_eq!(knock(&link, Some(&good)), 200);
    let session = cookie(&home.session("ada").await);
    for (what, cookie) in [
        ("no cookie", None),
        ("a session alone", Some(session)),
        ("a cookie that ended", Some(holds(&signer.cookie(late)))),
        ("a tampered cookie", Some(format!("{good}A"))),
        ("a cookie that lasts longer", Some(good.replacen(".1", ".2", 1))),
        ("another key", Some(good.replacen('=', "=other", 1))),
    ] {
        assert_eq!(knock(&link, cookie.as_deref()), 403, "{what}");
    }
    for (what, link) in [
        ("no proof", format!("/media/{}/320", media.folder)),
        ("a proof that ended", format!("/media/{}/320?{}", stale.folder, stale.proof)),
        ("another photo's proof", link.replace(&id.to_string(), &nowhere().to_string())),
        ("another generation", link.replace("/1/320", "/2/320")),
        ("more formats", link.replace("&f=", "&f=avif.")),
        ("a tampered proof", format!("{link}A")),
    ] {
        assert_eq!(knock(&link, Some(&good)), 403, "{what}");
    }
}

#[tokio::test]
async fn sockets_want_a_ticket_and_this_site() {
    let home = Home::open().await;
    let (ada, session) = home.library_and_session("ada").await;
    let site = home.cloud.setting(Setting::SiteAddress).expect("an address");
    let issue = async || {
        let issued = ticket::issue(&home.table, &ada, &session, "").await.expect("a ticket");
        issued.address.split_once('=').expect("a secret").1.to_owned()
    };
    let knock = async |secret: Option<&str>, origin: Option<&str>| -> Value {
        let event = json!({
            "requestContext": { "connectionId": secrets::random_text().expect("a name"), "eventType": "CONNECT" },
            "headers": origin.map(|origin| json!({ "Origin": origin })),
            "queryStringParameters": secret.map(|secret| json!({ "ticket": secret })),
        });
        let event = serde_json::from_value(event).expect("an event");
        let answer = connect::on_socket(&home.table, &site, event).await.expect("an answer");
        serde_json::to_value(answer).expect("json")["statusCode"].clone()
    };

    let good = issue().await;
    for origin in [None, Some("null"), Some("https://example.org")] {
        assert_eq!(knock(Some(&good), origin).await, 403, "from {origin:?}");
    }
    assert_eq!(knock(Some(&good), Some(&site)).await, 200, "the others did not use it up");
    assert_eq!(knock(Some(&good), Some(&site)).await, 401, "used");
    assert_eq!(knock(None, Some(&site)).await, 401, "none");
    assert_eq!(knock(Some(""), Some(&site)).await, 401, "empty");
    assert_eq!(
        knock(Some(&format!("{}A", issue().await)), Some(&site)).await,
        401,
        "tampered"
    );

    let old = secrets::random_text().expect("a secret");
    let ended = TicketRecord {
        channel: ada.channel(),
        session: None,
        ends_at: now().plus_seconds(-1),
        ttl: now().plus_seconds(3600).seconds(),
    };
    let row = Row {
        key: TicketRecord::key(&secrets::hashed(&old)),
        item: &ended,
        given: Given::Absent,
    };
    home.table.put(row).await.expect("a ticket");
    assert_eq!(knock(Some(&old), Some(&site)).await, 401, "expired");
}

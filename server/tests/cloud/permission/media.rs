//! Renditions want a link and a cookie, and sockets a ticket.

use super::{cookie, nowhere};
use crate::cast::TestEnv;
use crate::cast::door::SiteClient;
use model::photos::Photo;
use serde_json::{Value, json};
use server::aws::settings::Setting;
use server::aws::table::{Given, Row};
use server::live::records::TicketRecord;
use server::live::{connect, ticket};
use server::photos::links::{COOKIE_SECONDS, Signer};
use server::{now, secrets};

#[tokio::test]
async fn renditions_want_link_and_cookie() {
    let env = TestEnv::open().await;
    let door = SiteClient::new(&env);
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    let ready = env.processed(&ada, &id).await;
    let signer = Signer::new(&env.cloud.secret().expect("the secret").read().await.expect("the keys")).expect("a key");
    let proved = |photo: Photo, at| signer.prove(photo, at).media.expect("renditions");
    let media = proved(ready.photo(), now());
    let link = format!("/media/{}/320?{}", media.folder, media.proof);
    let late = now().plus_seconds(-COOKIE_SECONDS - 1);
    let stale = proved(ready.photo(), now().plus_seconds(-3 * 86_400));
    let holds = |value: &str| format!("__Host-media={value}");
    let good = holds(&signer.cookie(now()));
    let knock = |link: &str, cookie: Option<&str>| door.get(link, cookie).status;

    assert_eq!(knock(&link, Some(&good)), 200);
    let session = cookie(&env.session("ada").await);
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
    let env = TestEnv::open().await;
    let (ada, session) = env.library_and_session("ada").await;
    let site = env.cloud.setting(Setting::SiteAddress).expect("an address");
    let issue = async || {
        let issued = ticket::issue(&env.table, &ada, &session, "").await.expect("a ticket");
        issued.address.split_once('=').expect("a secret").1.to_owned()
    };
    let knock = async |secret: Option<&str>, origin: Option<&str>| -> Value {
        let event = json!({
            "requestContext": { "connectionId": secrets::random_text().expect("a name"), "eventType": "CONNECT" },
            "headers": origin.map(|origin| json!({ "Origin": origin })),
            "queryStringParameters": secret.map(|secret| json!({ "ticket": secret })),
        });
        let event = serde_json::from_value(event).expect("an event");
        let answer = connect::on_socket(&env.table, &site, event).await.expect("an answer");
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
    env.table.put(row).await.expect("a ticket");
    assert_eq!(knock(Some(&old), Some(&site)).await, 401, "expired");
}

//! Renditions require a signed link and a signed cookie, sockets a ticket.

use super::{cookie, unknown_photo_id};
use crate::fixtures::TestEnv;
use crate::fixtures::site_client::SiteClient;
use model::photos::Photo;
use serde_json::{Value, json};
use server::aws::settings::Setting;
use server::aws::table::{Condition, Row};
use server::live::records::TicketRecord;
use server::live::{connect, ticket};
use server::photos::links::{COOKIE_SECONDS, Signer};
use server::{now, secrets};

#[tokio::test]
async fn renditions_require_a_link_and_a_cookie() {
    let env = TestEnv::open().await;
    let client = SiteClient::new(&env);
    let ada = env.library("ada").await;
    let id = env.upload(&ada, "dogs.jpg").await;
    let ready = env.processed(&ada, &id).await;
    let signer = Signer::new(&env.cloud.secret().expect("the secret").read().await.expect("the keys")).expect("a key");
    let sign = |photo: Photo, at| signer.sign_links(photo, at).media.expect("renditions");
    let media = sign(ready.photo(), now());
    let link = format!("/media/{}/320?{}", media.folder, media.proof);
    let expired_at = now().plus_seconds(-COOKIE_SECONDS - 1);
    let expired = sign(ready.photo(), now().plus_seconds(-3 * 86_400));
    let media_cookie = |value: &str| format!("__Host-media={value}");
    let valid = media_cookie(&signer.cookie(now()));
    let status = |link: &str, cookie: Option<&str>| client.get(link, cookie).status;

    assert_eq!(status(&link, Some(&valid)), 200);
    let session = cookie(&env.session("ada").await);
    for (what, cookie) in [
        ("no cookie", None),
        ("a session alone", Some(session)),
        ("an expired cookie", Some(media_cookie(&signer.cookie(expired_at)))),
        ("a tampered cookie", Some(format!("{valid}A"))),
        ("a later expiry", Some(valid.replacen(".1", ".2", 1))),
        ("another key", Some(valid.replacen('=', "=other", 1))),
    ] {
        assert_eq!(status(&link, cookie.as_deref()), 403, "{what}");
    }
    for (what, link) in [
        ("no proof", format!("/media/{}/320", media.folder)),
        ("an expired proof", format!("/media/{}/320?{}", expired.folder, expired.proof)),
        (
            "another photo's proof",
            link.replace(&id.to_string(), &unknown_photo_id().to_string()),
        ),
        ("another generation", link.replace("/1/320", "/2/320")),
        ("more formats", link.replace("&f=", "&f=avif.")),
        ("a tampered proof", format!("{link}A")),
    ] {
        assert_eq!(status(&link, Some(&valid)), 403, "{what}");
    }
}

#[tokio::test]
async fn sockets_require_a_ticket_and_the_sites_origin() {
    let env = TestEnv::open().await;
    let (ada, session) = env.library_and_session("ada").await;
    let origin = env.cloud.setting(Setting::SiteAddress).expect("an address");
    let issue = async || {
        let issued = ticket::issue(&env.table, &ada, &session, "").await.expect("a ticket");
        issued.address.split_once('=').expect("a secret").1.to_owned()
    };
    let status = async |secret: Option<&str>, from: Option<&str>| -> Value {
        let event = json!({
            "requestContext": { "connectionId": secrets::random_text().expect("random text"), "eventType": "CONNECT" },
            "headers": from.map(|from| json!({ "Origin": from })),
            "queryStringParameters": secret.map(|secret| json!({ "ticket": secret })),
        });
        let event = serde_json::from_value(event).expect("an event");
        let response = connect::on_socket(&env.table, &origin, event).await.expect("a response");
        serde_json::to_value(response).expect("json")["statusCode"].clone()
    };

    let valid = issue().await;
    for from in [None, Some("null"), Some("https://example.org")] {
        assert_eq!(status(Some(&valid), from).await, 403, "from {from:?}");
    }
    assert_eq!(status(Some(&valid), Some(&origin)).await, 200, "not used up before");
    assert_eq!(status(Some(&valid), Some(&origin)).await, 401, "used");
    assert_eq!(status(None, Some(&origin)).await, 401, "none");
    assert_eq!(status(Some(""), Some(&origin)).await, 401, "empty");
    assert_eq!(
        status(Some(&format!("{}A", issue().await)), Some(&origin)).await,
        401,
        "tampered"
    );

    let secret = secrets::random_text().expect("a secret");
    let expired = TicketRecord {
        channel: ada.channel(),
        session: None,
        ends_at: now().plus_seconds(-1),
        ttl: now().plus_seconds(3600).seconds(),
    };
    let row = Row {
        key: TicketRecord::key(&secrets::hashed(&secret)),
        item: &expired,
        condition: Condition::Absent,
    };
    assert!(env.table.put(row).await.expect("a ticket").is_written());
    assert_eq!(status(Some(&secret), Some(&origin)).await, 401, "expired");
}

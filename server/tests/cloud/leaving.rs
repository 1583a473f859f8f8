//! The room `leaving`, in the local cloud: what a request that was under way wrote while an account was being erased.

use crate::cast::Home;
use model::live::Channel;
use serde_json::Value;
use server::accounts::records::{AccountRecord, SessionRecord};
use server::aws::Cloud;
use server::aws::settings::Setting;
use server::aws::table::{Given, Key, Row};
use server::leaving::{Here, erase};
use server::live::records::SocketRecord;

async fn here() -> Here {
    use Setting::{MediaBucket, OriginalsBucket, SocketEndpoint, Table, UserPool, UserPoolClient};
    let wanted = [Table, OriginalsBucket, MediaBucket, UserPool, UserPoolClient, SocketEndpoint];
    let cloud = Cloud::open(&wanted).await.expect("the settings");
    Here {
        table: cloud.table().unwrap(),
        originals: cloud.originals().unwrap(),
        media: cloud.media().unwrap(),
        exports: cloud.exports().unwrap(),
        identity: cloud.identity().unwrap(),
        sockets: cloud.sockets().unwrap(),
    }
}

async fn is_there(home: &Home, key: &Key) -> bool {
    home.table.get::<Value>(key).await.expect("a read").is_some()
}

#[tokio::test]
async fn a_session_that_is_found_with_an_accounts_rows_ends_in_both_of_its_places() {
    let home = Home::open().await;
    // As it is when all sessions were ended and one began after that.
    let ada = home.somebody("ada").await;
    let signed_in = ada.signed_in().expect("a session");
    let (account, session) = (&signed_in.account.id, &signed_in.session);
    for _ in 0..2 {
        erase::erase_account_rows(&here().await, account).await.expect("erased");
        assert!(!is_there(&home, &SessionRecord::key(&session.hash)).await);
        assert!(!is_there(&home, &SessionRecord::listed_key(account, session.created_at, &session.hash)).await);
        assert!(!is_there(&home, &AccountRecord::key(account)).await);
    }
}

#[tokio::test]
async fn a_socket_that_is_found_in_a_channel_is_deleted_from_all_of_its_places() {
    let home = Home::open().await;
    let (library, session) = home.library_and_session("ada").await;
    let socket = SocketRecord {
        connection: uuid::Uuid::now_v7().to_string(),
        channel: Channel::Library(library.account().clone()),
        session: Some(session),
        opened_at: server::now(),
        ttl: server::now().plus_seconds(60).seconds(),
    };
    for key in socket.keys() {
        let row = Row {
            key,
            item: &socket,
            given: Given::Absent,
        };
        assert!(home.table.put(row).await.expect("a write"));
    }
    for _ in 0..2 {
        erase::erase_channel(&home.table, &here().await.sockets, library.account())
            .await
            .expect("erased");
        for key in socket.keys() {
            assert!(!is_there(&home, &key).await, "{key:?}");
        }
    }
}

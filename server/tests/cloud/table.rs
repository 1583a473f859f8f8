//! Read costs are independent of the library's size, and equal the limits in `TABLE.md`.

use crate::fixtures::{TestEnv, fixture, wait_until};
use model::events::{EVENT_VERSION, Event};
use model::live::LiveUpdate;
use model::photos::State;
use model::time::Time;
use model::timeline::Start;
use server::accounts::records::{AccountRecord, SessionRecord};
use server::accounts::session;
use server::albums::access::{OpenLibrary, open_library};
use server::aws::meter::Cost;
use server::aws::table::{Key, keys};
use server::live::catch_up;
use server::live::records::{CounterRecord, MESSAGE_SECONDS, MessageRecord, SOCKET_SECONDS, SocketRecord};
use server::photos::records::PhotoRecord;
use server::photos::{days, timeline};

/// The limit of an access pattern in `TABLE.md`.
fn limit(pattern: &str) -> i32 {
    let page = include_str!("../../src/aws/TABLE.md");
    let row = page.lines().find(|line| line.starts_with(&format!("| {pattern} |")));
    let cell = row.and_then(|row| row.split('|').nth(8)).expect("a row of TABLE.md");
    cell.trim().parse().expect("a limit")
}

/// Photos of a library, oldest first.
async fn fill_photos(env: &TestEnv, photo: &PhotoRecord, count: u32) -> Vec<PhotoRecord> {
    let photos: Vec<_> = (0..count)
        .map(|number| {
            let id = format!("{number:08x}-0000-7000-8000-000000000000");
            let mut photo = PhotoRecord {
                id: id.parse().expect("an id"),
                taken_at: Time(number.into()),
                state: State::Ready,
                ..photo.clone()
            };
            photo.update_index_keys();
            photo
        })
        .collect();
    // Under keys whose changes are not published.
    let rows = photos
        .iter()
        .map(|photo| (Key::new(format!("FILL#{}#{}", photo.library, photo.id), "PHOTO"), photo));
    env.table.put_many(rows.collect()).await.expect("photos");
    photos
}

/// Recent messages of a library's channel.
async fn fill_messages(env: &TestEnv, library: &OpenLibrary, photo: &PhotoRecord, count: u32) {
    // They stay recent for as long as the test takes.
    let (at, channel) = (server::now().plus_seconds(600), library.channel());
    let rows = (1..=count).map(|number| {
        let event = Event {
            version: EVENT_VERSION,
            channel: channel.clone(),
            number: number.into(),
            at,
            news: LiveUpdate::PhotoChanged {
                photo: Box::new(photo.photo()),
            },
        };
        let ttl = at.plus_seconds(MESSAGE_SECONDS).seconds();
        (MessageRecord::key(&channel, number.into()), MessageRecord { event, ttl })
    });
    env.table.put_many(rows.collect()).await.expect("messages");
    let counter = CounterRecord {
        number: count.into(),
        at,
    };
    env.table
        .put_many(vec![(CounterRecord::key(&channel), counter)])
        .await
        .expect("a counter");
}

/// Sockets of a library's channel; returns their sort keys, in order.
async fn fill_sockets(env: &TestEnv, library: &OpenLibrary, count: u32) -> Vec<String> {
    let (now, channel) = (server::now(), library.channel());
    let rows: Vec<_> = (0..count)
        .map(|number| {
            let socket = SocketRecord {
                connection: format!("{number:012}"),
                channel: channel.clone(),
                session: None,
                opened_at: now,
                ttl: now.plus_seconds(SOCKET_SECONDS).seconds(),
            };
            (SocketRecord::follower_key(&channel, &socket.connection), socket)
        })
        .collect();
    let keys = rows.iter().map(|(key, _)| key.sk.clone()).collect();
    env.table.put_many(rows).await.expect("sockets");
    keys
}

/// The cost of each read in a library with `size` rows of each kind in addition to a page of them.
async fn costs(env: &TestEnv, size: u32) -> Vec<(&'static str, Cost)> {
    let session = env.session("ada").await;
    let ada = open_library(&env.viewer(&session).await).expect("a library");
    let (photo, _) = env.grant(&ada, "dogs.jpg", &fixture("dogs.jpg")).await;
    let last = async || catch_up::last_number(&env.table, &ada).await.expect("a number");
    wait_until("its grant is published", async || last().await == 1).await;
    let page = |pattern| u32::try_from(limit(pattern)).expect("a number of rows");
    let photos = fill_photos(env, &photo, size + page("timeline")).await;
    let messages = size + page("what was missed");
    fill_messages(env, &ada, &photo, messages).await;
    let sockets = fill_sockets(env, &ada, size + page("sockets of a channel")).await;

    let (table, meter) = env.table.metered();
    let mut costs = vec![];

    timeline::photo(&table, &ada, &photo.id).await.expect("the photo");
    costs.push(("a photo", meter.take()));

    timeline::timeline(&table, &ada, &Start::Newest).await.expect("a page");
    costs.push(("timeline", meter.take()));

    let middle = &photos[photos.len() - usize::try_from(size).expect("a size") / 2];
    let start = Start::Behind(middle.timeline_sk.clone());
    timeline::timeline(&table, &ada, &start).await.expect("a later page");
    costs.push(("timeline, a later page", meter.take()));

    timeline::timeline(&table, &ada, &Start::Day(middle.day().expect("a day")))
        .await
        .expect("a day's page");
    costs.push(("timeline, from a day", meter.take()));

    days::days(&table, &ada).await.expect("days");
    costs.push(("days", meter.take()));

    let events = catch_up::missed(&table, &ada, u64::from(messages) - 50)
        .await
        .expect("a result");
    assert_eq!(events.map(|events| events.len()), Some(50));
    costs.push(("what was missed", meter.take()));

    assert!(catch_up::missed(&table, &ada, 0).await.expect("a result").is_none());
    costs.push(("more missed events than are sent again", meter.take()));

    catch_up::settled_number(&table, &ada).await.expect("a number");
    costs.push(("settled number", meter.take()));

    let batched = table.batched(session::rows_of(&session.0));
    session::viewer(&batched, &session.0).await.expect("a viewer");
    costs.push(("viewer", meter.take()));

    let after = format!("{}\0", sockets[usize::try_from(size / 2).expect("a size")]);
    for (read, low) in [("sockets", "SOCKET#"), ("sockets, a later page", after.as_str())] {
        table
            .range::<SocketRecord>(
                &keys::channel_partition(&ada.channel()),
                low,
                "SOCKET#~",
                limit("sockets of a channel"),
            )
            .await
            .expect("a page");
        costs.push((read, meter.take()));
    }
    costs
}

#[tokio::test]
async fn batched_rows_are_read_once_and_others_individually() {
    let env = TestEnv::open().await;
    let viewer = env.new_viewer("ada").await;
    let (signed_in, library) = (
        viewer.signed_in().expect("signed in"),
        open_library(&viewer).expect("a library"),
    );
    let (account, session) = (
        AccountRecord::key(&signed_in.account.id),
        SessionRecord::key(&signed_in.session.hash),
    );
    let (table, meter) = env.table.metered();
    let table = table.batched(vec![account.clone(), CounterRecord::key(&library.channel())]);
    let reads = async || {
        tokio::try_join!(
            table.get::<AccountRecord>(&account),
            catch_up::last_number(&table, &library),
            table.get::<SessionRecord>(&session)
        )
    };
    let (found_account, number, found_session) = reads().await.expect("rows");
    assert_eq!(
        (found_account, number, found_session),
        (Some(signed_in.account.clone()), 0, Some(signed_in.session.clone()))
    );
    assert_eq!(meter.take().calls, 2, "the batch, and the session");
    reads().await.expect("rows");
    assert_eq!(meter.take().calls, 1, "the session");
}

#[tokio::test]
async fn read_costs_do_not_depend_on_the_librarys_size() {
    let env = TestEnv::open().await;
    let small = costs(&env, 100).await;
    assert_eq!(costs(&env, 10_000).await, small);
    let scanned: Vec<_> = small.iter().map(|(read, cost)| (*read, cost.calls, cost.scanned)).collect();
    let limit = |pattern| i64::from(limit(pattern));
    assert_eq!(
        scanned,
        [
            ("a photo", 1, 1),
            ("timeline", 1, limit("timeline")),
            ("timeline, a later page", 1, limit("timeline, before a place or a day")),
            ("timeline, from a day", 1, limit("timeline, before a place or a day")),
            // One row per month.
            ("days", 1, 1),
            // The channel's counter, then its messages.
            ("what was missed", 2, 1 + 50),
            ("more missed events than are sent again", 2, 1 + limit("what was missed")),
            ("settled number", 2, 1 + limit("newest messages")),
            // The session and its account.
            ("viewer", 1, 2),
            ("sockets", 1, limit("sockets of a channel")),
            ("sockets, a later page", 1, limit("sockets of a channel, a later page")),
        ]
    );
}

//! Phone numbers, text messages and unsubscribing, against the deployed table.

use crate::fixtures::{TestEnv, identity, in_one_window, new_client, refused};
use model::notifications::{Choice, NotificationKind};
use model::user_error::UserError;
use serde_json::json;
use server::accounts::Viewer;
use server::accounts::codes::{self, CodeRecord, Purpose};
use server::accounts::second_step::Credentials;
use server::aws::Cloud;
use server::aws::settings::Setting;
use server::aws::table::{Condition, Row};
use server::notifications::phone::{self, Phone};
use server::notifications::records::StoppedRecord;
use server::notifications::send::{self, Outcome};
use server::notifications::sms_policy::SmsPolicy;
use server::notifications::unsubscribe::{self, Subscription};
use server::signing_keys::LinkSigner;
use server::{idempotency, now, secrets};

/// A viewer with a unique address.
async fn ada(env: &TestEnv) -> Viewer {
    env.new_viewer(&format!("ada-{}", uuid::Uuid::now_v7())).await
}

/// A unique phone number.
fn number() -> Phone {
    let random = uuid::Uuid::now_v7().as_u128() ^ uuid::Uuid::now_v7().as_u128().rotate_left(64);
    Phone::parse(&format!("+4420{:08}", random % 100_000_000)).expect("a number")
}

/// Parses a setting: countries and the daily limit of text messages.
fn sms_policy(setting: &str) -> SmsPolicy {
    SmsPolicy::read(setting).expect("a valid setting").expect("SMS is enabled")
}

/// Rate limit window of text messages.
const WINDOW_SECONDS: i64 = 3600;

/// A new code for the pending verification, as when it is sent again.
async fn code(env: &TestEnv, viewer: &Viewer) -> String {
    let account = viewer.signed_in().expect("signed in").account.id.as_str();
    let drawn = codes::generate(&env.table, Purpose::Phone, account).await.expect("drawn");
    drawn.expect("a code").0
}

#[tokio::test]
async fn texts_are_rate_limited_by_account_and_by_number() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let (viewer, from) = (ada(&env).await, new_client());
    for _ in 0..5 {
        phone::request_code(&env.table, &viewer, &sms_policy("sent 44 1000000"), &number(), &from)
            .await
            .expect("asked");
    }
    let sixth = phone::request_code(&env.table, &viewer, &sms_policy("sent 44 1000000"), &number(), &from).await;
    assert!(matches!(refused(sixth), UserError::TooManyTexts { minutes: 1..=60 }));

    // A number that several accounts claim.
    let claimed = number();
    for _ in 0..3 {
        phone::request_code(
            &env.table,
            &ada(&env).await,
            &sms_policy("sent 44 1000000"),
            &claimed,
            &new_client(),
        )
        .await
        .expect("asked");
    }
    let fourth = phone::request_code(
        &env.table,
        &ada(&env).await,
        &sms_policy("sent 44 1000000"),
        &claimed,
        &new_client(),
    )
    .await;
    assert!(matches!(refused(fourth), UserError::TooManyTexts { .. }));
}

#[tokio::test]
async fn texts_are_requested_only_in_enabled_countries_and_within_the_daily_limit() {
    let env = TestEnv::open().await;
    let (viewer, from) = (ada(&env).await, new_client());
    let ask = async |setting: &str| phone::request_code(&env.table, &viewer, &sms_policy(setting), &number(), &from).await;
    assert_eq!(refused(ask("sent 49 1000000").await), UserError::NoTextsThere);
    assert!(matches!(
        refused(ask("sent 44 0").await),
        UserError::TooManyTexts { minutes: 1..=1440 }
    ));
    ask("sent 44,49 1000000").await.expect("asked");
}

#[tokio::test]
async fn an_unreachable_number_is_refused_before_a_code_is_used_up() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let (viewer, from, phone) = (ada(&env).await, new_client(), number());
    let set = async |setting: &str| {
        let credentials = Credentials {
            password: "not her password",
            code: None,
        };
        phone::set(
            &env.table,
            &identity,
            &viewer,
            &sms_policy(setting),
            &phone,
            credentials,
            &from,
        )
        .await
    };
    assert_eq!(refused(set("sent 49 1000000").await), UserError::NoTextsThere);
    assert!(matches!(refused(set("sent 44 0").await), UserError::TooManyTexts { .. }));
    assert_eq!(refused(set("sent 44 1000000").await), UserError::WrongPassword);
}

/// The outcome of sending a code by text with this setting.
async fn send_code(env: &TestEnv, setting: &str) -> Option<Outcome> {
    let settings = [Setting::Table, Setting::MailFrom, Setting::SiteAddress];
    let cloud = Cloud::open(&settings).await.expect("the settings");
    let keys = cloud.secret().expect("the secret").read().await.expect("the keys");
    let context = send::HandlerContext {
        table: env.table.clone(),
        mail: cloud.mail().expect("mail"),
        sms: cloud.sms(),
        sms_policy: Some(sms_policy(setting)),
        links: LinkSigner::new(&keys).expect("a key"),
        site_address: cloud.setting(Setting::SiteAddress).expect("an address"),
    };
    let account = uuid::Uuid::now_v7().to_string();
    codes::request(&env.table, Purpose::Phone, &account, number().as_str())
        .await
        .expect("expected");
    let id = uuid::Uuid::now_v7().to_string();
    let notification = json!({ "notice": "phone_code", "account": account });
    let event = json!({ "detail": { "version": 6, "id": id, "to": { "account": account }, "notice": notification } });
    let event = serde_json::from_value(event).expect("an event");
    send::on_wanted(&context, event).await.expect("handled");
    let outcome = idempotency::outcome(&env.table, "notices", &format!("{id}.text")).await;
    outcome.expect("an outcome")
}

#[tokio::test]
async fn texts_are_sent_only_in_enabled_countries_and_within_the_daily_limit() {
    let env = TestEnv::open().await;
    assert_eq!(send_code(&env, "sent 44 1000000").await, Some(Outcome::Sent));
    assert_eq!(send_code(&env, "sent 49 1000000").await, Some(Outcome::NoSender));
    assert_eq!(send_code(&env, "sent 44 0").await, Some(Outcome::Spent));
}

#[tokio::test]
async fn a_phone_is_verified_by_its_newest_code_in_time_and_within_the_attempt_limit() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let (viewer, from, phone) = (ada(&env).await, new_client(), number());
    let table = &env.table;
    let number = async || phone::texts(table, &viewer).await.expect("a phone").number;
    assert_eq!(
        refused(phone::verify(table, &viewer, "000000", &from).await),
        UserError::WrongCode,
        "no code is pending"
    );

    phone::request_code(table, &viewer, &sms_policy("sent 44 1000000"), &phone, &from)
        .await
        .expect("asked");
    // Waits until the function has generated its code, so that it does not replace a later one.
    let account = viewer.signed_in().expect("signed in").account.id.clone();
    let key = CodeRecord::key(Purpose::Phone, account.as_str());
    crate::fixtures::wait_until("the code is generated", async || {
        let pending: Option<CodeRecord> = table.get(&key).await.expect("a row");
        pending.is_some_and(|pending| pending.hash.is_some())
    })
    .await;
    let correct = code(&env, &viewer).await;
    let wrong = if correct == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(
            refused(phone::verify(table, &viewer, wrong, &from).await),
            UserError::WrongCode
        );
    }
    assert_eq!(
        refused(phone::verify(table, &viewer, &correct, &from).await),
        UserError::TooMany,
        "even the correct code"
    );

    codes::request(table, Purpose::Phone, account.as_str(), phone.as_str())
        .await
        .expect("expected");
    let correct = code(&env, &viewer).await;
    let mut expired: CodeRecord = table.get(&key).await.expect("a row").expect("a code");
    expired.ends_at = now().plus_seconds(-1);
    let row = Row {
        key,
        item: &expired,
        condition: Condition::Anything,
    };
    assert!(table.put(row).await.expect("a write").is_written());
    assert_eq!(
        refused(phone::verify(table, &viewer, &correct, &from).await),
        UserError::CodeExpired
    );
    let drawn = codes::generate(table, Purpose::Phone, account.as_str())
        .await
        .expect("a result");
    assert!(drawn.is_none(), "an expired code is not sent");
    assert_eq!(number().await, None);

    codes::request(table, Purpose::Phone, account.as_str(), phone.as_str())
        .await
        .expect("expected");
    let correct = code(&env, &viewer).await;
    phone::verify(table, &viewer, &correct, &from).await.expect("verified");
    assert_eq!(number().await.as_deref(), Some(phone.as_str()));
    assert_eq!(
        refused(phone::verify(table, &viewer, &correct, &from).await),
        UserError::WrongCode,
        "used"
    );
}

#[tokio::test]
async fn concurrent_choices_are_all_stored() {
    let env = TestEnv::open().await;
    let (viewer, from, table) = (ada(&env).await, new_client(), &env.table);
    let account = viewer.signed_in().expect("signed in").account.id.clone();
    let without_phone = phone::choose(table, &viewer, NotificationKind::Change, true).await;
    assert_eq!(refused(without_phone), UserError::NotFound);
    codes::request(table, Purpose::Phone, account.as_str(), number().as_str())
        .await
        .expect("expected");
    let correct = code(&env, &viewer).await;
    phone::verify(table, &viewer, &correct, &from).await.expect("verified");
    let (first, second) = tokio::join!(
        phone::choose(table, &viewer, NotificationKind::Change, true),
        phone::choose(table, &viewer, NotificationKind::Entry, true)
    );
    first.and(second).expect("chosen");
    let kinds = phone::texts(table, &viewer).await.expect("a phone").kinds;
    assert_eq!(kinds, NotificationKind::BY_PHONE.map(|kind| Choice { kind, on: true }));
    let invalid = phone::choose(table, &viewer, NotificationKind::Code, false).await;
    assert_eq!(refused(invalid), UserError::Malformed);
}

#[tokio::test]
async fn unsubscribing_and_resubscribing_affect_only_the_own_address() {
    let env = TestEnv::open().await;
    let (viewer, ben, table) = (ada(&env).await, ada(&env).await, &env.table);
    let choices = async |viewer: &Viewer| unsubscribe::choices(table, viewer).await.expect("choices");
    let on = |kind| Choice { kind, on: true };
    assert_eq!(choices(&viewer).await, NotificationKind::BY_MAIL.map(on));
    for _ in 0..2 {
        unsubscribe::choose(table, &viewer, NotificationKind::Attempt, false)
            .await
            .expect("stopped");
    }
    let stopped = Choice {
        kind: NotificationKind::Attempt,
        on: false,
    };
    let without_attempts = NotificationKind::BY_MAIL.map(|kind| {
        if kind == NotificationKind::Attempt {
            stopped
        } else {
            on(kind)
        }
    });
    assert_eq!(choices(&viewer).await, without_attempts);
    assert_eq!(choices(&ben).await, NotificationKind::BY_MAIL.map(on));
    for _ in 0..2 {
        unsubscribe::choose(table, &viewer, NotificationKind::Attempt, true)
            .await
            .expect("resumed");
    }
    assert_eq!(choices(&viewer).await, NotificationKind::BY_MAIL.map(on));
    let invalid = unsubscribe::choose(table, &viewer, NotificationKind::Unknown, false).await;
    assert_eq!(refused(invalid), UserError::Malformed);
}

#[tokio::test]
async fn codes_are_unsubscribed_for_thirty_days() {
    let env = TestEnv::open().await;
    let email = format!("dora-{}@shoebox.test", uuid::Uuid::now_v7());
    let subscription = Subscription::of(NotificationKind::Code, &email).expect("codes are mailed");
    subscription.unsubscribe(&env.table).await.expect("stopped");
    assert!(!subscription.choice(&env.table).await.expect("a choice").on);
    let key = StoppedRecord::key(&secrets::hashed(&email), NotificationKind::Code);
    let expired = StoppedRecord::since(now().plus_seconds(-31 * 86_400));
    let row = Row {
        key,
        item: &expired,
        condition: Condition::Anything,
    };
    assert!(env.table.put(row).await.expect("a write").is_written());
    assert!(subscription.choice(&env.table).await.expect("a choice").on);
}

//! Secrets are encrypted in rows, and plaintext secrets of old rows are not read.

use crate::fixtures::{TestEnv, identity, new_client, refused, unused_email};
use model::user_error::UserError;
use serde_json::{Value, json};
use server::accounts::Viewer;
use server::accounts::federated::{self, OAuthAttemptRecord};
use server::accounts::passkeys::{self, PasskeyChallengeRecord, PasskeyRegistrationRecord};
use server::accounts::records::{PendingSecondStepRecord, Setup, SetupRecord};
use server::accounts::second_step::{self, Credentials};
use server::accounts::sign_in::SignInContext;
use server::aws::identity::Identity;
use server::aws::table::{Condition, Key, Row};
use server::{now, secrets};
use std::collections::BTreeSet;

const PASSWORD: &str = "a shoebox of photos";
const SITE: &str = "https://photos.example.org";

/// The viewer of a new account with a password.
async fn with_password(env: &TestEnv, identity: &Identity) -> Viewer {
    let email = unused_email();
    identity.create_user(email.as_str(), PASSWORD).await.expect("a user");
    let session = env.session_of_user(identity, &email, BTreeSet::new()).await;
    env.viewer(&session).await
}

async fn row_at(env: &TestEnv, key: &Key) -> Value {
    env.table.get(key).await.expect("a read").expect("a row")
}

/// Writes a row of an old version, not expired.
async fn put_old(env: &TestEnv, key: Key, row: &str) {
    let mut row: Value = serde_json::from_str(row).expect("a row");
    row["ends_at"] = json!(now().plus_seconds(600));
    let condition = Condition::Absent;
    let item = &row;
    let outcome = env.table.put(Row { key, item, condition }).await.expect("a result");
    assert!(outcome.is_written());
}

fn attributes(row: &Value) -> BTreeSet<&str> {
    row.as_object().expect("attributes").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn the_setup_of_a_second_step_is_encrypted_for_its_session() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let viewer = with_password(&env, &identity).await;
    let signed_in = viewer.signed_in().expect("signed in");
    let from = new_client();
    second_step::begin(&env.table, &identity, &viewer, PASSWORD, &from)
        .await
        .expect("begun");

    let key = SetupRecord::key(&signed_in.session.hash);
    let row = row_at(&env, &key).await;
    assert_eq!(attributes(&row), ["ends_at", "pk", "setup", "sk", "ttl"].into());
    let record: SetupRecord = serde_json::from_value(row.clone()).expect("a setup");
    let setup: Setup = signed_in.cipher.decrypt(&key, &record.setup).expect("decrypted");
    assert_eq!(setup.recovery_codes.len(), 10);
    let row = row.to_string();
    for secret in [&setup.token, &setup.key].into_iter().chain(&setup.recovery_codes) {
        assert!(!secret.is_empty() && !row.contains(secret.as_str()), "{row}");
    }

    let shown = second_step::setup(&env.table, &viewer, SITE).await.expect("a read");
    let shown = shown.expect("a setup");
    assert_eq!(
        (shown.key.replace(' ', ""), shown.recovery_codes),
        (setup.key, setup.recovery_codes)
    );
    let other = env.new_viewer("ben").await;
    let copied = Row {
        key: SetupRecord::key(&other.session().expect("his").hash),
        item: &record,
        condition: Condition::Absent,
    };
    assert!(env.table.put(copied).await.expect("a result").is_written());
    let shown = second_step::setup(&env.table, &other, SITE).await.expect("a read");
    assert!(shown.is_none(), "in the row of another session");
    identity.delete(signed_in.account.id.as_str()).await.expect("deleted");
}

#[tokio::test]
async fn the_token_of_a_passkey_registration_is_encrypted_for_its_session() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let viewer = with_password(&env, &identity).await;
    let signed_in = viewer.signed_in().expect("signed in");
    let from = new_client();
    let credentials = Credentials {
        password: PASSWORD,
        code: None,
    };
    passkeys::begin(&env.table, &identity, &viewer, credentials, &from)
        .await
        .expect("begun");

    let key = PasskeyRegistrationRecord::key(&signed_in.session.hash);
    let row = row_at(&env, &key).await;
    assert_eq!(attributes(&row), ["ends_at", "pk", "sk", "token", "ttl"].into());
    let record: PasskeyRegistrationRecord = serde_json::from_value(row.clone()).expect("a registration");
    let token: String = signed_in.cipher.decrypt(&key, &record.token).expect("decrypted");
    assert!(!token.is_empty() && !row.to_string().contains(&token), "{row}");

    let mut finished = Vec::new();
    for _ in 0..2 {
        finished.push(refused(passkeys::finish(&env.table, &identity, &viewer, "{}", &from).await));
    }
    assert_eq!(finished, [UserError::WrongPasskey, UserError::SignInAgain], "valid once");
    identity.delete(signed_in.account.id.as_str()).await.expect("deleted");
}

#[tokio::test]
async fn flows_that_began_with_plaintext_secrets_must_be_restarted() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let viewer = env.new_viewer("ada").await;
    let session = &viewer.session().expect("hers").hash;
    let secret = secrets::random_text().expect("a secret");
    let (table, from, hash) = (&env.table, new_client(), secrets::hashed(&secret));

    put_old(
        &env,
        SetupRecord::key(session),
        include_str!("../contracts/rows/setup.v1.json"),
    )
    .await;
    assert!(second_step::setup(table, &viewer, SITE).await.expect("a read").is_none());
    let result = second_step::finish(table, &identity, &viewer, "000000", &from).await;
    assert_eq!(refused(result), UserError::SignInAgain);

    put_old(
        &env,
        PasskeyRegistrationRecord::key(session),
        include_str!("../contracts/rows/making.v1.json"),
    )
    .await;
    let result = passkeys::finish(table, &identity, &viewer, "{}", &from).await;
    assert_eq!(refused(result), UserError::SignInAgain);

    put_old(
        &env,
        PendingSecondStepRecord::key(&hash),
        include_str!("../contracts/rows/step.v1.json"),
    )
    .await;
    let result = second_step::complete_sign_in(table, &identity, Some(&secret), "000000", &from).await;
    assert_eq!(refused(result), UserError::SignInAgain);

    put_old(
        &env,
        PasskeyChallengeRecord::key(&hash),
        include_str!("../contracts/rows/ceremony.v1.json"),
    )
    .await;
    let context = SignInContext {
        client: &from,
        zone: None,
        to: None,
    };
    let result = passkeys::sign_in(table, &identity, &secret, "{}", context).await;
    assert_eq!(refused(result), UserError::SignInAgain);

    put_old(
        &env,
        OAuthAttemptRecord::key(&hash),
        include_str!("../contracts/rows/errand.v1.json"),
    )
    .await;
    // "test" is the browser's secret whose hash is in the row.
    let result = federated::finish(table, &secret, Some("test")).await;
    assert_eq!(refused(result), UserError::ProviderTooLate);
}

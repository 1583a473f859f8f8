//! Sessions, rate limits, codes and recovery codes, against the deployed table.

use crate::fixtures::{TestEnv, identity, in_one_window, join_all, known_client, new_client, refused, unused_email};
use model::ids::AccountId;
use model::user_error::UserError;
use server::accounts::code_attempts::{self, A_DAY, CodeKind};
use server::accounts::codes::{self, CodeRecord, Purpose};
use server::accounts::email::Email;
use server::accounts::invitation::{self, Link};
use server::accounts::password::NewPassword;
use server::accounts::rate_limits::{self, PASSWORDS, PROOFS, RESET_MAILS};
use server::accounts::records::{AccountRecord, InvitationRecord, RecoveryRecord, SessionRecord};
use server::accounts::second_step::Credentials;
use server::accounts::session::{self, LONGEST_SECONDS, SEEN_SECONDS, SESSION_SECONDS};
use server::accounts::sign_in::{self, SignInContext, SignInStep};
use server::accounts::sign_up::{self, SignUpRight};
use server::accounts::{Client, Viewer, federated, recovery, sessions};
use server::aws::table::{Condition, Key, Row, WriteOutcome};
use server::signing_keys::LinkSigner;
use server::{now, secrets};

/// Rate limit window of passwords and codes. The window of mails, an hour, ends together with one of these.
const WINDOW_SECONDS: i64 = 15 * 60;

#[tokio::test]
async fn concurrent_attempts_are_all_counted() {
    let env = TestEnv::open().await;
    let (email, from) = (unused_email(), new_client());
    in_one_window(WINDOW_SECONDS).await;
    let attempts = (0..16).map(|_| rate_limits::count(&env.table, PASSWORDS, &email, &from));
    let results = join_all(attempts).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    let from = new_client();
    let other = refused(rate_limits::count(&env.table, PASSWORDS, &email, &from).await);
    assert!(
        matches!(other, UserError::LockedOut { minutes: 1..=15 }),
        "from any network: {other:?}"
    );
    rate_limits::forget(&env.table, PASSWORDS, &email, &from)
        .await
        .expect("forgotten");
    let attempt = rate_limits::count(&env.table, PASSWORDS, &email, &from)
        .await
        .expect("allowed");
    attempt.forget().await.expect("forgotten");
}

#[tokio::test]
async fn attackers_who_exhaust_the_limits_of_an_address_do_not_lock_out_a_known_browser() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let (email, other) = (unused_email(), unused_email());
    let (known, known_to_other) = (known_client(&email), known_client(&other));
    for limit in [PASSWORDS, RESET_MAILS, CodeKind::Reset.limit(), CodeKind::SecondStep.limit()] {
        let attackers: Vec<Client> = (0..16).map(|_| new_client()).collect();
        let attempts = attackers
            .iter()
            .map(|from| rate_limits::count(&env.table, limit, &email, from));
        join_all(attempts).await;
        let attempt = async |from: &Client| rate_limits::count(&env.table, limit, &email, from).await.map(drop);
        refused(attempt(&new_client()).await);
        refused(attempt(&known_to_other).await);
        attempt(&known).await.expect("a known browser");
    }
}

/// Exhausts the password limit of an address.
async fn exhaust_passwords(env: &TestEnv, email: &Email) {
    let attackers: Vec<Client> = (0..16).map(|_| new_client()).collect();
    let attempts = attackers
        .iter()
        .map(|from| rate_limits::count(&env.table, PASSWORDS, email, from));
    join_all(attempts).await;
    refused(rate_limits::count(&env.table, PASSWORDS, email, &new_client()).await);
}

#[tokio::test]
async fn proving_an_address_resets_its_password_limit() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    in_one_window(WINDOW_SECONDS).await;
    let (table, from) = (&env.table, new_client());
    let password = NewPassword::parse(secrets::random_text().expect("a text")).expect("a password");

    let new = unused_email();
    codes::request(table, Purpose::SignUp, &new.hash(), new.as_str())
        .await
        .expect("expected");
    let drawn = codes::generate(table, Purpose::SignUp, &new.hash()).await.expect("drawn");
    let (code, _) = drawn.expect("a code");
    exhaust_passwords(&env, &new).await;
    sign_up::confirm(table, &identity, &new, &code, &password, &from)
        .await
        .expect("a user");
    rate_limits::count(table, PASSWORDS, &new, &from).await.expect("allowed");

    let (guest, ends_at) = (unused_email(), now().plus_seconds(3600));
    let row = InvitationRecord {
        version: InvitationRecord::VERSION,
        id: format!("z{}", uuid::Uuid::now_v7()),
        email: guest.as_str().to_owned(),
        by: uuid::Uuid::now_v7().to_string().parse().expect("an id"),
        ends_at,
        ttl: ends_at.seconds(),
    };
    let (key, condition) = (InvitationRecord::key(&row.id), Condition::Absent);
    let invited = table.put(Row {
        key,
        item: &row,
        condition,
    });
    assert!(invited.await.expect("a write").is_written());
    let keys = r#"{"media_keys": [], "link_keys": [{"id": "1", "key": "a"}], "owner_code": ""}"#;
    let links = LinkSigner::new(&serde_json::from_str(keys).expect("keys")).expect("a key");
    let text = Link::sign(&links, &row.id);
    let link = Link::read(&links, &text).expect("a link");
    exhaust_passwords(&env, &guest).await;
    invitation::accept(table, &identity, &link, &password, &from)
        .await
        .expect("a user");
    rate_limits::count(table, PASSWORDS, &guest, &from).await.expect("allowed");

    for email in [new, guest] {
        identity.delete(email.as_str()).await.expect("deleted");
    }
}

#[tokio::test]
async fn a_known_browser_has_the_same_limit_as_others_and_its_own_count() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let email = unused_email();
    let (one, another) = (known_client(&email), known_client(&email));
    let attempt = async |from: &Client| rate_limits::count(&env.table, PASSWORDS, &email, from).await;
    let results = join_all((0..16).map(|_| rate_limits::count(&env.table, PASSWORDS, &email, &one))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10);
    let user_error = refused(attempt(&one).await);
    assert!(
        matches!(user_error, UserError::LockedOut { minutes: 1..=15 }),
        "{user_error:?}"
    );
    attempt(&new_client()).await.expect("unknown browsers are counted separately");
    let successful = attempt(&another).await.expect("other known browsers, too");
    successful.forget().await.expect("forgotten");
    refused(attempt(&one).await);
    // As after a password reset.
    rate_limits::forget(&env.table, PASSWORDS, &email, &one)
        .await
        .expect("forgotten");
    attempt(&one).await.expect("allowed");
}

#[tokio::test]
async fn all_known_browsers_of_an_address_share_a_limit() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let email = unused_email();
    let browsers: Vec<Client> = (0..8).map(|_| known_client(&email)).collect();
    let attempts = browsers.iter().flat_map(|from| std::iter::repeat_n(from, 10));
    let results = join_all(attempts.map(|from| rate_limits::count(&env.table, PASSWORDS, &email, from))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 50);
}

#[tokio::test]
async fn each_purpose_has_its_own_count() {
    let env = TestEnv::open().await;
    in_one_window(WINDOW_SECONDS).await;
    let (email, from) = (unused_email(), new_client());
    let all = [
        PASSWORDS,
        PROOFS,
        CodeKind::SignUp.limit(),
        CodeKind::Reset.limit(),
        CodeKind::SecondStep.limit(),
        CodeKind::Setup.limit(),
        CodeKind::Address.limit(),
        CodeKind::Phone.limit(),
    ];
    for limit in all {
        let results = join_all((0..16).map(|_| rate_limits::count(&env.table, limit, &email, &from))).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 10, "{limit:?}");
    }
}

#[tokio::test]
async fn signing_up_again_admits_a_user_whose_first_sign_in_was_too_late() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let (table, email, from) = (&env.table, unused_email(), new_client());
    let password = secrets::random_text().expect("a password");
    identity.create_user(email.as_str(), &password).await.expect("a user");
    let sign_in = async || {
        let context = SignInContext {
            client: &from,
            zone: None,
            to: None,
        };
        sign_in::sign_in(table, &identity, &email, &password, context).await
    };
    assert_eq!(refused(sign_in().await), UserError::Closed);
    sign_up::sign_up(table, &identity, &email, SignUpRight::invited(), &from)
        .await
        .expect("the response that everyone gets");
    assert!(matches!(sign_in().await, Ok(SignInStep::Done(_))));

    let id = identity.user(email.as_str()).await.expect("the user").id;
    identity.delete(id.as_str()).await.expect("deleted");
    table.delete(&AccountRecord::person_key(&id)).await.expect("forgotten");
}

#[tokio::test]
async fn a_code_is_valid_once_and_for_five_attempts() {
    let env = TestEnv::open().await;
    let account = uuid::Uuid::now_v7().to_string();
    let (table, purpose) = (&env.table, Purpose::Address);
    let redeem = async |code: &str| codes::redeem(table, purpose, &account, code).await;
    assert_eq!(refused(redeem("000000").await), UserError::WrongCode, "no code is pending");
    assert!(codes::generate(table, purpose, &account).await.expect("a result").is_none());

    codes::request(table, purpose, &account, "a@example.org")
        .await
        .expect("expected");
    assert_eq!(refused(redeem("").await), UserError::WrongCode, "not generated yet");
    let (first, _) = codes::generate(table, purpose, &account)
        .await
        .expect("drawn")
        .expect("a code");
    let (code, proves) = codes::generate(table, purpose, &account)
        .await
        .expect("drawn")
        .expect("a code");
    assert_eq!(proves, "a@example.org");
    if first != code {
        assert_eq!(refused(redeem(&first).await), UserError::WrongCode, "replaced by a newer one");
    }
    assert_eq!(
        redeem(&format!(" {} {}", &code[..3], &code[3..])).await.expect("accepted"),
        "a@example.org"
    );
    assert_eq!(refused(redeem(&code).await), UserError::WrongCode, "used");

    codes::request(table, purpose, &account, "b@example.org")
        .await
        .expect("expected");
    let (code, _) = codes::generate(table, purpose, &account)
        .await
        .expect("drawn")
        .expect("a code");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(refused(redeem(wrong).await), UserError::WrongCode);
    }
    assert_eq!(refused(redeem(&code).await), UserError::TooMany, "even the correct code");
    assert_eq!(
        refused(codes::redeem(table, Purpose::Phone, &account, &code).await),
        UserError::WrongCode
    );
}

#[tokio::test]
async fn a_recovery_code_that_is_used_concurrently_is_accepted_once() {
    let env = TestEnv::open().await;
    let viewer = env.new_viewer("ada").await;
    let account = &viewer.signed_in().expect("signed in").account.id;
    let drawn = recovery::generate().expect("codes");
    recovery::save(&env.table, account, &drawn).await.expect("kept");
    let results = join_all((0..6).map(|_| recovery::redeem(&env.table, account, &drawn[0]))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(recovery::remaining(&env.table, account).await.expect("a count"), Some(9));
    let results = join_all(drawn[1..4].iter().map(|code| recovery::redeem(&env.table, account, code))).await;
    assert!(results.iter().all(Result::is_ok), "different codes concurrently: {results:?}");
    assert_eq!(recovery::remaining(&env.table, account).await.expect("a count"), Some(6));
}

#[tokio::test]
async fn linking_without_a_pending_provider_sign_in_does_not_use_up_a_code() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let viewer = env.new_viewer(&format!("ada-{}", uuid::Uuid::now_v7())).await;
    let credentials = Credentials {
        password: "not her password",
        code: None,
    };
    let linked = federated::link_with_credentials(&env.table, &identity, &viewer, credentials, None, &new_client()).await;
    assert_eq!(refused(linked), UserError::ProviderTooLate);
}

#[tokio::test]
async fn a_session_is_extended_by_use_and_an_ended_one_is_not_restored() {
    let env = TestEnv::open().await;
    let secret = env.session("ada").await;
    let viewer = env.viewer(&secret).await;
    assert_eq!(
        session::touch(&env.table, &viewer).await.expect("touched"),
        None,
        "just created"
    );

    let mut old = viewer.session().expect("a session").clone();
    let at = now();
    old.created_at = at.plus_seconds(SESSION_SECONDS - LONGEST_SECONDS + 3600);
    old.seen_at = Some(at.plus_seconds(-SEEN_SECONDS - 1));
    old.ends_at = at.plus_seconds(60);
    let row = Row {
        key: SessionRecord::key(&old.hash),
        item: &old,
        condition: Condition::Anything,
    };
    assert!(env.table.put(row).await.expect("a write").is_written());
    let aged = env.viewer(&secret).await;
    let seconds = session::touch(&env.table, &aged).await.expect("touched").expect("extended");
    assert!((SESSION_SECONDS - 60..=SESSION_SECONDS).contains(&seconds), "{seconds}");
    assert!(env.viewer(&secret).await.signed_in().is_ok());

    session::end(&env.table, &aged).await.expect("ended");
    session::end(&env.table, &aged).await.expect("ended again");
    assert_eq!(session::touch(&env.table, &aged).await.expect("not touched"), None);
    assert!(
        env.viewer(&secret).await.signed_in().is_err(),
        "touching it did not restore it"
    );
}

#[tokio::test]
async fn a_cookie_gives_access_to_its_sessions_account_not_to_the_one_it_names() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.new_viewer("ada").await, env.session("ben").await);
    let id = |viewer: &Viewer| viewer.signed_in().expect("signed in").account.id.clone();
    let (named, secret) = ben.0.split_once('.').expect("an account and a secret");
    let bens = id(&env.viewer(&ben).await);
    assert_eq!(named, bens.as_str());
    for cookie in [
        secret.to_owned(),
        format!("{}.{secret}", id(&ada)),
        format!("unknown.{secret}"),
    ] {
        let viewer = session::viewer(&env.table, &cookie).await.expect("a viewer");
        assert_eq!(id(&viewer), bens, "{cookie}");
    }
    let other = session::viewer(&env.table, &format!("{bens}.another"))
        .await
        .expect("a viewer");
    assert!(other.signed_in().is_err(), "the account name alone gives no access");
}

#[tokio::test]
async fn the_session_of_another_account_cannot_be_ended() {
    let env = TestEnv::open().await;
    let (ada, ben) = (env.session("ada").await, env.new_viewer("ben").await);
    let adas = env.viewer(&ada).await.session().expect("hers").hash.clone();
    assert_eq!(refused(sessions::end(&env.table, &ben, &adas).await), UserError::NotFound);
    assert_eq!(refused(sessions::end(&env.table, &ben, "unknown").await), UserError::NotFound);
    assert!(env.viewer(&ada).await.signed_in().is_ok());
    let own = ben.session().expect("his").hash.clone();
    assert!(
        sessions::end(&env.table, &ben, &own).await.expect("ended"),
        "the current session"
    );
    assert!(sessions::sessions(&env.table, &ben).await.expect("a list").is_empty());
}

#[tokio::test]
async fn new_codes_are_not_overwritten_by_writers_with_a_stale_revision() {
    let env = TestEnv::open().await;
    let table = &env.table;
    let account: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
    let key = CodeRecord::key(Purpose::Address, account.as_str());
    codes::request(table, Purpose::Address, account.as_str(), "a@example.org")
        .await
        .expect("expected");
    let before: CodeRecord = table.get(&key).await.expect("a read").expect("a code");
    codes::request(table, Purpose::Address, account.as_str(), "b@example.org")
        .await
        .expect("expected");
    let condition = Condition::Revision(before.revision);
    let item = &before;
    let outcome = table.put(Row { key, item, condition }).await.expect("a result");
    assert_eq!(outcome, WriteOutcome::ConditionFailed);

    let key = RecoveryRecord::key(&account);
    recovery::save(table, &account, &["a".to_owned()]).await.expect("kept");
    let before: RecoveryRecord = table.get(&key).await.expect("a read").expect("codes");
    recovery::save(table, &account, &["b".to_owned()]).await.expect("kept");
    let condition = Condition::Revision(before.revision);
    let item = &before;
    let outcome = table.put(Row { key, item, condition }).await.expect("a result");
    assert_eq!(outcome, WriteOutcome::ConditionFailed);
}

#[tokio::test]
async fn wrong_codes_are_limited_per_account_type_and_day() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    in_one_window(86_400).await;
    let (email, table) = (unused_email(), &env.table);
    let guess_from = async |of: CodeKind, correct: bool, from: &Client| {
        // Resets the short-term limit.
        rate_limits::forget(table, of.limit(), &email, from).await.expect("forgotten");
        let guess = code_attempts::count(table, &identity, of, &email, from).await?;
        if correct { guess.undo().await } else { Ok(()) }
    };
    let guess = async |of: CodeKind, correct: bool| guess_from(of, correct, &new_client()).await;
    for _ in 1..A_DAY {
        guess(CodeKind::SecondStep, false).await.expect("a guess");
    }
    guess(CodeKind::SecondStep, true)
        .await
        .expect("a correct code is not counted");
    guess(CodeKind::SecondStep, false).await.expect("the last");
    for _ in 0..2 {
        let user_error = refused(guess(CodeKind::SecondStep, true).await);
        assert!(
            matches!(user_error, UserError::TooManyCodes { minutes: 1..=1440 }),
            "{user_error:?}"
        );
    }
    let today = now().seconds() / 86_400;
    let key = Key::new(format!("TRIES#SECOND-CODE-TOLD#{}#{today}", email.hash()), "TRIES");
    let notified: Option<serde_json::Value> = table.get(&key).await.expect("a read");
    assert!(notified.is_some(), "even without an account: the user pool is queried once");
    guess(CodeKind::Reset, false).await.expect("counted separately");

    for _ in 0..A_DAY {
        guess_from(CodeKind::SecondStep, false, &known_client(&email))
            .await
            .expect("a known browser");
    }
    let user_error = refused(guess_from(CodeKind::SecondStep, true, &known_client(&email)).await);
    assert!(
        matches!(user_error, UserError::TooManyCodes { .. }),
        "known browsers share a limit: {user_error:?}"
    );
}

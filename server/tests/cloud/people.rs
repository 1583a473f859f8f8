//! Concurrent changes of accounts, and invitations.

use crate::fixtures::{TestEnv, identity, in_one_window, join_all, new_client, refused, unused_email};
use model::accounts::Group;
use model::ids::AccountId;
use model::user_error::UserError;
use serde_json::json;
use server::accounts::change::change;
use server::accounts::codes::{self, Purpose};
use server::accounts::email::Email;
use server::accounts::records::{AccountRecord, InvitationRecord};
use server::accounts::{Viewer, address, invitation, people};
use server::aws::identity::Identity;
use server::aws::table::{Condition, Key, Row, WriteOutcome};
use server::error::AppError;
use server::{now, secrets};
use std::collections::BTreeSet;

/// A viewer with a new account in a group.
async fn member_of(env: &TestEnv, group: Group) -> Viewer {
    let name = format!("host-{}", uuid::Uuid::now_v7());
    let secret = env.session_in(&name, BTreeSet::from([group])).await;
    env.viewer(&secret).await
}

#[tokio::test]
async fn an_operator_can_send_twenty_invitations_a_day() {
    let env = TestEnv::open().await;
    in_one_window(86_400).await;
    let operator = member_of(&env, Group::Operator).await;
    let from = new_client();
    let guest = unused_email();
    for _ in 0..20 {
        let invited = invitation::invite(&env.table, &operator, &guest, &from).await;
        invited.expect("invited");
    }
    let invited = invitation::invite(&env.table, &operator, &guest, &from).await;
    assert_eq!(refused(invited), UserError::TooManyInvitations);
    let mut renamed = operator.signed_in().expect("signed in").clone();
    unused_email().as_str().clone_into(&mut renamed.account.email);
    let renamed = Viewer::Account(Box::new(renamed));
    let invited = invitation::invite(&env.table, &renamed, &guest, &from).await;
    assert_eq!(refused(invited), UserError::TooManyInvitations, "with another address");
    let id = &operator.signed_in().expect("signed in").account.id;
    invitation::revoke_all_by(&env.table, id).await.expect("revoked");
}

/// An invitation. Its ID sorts after those of the site, which begin with a timestamp.
fn invitation_by(by: &AccountId, name: &str) -> InvitationRecord {
    let ends_at = now().plus_seconds(3600);
    InvitationRecord {
        version: InvitationRecord::VERSION,
        id: format!("z{name}"),
        email: unused_email().as_str().to_owned(),
        by: by.clone(),
        ends_at,
        ttl: ends_at.seconds(),
    }
}

#[tokio::test]
async fn demoting_an_operator_withdraws_all_of_their_invitations() {
    let env = TestEnv::open().await;
    let (owner, operator) = (member_of(&env, Group::Owner).await, member_of(&env, Group::Operator).await);
    let id = |viewer: &Viewer| viewer.signed_in().expect("signed in").account.id.clone();
    let (other, demoted) = (id(&owner), id(&operator));
    let run = uuid::Uuid::now_v7();
    // More than a page of other invitations before the last.
    let others = (0..101).map(|at| invitation_by(&other, &format!("{run}-{at:03}")));
    let all: Vec<_> = others.chain([invitation_by(&demoted, &format!("{run}-last"))]).collect();
    let rows = all
        .iter()
        .map(|invitation| (InvitationRecord::key(&invitation.id), invitation));
    env.table.put_many(rows.collect()).await.expect("written");
    let left = async || {
        let mut left = 0;
        for record in &all {
            let found: Option<InvitationRecord> = env.table.get(&InvitationRecord::key(&record.id)).await.expect("a read");
            left += usize::from(found.is_some());
        }
        left
    };
    assert_eq!(left().await, 102);
    people::set_group(&env.table, &owner, &demoted, Group::Operator, false)
        .await
        .expect("demoted");
    assert_eq!(left().await, 101);
    invitation::revoke_all_by(&env.table, &other).await.expect("revoked");
    assert_eq!(left().await, 0);
    env.table
        .delete(&AccountRecord::person_key(&demoted))
        .await
        .expect("forgotten");
}

/// An account with a pending change of its email address.
struct EmailChange {
    viewer: Viewer,
    id: AccountId,
    new_email: Email,
    code: String,
}

impl EmailChange {
    /// Of a new operator, who is a user of the user pool, too.
    async fn of_operator(env: &TestEnv, identity: &Identity) -> Self {
        let (old_email, new_email) = (unused_email(), unused_email());
        let password = secrets::random_text().expect("a password");
        identity.create_user(old_email.as_str(), &password).await.expect("a user");
        let session = env
            .session_of_user(identity, &old_email, BTreeSet::from([Group::Operator]))
            .await;
        let viewer = env.viewer(&session).await;
        let id = viewer.signed_in().expect("signed in").account.id.clone();
        codes::request(&env.table, Purpose::Address, id.as_str(), new_email.as_str())
            .await
            .expect("expected");
        let drawn = codes::generate(&env.table, Purpose::Address, id.as_str())
            .await
            .expect("drawn");
        Self {
            viewer,
            code: drawn.expect("a code").0,
            id,
            new_email,
        }
    }

    async fn confirm(&self, env: &TestEnv, identity: &Identity) -> Result<(), AppError> {
        let from = new_client();
        address::verify(&env.table, identity, &self.viewer, &self.code, &from)
            .await
            .map(drop)
    }

    async fn account(&self, env: &TestEnv, key: fn(&AccountId) -> Key) -> AccountRecord {
        let account = env.table.get(&key(&self.id)).await.expect("a read");
        account.expect("the account")
    }

    async fn forget(&self, env: &TestEnv, identity: &Identity) {
        identity.delete(self.id.as_str()).await.expect("deleted");
        env.table
            .delete(&AccountRecord::person_key(&self.id))
            .await
            .expect("forgotten");
    }
}

#[tokio::test]
async fn demotion_and_email_change_can_happen_concurrently() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let owner = member_of(&env, Group::Owner).await;
    let email_change = EmailChange::of_operator(&env, &identity).await;
    let (demoted, confirmed) = tokio::join!(
        people::set_group(&env.table, &owner, &email_change.id, Group::Operator, false),
        email_change.confirm(&env, &identity)
    );
    demoted.expect("demoted");
    confirmed.expect("confirmed");
    let account = email_change.account(&env, AccountRecord::key).await;
    assert_eq!(
        (account.groups.len(), account.email.as_str()),
        (0, email_change.new_email.as_str())
    );
    assert_eq!(email_change.account(&env, AccountRecord::person_key).await, account);
    email_change.forget(&env, &identity).await;
}

#[tokio::test]
async fn the_email_of_an_account_in_deletion_cannot_be_changed() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let email_change = EmailChange::of_operator(&env, &identity).await;
    let leaving = change(&env.table, &email_change.id, |account| {
        account.leaving_at = Some(now());
        Ok(vec![])
    });
    let leaving = leaving.await.expect("written").expect("the account");
    assert_eq!(refused(email_change.confirm(&env, &identity).await), UserError::Leaving);
    assert_eq!(email_change.account(&env, AccountRecord::key).await, leaving);
    email_change.forget(&env, &identity).await;
}

#[tokio::test]
async fn concurrent_changes_of_an_account_without_a_revision_are_all_applied() {
    let env = TestEnv::open().await;
    let id: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
    let put = async |item: &serde_json::Value, condition: Condition<'_>| {
        let key = AccountRecord::key(&id);
        env.table.put(Row { key, item, condition }).await.expect("a result")
    };
    let old = json!({ "version": 4, "id": id, "email": "ada@example.org", "created_at": 1, "groups": [] });
    assert_eq!(
        put(&old, Condition::Revision(0)).await,
        WriteOutcome::ConditionFailed,
        "no row yet"
    );
    assert!(put(&old, Condition::Absent).await.is_written());
    assert!(put(&old, Condition::Revision(0)).await.is_written());
    let changes = (0..4).map(|_| change(&env.table, &id, |_| Ok(vec![])));
    for changed in join_all(changes).await {
        changed.expect("changed").expect("the account");
    }
    let account: Option<AccountRecord> = env.table.get(&AccountRecord::key(&id)).await.expect("a read");
    let account = account.expect("the account");
    assert_eq!((account.version, account.revision), (AccountRecord::VERSION, 4));
    for read in [0, 3] {
        assert!(
            !put(&old, Condition::Revision(read)).await.is_written(),
            "stale revision {read}"
        );
    }
    env.table.delete(&AccountRecord::person_key(&id)).await.expect("forgotten");
}

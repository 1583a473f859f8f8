//! Accounts that others change at the same moment, and the invitations that an account gave.

use crate::cast::{TestEnv, identity, in_one_window, join_all, new_client, refused, unused_email};
use model::accounts::Group;
use model::ids::AccountId;
use model::refusals::Refusal;
use serde_json::json;
use server::accounts::change::change;
use server::accounts::codes::{self, Purpose};
use server::accounts::records::{AccountRecord, InvitationRecord};
use server::accounts::sign_up::Email;
use server::accounts::{Viewer, address, invitation, people};
use server::aws::identity::Identity;
use server::aws::table::{Given, Key, Row};
use server::failure::Failure;
use server::{now, secrets};
use std::collections::BTreeSet;

/// Somebody new, of a group.
async fn of_group(env: &TestEnv, group: Group) -> Viewer {
    let name = format!("host-{}", uuid::Uuid::now_v7());
    let secret = env.session_in(&name, BTreeSet::from([group])).await;
    env.viewer(&secret).await
}

#[tokio::test]
async fn an_operator_invites_twenty_a_day() {
    let env = TestEnv::open().await;
    in_one_window(86_400).await;
    let operator = of_group(&env, Group::Operator).await;
    let from = new_client();
    let guest = unused_email();
    for _ in 0..20 {
        let invited = invitation::invite(&env.table, &operator, &guest, &from).await;
        invited.expect("invited");
    }
    let invited = invitation::invite(&env.table, &operator, &guest, &from).await;
    assert_eq!(refused(invited), Refusal::TooManyInvitations);
    let mut moved = operator.signed_in().expect("signed in").clone();
    unused_email().as_str().clone_into(&mut moved.account.email);
    let moved = Viewer::Account(Box::new(moved));
    let invited = invitation::invite(&env.table, &moved, &guest, &from).await;
    assert_eq!(refused(invited), Refusal::TooManyInvitations, "by another address");
    let id = &operator.signed_in().expect("signed in").account.id;
    invitation::withdraw_all_by(&env.table, id).await.expect("withdrawn");
}

/// An invitation by somebody. It stands behind those of the site, which are named by the time.
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
async fn who_may_invite_no_more_has_no_invitation_left_however_many_others_there_are() {
    let env = TestEnv::open().await;
    let (owner, operator) = (of_group(&env, Group::Owner).await, of_group(&env, Group::Operator).await);
    let id = |viewer: &Viewer| viewer.signed_in().expect("signed in").account.id.clone();
    let (other, demoted) = (id(&owner), id(&operator));
    let run = uuid::Uuid::now_v7();
    // More than are read at once come before the last.
    let others = (0..101).map(|at| invitation_by(&other, &format!("{run}-{at:03}")));
    let all: Vec<_> = others.chain([invitation_by(&demoted, &format!("{run}-last"))]).collect();
    let rows = all.iter().map(|one| (InvitationRecord::key(&one.id), one));
    env.table.put_many(rows.collect()).await.expect("written");
    let left = async || {
        let mut left = 0;
        for one in &all {
            let found: Option<InvitationRecord> = env.table.get(&InvitationRecord::key(&one.id)).await.expect("a read");
            left += usize::from(found.is_some());
        }
        left
    };
    assert_eq!(left().await, 102);
    people::set_group(&env.table, &owner, &demoted, Group::Operator, false)
        .await
        .expect("demoted");
    assert_eq!(left().await, 101);
    invitation::withdraw_all_by(&env.table, &other).await.expect("withdrawn");
    assert_eq!(left().await, 0);
    env.table
        .forget(&AccountRecord::person_key(&demoted))
        .await
        .expect("forgotten");
}

/// Somebody who is in the user pool, too, and who waits to move to another address.
struct Moving {
    viewer: Viewer,
    id: AccountId,
    to: Email,
    code: String,
}

impl Moving {
    /// An operator, new.
    async fn operator(env: &TestEnv, identity: &Identity) -> Self {
        let (before, to) = (unused_email(), unused_email());
        let password = secrets::random_text().expect("a password");
        identity.admit(before.as_str(), &password).await.expect("a user");
        let session = env
            .session_of_user(identity, &before, BTreeSet::from([Group::Operator]))
            .await;
        let viewer = env.viewer(&session).await;
        let id = viewer.signed_in().expect("somebody").account.id.clone();
        codes::expect(&env.table, Purpose::Address, id.as_str(), to.as_str())
            .await
            .expect("expected");
        let drawn = codes::draw(&env.table, Purpose::Address, id.as_str()).await.expect("drawn");
        Self {
            viewer,
            code: drawn.expect("a code").0,
            id,
            to,
        }
    }

    async fn go(&self, env: &TestEnv, identity: &Identity) -> Result<(), Failure> {
        let from = new_client();
        address::prove(&env.table, identity, &self.viewer, &self.code, &from)
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
            .forget(&AccountRecord::person_key(&self.id))
            .await
            .expect("forgotten");
    }
}

#[tokio::test]
async fn who_is_demoted_while_they_move_to_another_address_moves_and_is_no_operator() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let owner = of_group(&env, Group::Owner).await;
    let moving = Moving::operator(&env, &identity).await;
    let (demoted, moved) = tokio::join!(
        people::set_group(&env.table, &owner, &moving.id, Group::Operator, false),
        moving.go(&env, &identity)
    );
    demoted.expect("demoted");
    moved.expect("moved");
    let account = moving.account(&env, AccountRecord::key).await;
    assert_eq!((account.groups.len(), account.email.as_str()), (0, moving.to.as_str()));
    assert_eq!(moving.account(&env, AccountRecord::person_key).await, account);
    moving.forget(&env, &identity).await;
}

#[tokio::test]
async fn an_account_that_is_being_deleted_moves_no_more() {
    let (env, identity) = (TestEnv::open().await, identity().await);
    let moving = Moving::operator(&env, &identity).await;
    let left = change(&env.table, &moving.id, |account| {
        account.leaving_at = Some(now());
        Ok(vec![])
    });
    let left = left.await.expect("written").expect("the account");
    assert_eq!(refused(moving.go(&env, &identity).await), Refusal::Leaving);
    assert_eq!(moving.account(&env, AccountRecord::key).await, left);
    moving.forget(&env, &identity).await;
}

#[tokio::test]
async fn an_account_that_counted_no_writes_is_changed_by_all_who_change_it_at_once() {
    let env = TestEnv::open().await;
    let id: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
    let put = async |item: &serde_json::Value, given: Given<'_>| {
        let key = AccountRecord::key(&id);
        env.table.put(Row { key, item, given }).await.expect("an answer")
    };
    let old = json!({ "version": 4, "id": id, "email": "ada@example.org", "created_at": 1, "groups": [] });
    assert!(!put(&old, Given::Revision(0)).await, "there is none");
    assert!(put(&old, Given::Absent).await);
    assert!(put(&old, Given::Revision(0)).await);
    let changes = (0..4).map(|_| change(&env.table, &id, |_| Ok(vec![])));
    for changed in join_all(changes).await {
        changed.expect("changed").expect("the account");
    }
    let account: Option<AccountRecord> = env.table.get(&AccountRecord::key(&id)).await.expect("a read");
    let account = account.expect("the account");
    assert_eq!((account.version, account.revision), (AccountRecord::VERSION, 4));
    for read in [0, 3] {
        assert!(!put(&old, Given::Revision(read)).await, "on a revision that is gone: {read}");
    }
    env.table.forget(&AccountRecord::person_key(&id)).await.expect("forgotten");
}

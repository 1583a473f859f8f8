//! Accounts that others change at the same moment, and the invitations that an account gave.

use crate::cast::{Home, futures, identity, in_one_window, nobody, refused, somewhere};
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
async fn of_group(home: &Home, group: Group) -> Viewer {
    let name = format!("host-{}", uuid::Uuid::now_v7());
    let secret = home.session_in(&name, BTreeSet::from([group])).await;
    home.viewer(&secret).await
}

#[tokio::test]
async fn an_operator_invites_twenty_a_day() {
    let home = Home::open().await;
    in_one_window(86_400).await;
    let operator = of_group(&home, Group::Operator).await;
    let from = somewhere();
    let guest = nobody();
    for _ in 0..20 {
        let invited = invitation::invite(&home.table, &operator, &guest, &from).await;
        invited.expect("invited");
    }
    let invited = invitation::invite(&home.table, &operator, &guest, &from).await;
    assert_eq!(refused(invited), Refusal::TooManyInvitations);
    let mut moved = operator.signed_in().expect("signed in").clone();
    nobody().as_str().clone_into(&mut moved.account.email);
    let moved = Viewer::Account(Box::new(moved));
    let invited = invitation::invite(&home.table, &moved, &guest, &from).await;
    assert_eq!(refused(invited), Refusal::TooManyInvitations, "by another address");
    let id = &operator.signed_in().expect("signed in").account.id;
    invitation::withdraw_all_by(&home.table, id).await.expect("withdrawn");
}

/// An invitation by somebody. It stands behind those of the site, which are named by the time.
fn invitation_by(by: &AccountId, name: &str) -> InvitationRecord {
    let ends_at = now().plus_seconds(3600);
    InvitationRecord {
        version: InvitationRecord::VERSION,
        id: format!("z{name}"),
        email: nobody().as_str().to_owned(),
        by: by.clone(),
        ends_at,
        ttl: ends_at.seconds(),
    }
}

#[tokio::test]
async fn who_may_invite_no_more_has_no_invitation_left_however_many_others_there_are() {
    let home = Home::open().await;
    let (owner, operator) = (of_group(&home, Group::Owner).await, of_group(&home, Group::Operator).await);
    let id = |viewer: &Viewer| viewer.signed_in().expect("signed in").account.id.clone();
    let (other, demoted) = (id(&owner), id(&operator));
    let run = uuid::Uuid::now_v7();
    // More than are read at once come before the last.
    let others = (0..101).map(|at| invitation_by(&other, &format!("{run}-{at:03}")));
    let all: Vec<_> = others.chain([invitation_by(&demoted, &format!("{run}-last"))]).collect();
    let rows = all.iter().map(|one| (InvitationRecord::key(&one.id), one));
    home.table.put_many(rows.collect()).await.expect("written");
    let left = async || {
        let mut left = 0;
        for one in &all {
            let found: Option<InvitationRecord> = home.table.get(&InvitationRecord::key(&one.id)).await.expect("a read");
            left += usize::from(found.is_some());
        }
        left
    };
    assert_eq!(left().await, 102);
    people::set_group(&home.table, &owner, &demoted, Group::Operator, false)
        .await
        .expect("demoted");
    assert_eq!(left().await, 101);
    invitation::withdraw_all_by(&home.table, &other).await.expect("withdrawn");
    assert_eq!(left().await, 0);
    home.table
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
    async fn operator(home: &Home, identity: &Identity) -> Self {
        let (before, to) = (nobody(), nobody());
        let password = secrets::random_text().expect("a password");
        identity.admit(before.as_str(), &password).await.expect("a user");
        let session = home
            .session_of_user(identity, &before, BTreeSet::from([Group::Operator]))
            .await;
        let viewer = home.viewer(&session).await;
        let id = viewer.signed_in().expect("somebody").account.id.clone();
        codes::expect(&home.table, Purpose::Address, id.as_str(), to.as_str())
            .await
            .expect("expected");
        let drawn = codes::draw(&home.table, Purpose::Address, id.as_str()).await.expect("drawn");
        Self {
            viewer,
            code: drawn.expect("a code").0,
            id,
            to,
        }
    }

    async fn go(&self, home: &Home, identity: &Identity) -> Result<(), Failure> {
        let from = somewhere();
        address::prove(&home.table, identity, &self.viewer, &self.code, &from)
            .await
            .map(drop)
    }

    async fn account(&self, home: &Home, key: fn(&AccountId) -> Key) -> AccountRecord {
        let account = home.table.get(&key(&self.id)).await.expect("a read");
        account.expect("the account")
    }

    async fn forget(&self, home: &Home, identity: &Identity) {
        identity.delete(self.id.as_str()).await.expect("deleted");
        home.table
            .forget(&AccountRecord::person_key(&self.id))
            .await
            .expect("forgotten");
    }
}

#[tokio::test]
async fn who_is_demoted_while_they_move_to_another_address_moves_and_is_no_operator() {
    let (home, identity) = (Home::open().await, identity().await);
    let owner = of_group(&home, Group::Owner).await;
    let moving = Moving::operator(&home, &identity).await;
    let (demoted, moved) = tokio::join!(
        people::set_group(&home.table, &owner, &moving.id, Group::Operator, false),
        moving.go(&home, &identity)
    );
    demoted.expect("demoted");
    moved.expect("moved");
    let account = moving.account(&home, AccountRecord::key).await;
    assert_eq!((account.groups.len(), account.email.as_str()), (0, moving.to.as_str()));
    assert_eq!(moving.account(&home, AccountRecord::person_key).await, account);
    moving.forget(&home, &identity).await;
}

#[tokio::test]
async fn an_account_that_is_being_deleted_moves_no_more() {
    let (home, identity) = (Home::open().await, identity().await);
    let moving = Moving::operator(&home, &identity).await;
    let left = change(&home.table, &moving.id, |account| {
        account.leaving_at = Some(now());
        Ok(vec![])
    });
    let left = left.await.expect("written").expect("the account");
    assert_eq!(refused(moving.go(&home, &identity).await), Refusal::Leaving);
    assert_eq!(moving.account(&home, AccountRecord::key).await, left);
    moving.forget(&home, &identity).await;
}

#[tokio::test]
async fn an_account_that_counted_no_writes_is_changed_by_all_who_change_it_at_once() {
    let home = Home::open().await;
    let id: AccountId = uuid::Uuid::now_v7().to_string().parse().expect("an id");
    let put = async |item: &serde_json::Value, given: Given<'_>| {
        let key = AccountRecord::key(&id);
        home.table.put(Row { key, item, given }).await.expect("an answer")
    };
    let old = json!({ "version": 4, "id": id, "email": "ada@example.org", "created_at": 1, "groups": [] });
    assert!(!put(&old, Given::Revision(0)).await, "there is none");
    assert!(put(&old, Given::Absent).await);
    assert!(put(&old, Given::Revision(0)).await);
    let changes = (0..4).map(|_| change(&home.table, &id, |_| Ok(vec![])));
    for changed in futures(changes).await {
        changed.expect("changed").expect("the account");
    }
    let account: Option<AccountRecord> = home.table.get(&AccountRecord::key(&id)).await.expect("a read");
    let account = account.expect("the account");
    assert_eq!((account.version, account.revision), (AccountRecord::VERSION, 4));
    for read in [0, 3] {
        assert!(!put(&old, Given::Revision(read)).await, "on a revision that is gone: {read}");
    }
    home.table.forget(&AccountRecord::person_key(&id)).await.expect("forgotten");
}

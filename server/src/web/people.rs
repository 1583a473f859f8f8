//! Server functions for operators: accounts, invitations and site settings.

use super::ViewerServices;
use super::settings::done_on;
use crate::accounts::email::Email;
use crate::accounts::{invitation, people, site};
use app::accounts::people::api::People;
use app::ui::error::RequestError;
use async_trait::async_trait;
use model::accounts::{Group, MAX_MOST_PHOTOS, MAX_QUOTA_GB, People as Everybody};
use model::ids::AccountId;
use model::user_error::UserError;
use std::str::FromStr;

/// Parses a number from 1 to `max`.
fn parse_up_to<T: FromStr + PartialOrd + From<u8>>(max: T, text: &str) -> Option<T> {
    let number: Option<T> = text.trim().parse().ok();
    number.filter(|number| (T::from(1)..=max).contains(number))
}

#[async_trait]
impl People for ViewerServices {
    async fn people(&self) -> Result<Everybody, RequestError> {
        Ok(people::people(&self.site.table, &self.viewer).await?)
    }

    async fn set_open(&self, open: bool) -> Result<(), RequestError> {
        site::set_open(&self.site.table, &self.viewer, open).await?;
        done_on("/people", "admission");
        Ok(())
    }

    async fn set_quota(&self, gigabytes: String, photos: String) -> Result<(), RequestError> {
        let gigabytes = parse_up_to(MAX_QUOTA_GB, &gigabytes).ok_or(UserError::BadQuota {
            most: MAX_QUOTA_GB as u32,
        })?;
        let photos = parse_up_to(MAX_MOST_PHOTOS, &photos).ok_or(UserError::BadPhotoLimit { most: MAX_MOST_PHOTOS })?;
        site::set_quota(&self.site.table, &self.viewer, gigabytes << 30, photos).await?;
        done_on("/people", "quota");
        Ok(())
    }

    async fn invite(&self, email: String) -> Result<(), RequestError> {
        self.viewer.signed_in()?;
        self.site.require_mail()?;
        invitation::invite(&self.site.table, &self.viewer, &Email::parse(&email)?, &self.client).await?;
        done_on("/people", "invited");
        Ok(())
    }

    async fn revoke_invitation(&self, invitation: String) -> Result<(), RequestError> {
        invitation::revoke(&self.site.table, &self.viewer, &invitation).await?;
        done_on("/people", "withdrawn");
        Ok(())
    }

    async fn set_group(&self, account: AccountId, group: Group, within: bool) -> Result<(), RequestError> {
        if group == Group::Unknown {
            return Err(UserError::Malformed.into());
        }
        people::set_group(&self.site.table, &self.viewer, &account, group, within).await?;
        done_on("/people", "group");
        Ok(())
    }
}

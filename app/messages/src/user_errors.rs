//! Messages of errors that the user can act on.

use crate::{CLOSED, PAGE_NOT_FOUND_TEXT, file_size};
use model::user_error::UserError;

/// The message of an error.
pub fn user_error(user_error: &UserError) -> String {
    match user_error {
        UserError::SignInFirst => "Sign in to continue.",
        UserError::NotFound => PAGE_NOT_FOUND_TEXT,
        UserError::CrossSite => "This request seems to come from another site. Try again from this page.",
        UserError::BadQuota { most } => return format!("Enter a whole number of gigabytes from 1 to {}.", crate::grouped(*most)),
        UserError::BadPhotoLimit { most } => return format!("Enter a whole number of photos from 1 to {}.", crate::grouped(*most)),
        UserError::Malformed => "Something is missing. Fill in every field, then try again.",
        UserError::WrongCredentials => "Wrong email or password.",
        UserError::WrongCode => "That isn’t the code we sent. Check the latest message.",
        UserError::CodeExpired => "This code has expired. Request a new one.",
        UserError::WrongOwnerCode => "That isn’t the owner code. You’ll find it in the output of the deploy.",
        UserError::Closed => CLOSED,
        UserError::BadEmail => "That doesn’t look like an email address.",
        UserError::BadPhone => "Enter the number with its country code, like +44 20 7946 0000.",
        UserError::WeakPassword => "This password is too short or too simple. Choose a stronger one.",
        UserError::PasswordWithBlanks => "A password can’t start or end with a space.",
        UserError::SamePassword => "That’s already your password. Choose a different one.",
        UserError::TooMany => "Too many attempts. Wait a few minutes, then try again.",
        UserError::LockedOut { minutes } => {
            return format!(
                "Too many failed attempts for this account. Wait {}, or reset your password by email.",
                waiting(*minutes)
            );
        }
        UserError::TooManyCodes { minutes } => {
            return format!(
                "Too many wrong codes for this account today. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        UserError::TooManyMails { minutes } => {
            return format!(
                "We’ve just sent several emails to this address. Check the spam folder, or wait {} for another one.",
                waiting(*minutes)
            );
        }
        UserError::TooManyTexts { minutes } => {
            return format!(
                "Too many text messages were requested. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        UserError::TooManyFromHere { minutes } => {
            return format!(
                "Too many failed attempts from your network. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        UserError::WrongPassword => "That isn’t your password.",
        UserError::WrongAppCode => "That isn’t the code your app shows. Try the next one.",
        UserError::HasAccount => "This address already has an account here.",
        UserError::WrongSecondCode => "That isn’t the code. Try the next one, or a recovery code you haven’t used.",
        UserError::WrongPasskey => "That passkey doesn’t work for this account. Try again, or use your password.",
        UserError::SignInAgain => "Your sign-in timed out. Start again with your password.",
        UserError::InvitationEnded => "This invitation was used, revoked or has expired. Ask for a new one.",
        UserError::ProviderRefused => "That sign-in was cancelled or refused. Try again, or sign in another way.",
        UserError::ProviderTooLate => "That sign-in timed out, or was started in another window. Start again.",
        UserError::EmailNotProven => {
            "That provider hasn’t verified your email. Sign in with your password or create an account, then link the provider on your account page."
        }
        UserError::LinkFirst => "Your email already has an account here. Sign in once to link the provider to it.",
        UserError::LinkedElsewhere => "That’s already linked to another account here. Sign in to that account and remove the link first.",
        UserError::NoOwnerYet => "This Shoebox has no owner yet. Create the first account with the owner code from the output of the deploy.",
        UserError::NoMail => "This Shoebox can’t send email yet, so you wouldn’t get a code. Ask the person who set it up to add a sender.",
        UserError::NoTexts => "This Shoebox can’t send text messages. Ask its owner.",
        UserError::NoTextsThere => "This Shoebox can’t send text messages to that country. Ask its owner.",
        UserError::BrokenLink => "This link is incomplete or has expired. Open it from the latest email.",
        UserError::NotByLink => {
            "These emails tell you when someone gets into your account, so you can’t unsubscribe with a link. Sign in and choose what you get on your account page."
        }
        UserError::LastOwner => "This Shoebox needs an owner. Make someone else an owner first.",
        UserError::TooManyExports => "You’ve started as many exports as you can today. Try again tomorrow.",
        UserError::TooManyInvitations => "You’ve sent as many invitations as you can today. Invite more people tomorrow.",
        UserError::Leaving => "This account is being deleted. We’ll email you when it’s done.",
        UserError::NotSure => "Confirm first. Deleting your account can’t be undone.",
        UserError::UnsupportedKind => "Unsupported file type. Use JPEG, HEIC, PNG, WebP, GIF, AVIF, TIFF or a camera’s raw format.",
        UserError::EmptyFile => "This file is empty.",
        UserError::TooLarge { limit } => return format!("This file is too large. The limit is {}.", file_size(*limit)),
        UserError::OverQuota { used, quota } => {
            return format!(
                "Your storage is full: {} of {} used. Delete photos, or ask the owner for more.",
                file_size(*used),
                file_size(*quota)
            );
        }
        UserError::TooManyPhotos { most } => {
            return format!(
                "Your library is full: the limit is {} photos. Delete photos, or ask the owner for more.",
                crate::grouped(*most)
            );
        }
        UserError::TooManyGrants { seconds: 0 | 1 } => "Too many uploads at once. Wait a second, then try again.",
        UserError::TooManyGrants { seconds } => {
            return format!("Too many uploads at once. Wait {seconds} seconds, then try again.");
        }
        UserError::BadChecksum => "The file couldn’t be verified. Upload it again.",
        UserError::GrantExpired => "The permission to upload has expired. Upload the photo again.",
        UserError::NotExpected => "This photo isn’t waiting for an upload.",
        UserError::NotThereYet => "The photo hasn’t been uploaded yet.",
        UserError::OwnerOnly => "Only the owner of this Shoebox can do that.",
        UserError::OperatorsOnly => "Only operators of this Shoebox can do that.",
    }
    .to_owned()
}

fn waiting(minutes: u32) -> String {
    match minutes {
        0 | 1 => "a minute".to_owned(),
        many if many > 120 => format!("{} hours", many.div_ceil(60)),
        many => format!("{many} minutes"),
    }
}

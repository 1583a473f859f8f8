//! What people read when the answer is no.

use crate::{CLOSED, NOTHING_HERE_TEXT, file_size};
use model::refusals::Refusal;

/// A no, and what to do about it.
pub fn refusal(refusal: &Refusal) -> String {
    match refusal {
        Refusal::SignInFirst => "Sign in first.",
        Refusal::NotFound => NOTHING_HERE_TEXT,
        Refusal::CrossSite => "The request seemed to come from another site. Try again from this page.",
        Refusal::BadQuota { most } => return format!("Enter a whole number of gigabytes from 1 to {}.", crate::grouped(*most)),
        Refusal::BadPhotoLimit { most } => return format!("Enter a whole number of photos from 1 to {}.", crate::grouped(*most)),
        Refusal::Malformed => "Something is missing. Fill in every field, then try again.",
        Refusal::WrongCredentials => "Wrong e-mail or password.",
        Refusal::WrongCode => "That isn’t the code we sent. Look in the newest message.",
        Refusal::CodeExpired => "This code is too old. Ask for another one.",
        Refusal::WrongOwnerCode => "That isn’t the code the deploy printed.",
        Refusal::Closed => CLOSED,
        Refusal::BadEmail => "That doesn’t look like an e-mail address.",
        Refusal::BadPhone => "Enter the number with its country’s code, like +44 20 7946 0000.",
        Refusal::WeakPassword => "This password is too short or too simple. Mix more characters.",
        Refusal::PasswordWithBlanks => "A password can’t begin or end with a blank.",
        Refusal::SamePassword => "That is your password already. Choose another one.",
        Refusal::TooMany => "Too many tries. Wait a few minutes, then try again.",
        Refusal::LockedOut { minutes } => {
            return format!(
                "Too many wrong tries for this account. Wait {}, or set another password by mail.",
                waiting(*minutes)
            );
        }
        Refusal::TooManyCodes { minutes } => {
            return format!(
                "Too many wrong codes for this account today. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        Refusal::TooManyMails { minutes } => {
            return format!(
                "Several mails went to this address just now. Look in its spam folder, or wait {} for another.",
                waiting(*minutes)
            );
        }
        Refusal::TooManyTexts { minutes } => {
            return format!(
                "Several text messages were asked for just now. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        Refusal::TooManyFromHere { minutes } => {
            return format!(
                "Too many wrong tries from your network. Wait {}, then try again.",
                waiting(*minutes)
            );
        }
        Refusal::WrongPassword => "That isn’t your password.",
        Refusal::WrongAppCode => "That isn’t the code that your app shows. Wait for the next one.",
        Refusal::HasAccount => "Whoever has this address has an account here already.",
        Refusal::WrongSecondCode => "That isn’t the code. Wait for the next one, or use a recovery code that you haven’t used.",
        Refusal::WrongPasskey => "That passkey doesn’t open this account. Try again, or use your password.",
        Refusal::SignInAgain => "That took too long. Start again with your password.",
        Refusal::InvitationEnded => "This invitation was used, revoked or has expired. Ask for another one.",
        Refusal::ProviderRefused => "That sign-in was cancelled or refused. Try again, or sign in another way.",
        Refusal::ProviderTooLate => "That took too long, or began in another window. Start again.",
        Refusal::EmailNotProven => {
            "That provider doesn’t say that your e-mail is yours. Sign in with your password, or create an account; then link the provider on your account’s page."
        }
        Refusal::LinkFirst => "Your e-mail already has an account here. Sign in once, and the provider is linked to it.",
        Refusal::LinkedElsewhere => "That is linked to another account here. Sign in with it, and remove the link there first.",
        Refusal::NoOwnerYet => "This Shoebox has no owner yet. Create the first account with the code that the deploy printed.",
        Refusal::NoMail => "This Shoebox can’t send mail yet, so no code would reach you. Ask whoever set it up to add a sender.",
        Refusal::NoTexts => "This Shoebox can’t send text messages. Ask its owner.",
        Refusal::NoTextsThere => "This Shoebox sends no text messages to that country. Ask its owner.",
        Refusal::BrokenLink => "This link isn’t whole, or is too old. Open it from the newest mail.",
        Refusal::NotByLink => {
            "These mails tell you when somebody gets into your account, so a link can’t stop them. Sign in and choose what you get on your account’s page."
        }
        Refusal::LastOwner => "This Shoebox needs an owner. Make somebody else an owner first.",
        Refusal::TooManyExports => "You asked for several copies today. Ask again tomorrow.",
        Refusal::TooManyInvitations => "You’ve sent as many invitations as you can today. Invite more people tomorrow.",
        Refusal::Leaving => "This account is being deleted. We write to you when nothing of it is left.",
        Refusal::NotSure => "Confirm first: deleting can’t be undone.",
        Refusal::UnsupportedKind => "Unsupported file type. Use JPEG, HEIC, PNG, WebP, GIF, AVIF, TIFF or a camera’s raw format.",
        Refusal::EmptyFile => "This file is empty.",
        Refusal::TooLarge { limit } => return format!("This file is too large. At most {} are taken.", file_size(*limit)),
        Refusal::OverQuota { used, quota } => {
            return format!(
                "Your storage is full: {} of {} used. Delete photos, or ask the owner for more.",
                file_size(*used),
                file_size(*quota)
            );
        }
        Refusal::TooManyPhotos { most } => {
            return format!(
                "Your library is full: it can have {} photos. Delete photos, or ask the owner for more.",
                crate::grouped(*most)
            );
        }
        Refusal::TooManyGrants { seconds: 0 | 1 } => "Too many uploads at once. Wait a second, then try again.",
        Refusal::TooManyGrants { seconds } => {
            return format!("Too many uploads at once. Wait {seconds} seconds, then try again.");
        }
        Refusal::BadChecksum => "The file could not be checked. Add it again.",
        Refusal::GrantExpired => "The permission to upload has ended. Add the photo again.",
        Refusal::NotExpected => "This photo waits for no upload.",
        Refusal::NotThereYet => "The photo has not arrived yet.",
        Refusal::OwnerOnly => "Only the owner of this Shoebox can do that.",
        Refusal::OperatorsOnly => "Only operators of this Shoebox can do that.",
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

//! All texts that users read: on pages, in emails and in text messages.

#![allow(missing_docs, reason = "a text documents itself")]

pub mod account_data;
mod figures;
pub mod mail;
pub mod notifications;
pub mod passkeys;
pub mod text;
pub mod untrusted;
pub mod uploads;
mod user_errors;
pub mod viewing;

pub use figures::{date, day, dimensions, exposure, file_size, moment, month, place, taken};
pub use user_errors::user_error;

use figures::grouped;
use model::accounts::{Device, MIN_PASSWORD_CHARS, Person, Session, Usage};
use model::photos::{Photo, Reason, State};
use model::time::Time;
use untrusted::isolated;

/// Language of the texts, for `<html lang>`.
pub const LANGUAGE: &str = "en";
pub const NAME: &str = "Shoebox";
pub const DESCRIPTION: &str = "Your own private photo library.";
pub const LOADING: &str = "Loading…";
pub const SKIP: &str = "Skip to content";
pub const TRY_AGAIN: &str = "Try again";
pub const DISMISS: &str = "Dismiss";
pub const DISMISS_SYMBOL: &str = "×";

pub const LIVE_ON: &str = "Live: changes appear automatically.";
pub const LIVE_OFF: &str = "Not live: changes appear once the connection is back.";
pub const OFFLINE_NOTE: &str = "You’re offline. Some things may not load until you’re back online.";

pub const PHOTOS: &str = "Photos";
pub const PHOTO: &str = "Photo";
pub const ORIGINAL_MISSING: &str = "The original can’t be downloaded. The photo doesn’t exist, or you don’t have access to it.";
pub const OLDER: &str = "Older photos";
pub const NEWEST: &str = "Newest photos";
pub const JUST_ADDED: &str = "Just added";
pub const SORT_BY_DATE: &str = "Sort by date";
pub const SCRUBBER: &str = "Date";
pub const EMPTY_TITLE: &str = "No photos yet";
pub const EMPTY_TEXT: &str = "Drag photos anywhere onto this page, or choose Upload.";

pub const BACK: &str = "Back to photos";
pub const NEWER_PHOTO: &str = "Newer photo";
pub const OLDER_PHOTO: &str = "Older photo";
pub const ABOUT: &str = "About this photo";
pub const DIMENSIONS: &str = "Dimensions";
pub const CAMERA: &str = "Camera";
pub const LENS: &str = "Lens";
pub const EXPOSURE: &str = "Exposure";
pub const PLACE: &str = "Location";
pub const FILE_SIZE: &str = "File size";
pub const HISTORY: &str = "History";

pub const EMAIL: &str = "Email";
pub const PASSWORD: &str = "Password";
pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "We sent it to your email address.";
pub const EMAIL_HINT: &str = "We’ll send a code to this address.";
pub const SEND_CODE: &str = "Send code";
pub const OWNER_CODE: &str = "Owner code";
pub const OWNER_CODE_HINT: &str =
    "This Shoebox has no owner yet. To become its owner, enter the owner code from the output of the deploy.";
pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const CREATE_ACCOUNT: &str = "Create account";
pub const CONFIRM: &str = "Confirm";
pub const CONFIRM_TITLE: &str = "Confirm your email";
pub const RESEND: &str = "Send a new code";
pub const RESENT: &str = "A new code is on its way.";
pub const NO_ACCOUNT: &str = "No account yet?";
pub const HAVE_ACCOUNT: &str = "Already have an account?";
pub const CLOSED: &str = "Sign-up is by invitation only. Ask the owner for an invitation.";
pub const FORGOT: &str = "Forgot your password?";
pub const FORGOT_TITLE: &str = "Forgot your password?";
pub const FORGOT_TEXT: &str = "Enter your email address. If it has an account, we’ll send you a code to reset your password.";
pub const BACK_TO_SIGN_IN: &str = "Back to sign-in";
pub const RESET_TITLE: &str = "Reset your password";
pub const RESET_TEXT: &str =
    "If that address has an account, we’ve sent a code to it. Resetting your password signs you out on all other devices.";
pub const NEW_PASSWORD: &str = "New password";
pub const SET_PASSWORD: &str = "Set password";
pub const JOIN_TITLE: &str = "Accept invitation";
pub const JOIN_TEXT: &str = "Choose a password to create your account.";
pub const SECOND_STEP: &str = "Two-factor authentication";
pub const SECOND_STEP_CODE: &str = "Two-factor code";
pub const SECOND_STEP_HINT: &str = "Six digits from your authenticator app, or one of your recovery codes.";
pub const START_AGAIN: &str = "Start again";
pub const PROVIDER_MISSING: &str = "That sign-in option isn’t available here. Choose another one.";

pub const NAVIGATION: &str = "Library";
pub const ACCOUNT: &str = "Account";
pub const SIGNED_IN_AS: &str = "Signed in as";
pub const CHANGE_EMAIL: &str = "Change email";
pub const NEW_EMAIL: &str = "New email";
pub const YOUR_PASSWORD: &str = "Your password";
pub const CHANGE_PASSWORD: &str = "Change password";
pub const CHANGE_PASSWORD_TEXT: &str = "This signs you out on all other devices.";
pub const SECOND_STEP_TEXT: &str = "When you sign in, you’ll also enter a code from an app on your phone.";
pub const SECOND_STEP_BEGIN: &str = "Set up";
pub const SECOND_STEP_FINISH: &str = "Turn on";
pub const SECOND_STEP_END: &str = "Turn off";
pub const SCAN: &str = "Scan this with your authenticator app.";
pub const OPEN_APP: &str = "Open the app on this device";
pub const OR_TYPE: &str = "Or type this key:";
pub const QR: &str = "QR code for an authenticator app";
pub const KEEP_CODES: &str = "Keep these recovery codes somewhere safe, in case you lose your phone. Each code works once.";
pub const APP_CODE: &str = "Code from your app";
pub const CANCEL: &str = "Cancel";
pub const SIGN_IN_METHODS: &str = "Ways to sign in";
pub const SIGN_IN_METHODS_TEXT: &str = "Anyone who can sign in to a linked account can sign in here, without your two-factor code. You need your password to link or remove an account.";
pub const SIGN_IN_METHODS_NO_PASSWORD: &str = "No password yet? Set one by email";
pub const LINK: &str = "Link";
pub const LINKED: &str = "Linked account";
pub const REMOVE: &str = "Remove";
pub const STORAGE: &str = "Storage";
pub const QUOTA: &str = "Storage for each account, in GB";
pub const QUOTA_HINT: &str = "Photos already uploaded are kept, even over this limit.";
pub const MOST_PHOTOS: &str = "Photo limit for each account";
pub const SAVE: &str = "Save";
pub const SESSIONS: &str = "Where you’re signed in";
pub const THIS_BROWSER: &str = "This browser";
pub const END_OTHER_SESSIONS: &str = "Sign out everywhere else";

pub const PEOPLE: &str = "People";
pub const ACCOUNTS: &str = "Accounts";
pub const ADMISSION: &str = "New accounts";
pub const ADMISSION_OPEN: &str = "Anyone can create an account here.";
pub const ADMISSION_CLOSED: &str = "Only people with an invitation can create an account here.";
pub const OPEN_SIGN_UP: &str = "Allow anyone to sign up";
pub const CLOSE_SIGN_UP: &str = "Require an invitation";
pub const INVITATIONS: &str = "Invitations";
pub const INVITE: &str = "Invite";
pub const INVITE_EMAIL: &str = "Email address to invite";
pub const INVITE_HINT: &str = "They’ll get an email with a link that works for seven days.";
pub const REVOKE: &str = "Revoke";

pub const API: &str = "Access to the photos of a library. To upload a photo, request a grant, PUT the bytes to its URL with its headers, then report their arrival.";
pub const API_PAGE: &str = "A page of the library, newest first.";
pub const API_PHOTO: &str = "The photo.";
pub const API_GRANT: &str = "Permission to upload the photo.";
pub const API_KNOWN: &str = "The library already has this photo, with the same bytes. Nothing needs to be uploaded.";
pub const API_TRASHED: &str = "The photo was moved to the trash. It stays there for thirty days.";
pub const API_ORIGINAL: &str = "Location has the URL of the original, which is valid for one minute.";
pub const API_PROBLEM: &str = "The request failed; the title says why.";
pub const API_GATE: &str = "The token is missing, has expired or lacks the scope, or there are too many requests.";
pub const API_LIMIT: &str = "The maximum size of an original in bytes:";
pub const SCOPE_READ: &str = "View your photos";
pub const SCOPE_WRITE: &str = "Add photos to your library";
pub const SCOPE_DELETE: &str = "Move photos to the trash";
pub const METHOD_NOT_ALLOWED: &str = "This URL doesn’t support this method.";
pub const NOT_THROUGH_THE_SITE: &str = "This isn’t the site’s address. Open Shoebox at its own address.";

pub const PAGE_NOT_FOUND: &str = "Page not found";
pub const PAGE_NOT_FOUND_TEXT: &str = "This page doesn’t exist, or you don’t have access to it.";

/// The rule for passwords.
pub fn password_hint() -> String {
    format!("At least {MIN_PASSWORD_CHARS} characters.")
}

/// The result of an action, by the code in the page's address.
pub fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "password" => "Your password was changed. All other devices were signed out.",
        "email" => "Your email was changed.",
        "code" => "We sent a code to the new address.",
        "second-step-begun" => "Follow the steps below to turn it on.",
        "second-step-cancelled" => "Two-factor authentication is still off.",
        "second-step-on" => "Two-factor authentication is on. All other devices were signed out.",
        "second-step-off" => "Two-factor authentication is off.",
        "passkey" => "Your passkey was added.",
        "passkey-removed" => "That passkey was removed. Delete it from your device, too.",
        "linked" => "That sign-in method was added.",
        "unlinked" => "That sign-in method was removed.",
        "session" => "That device was signed out.",
        "sessions" => "All other devices were signed out.",
        "phone-code" => "We texted a code to your phone.",
        "phone" => "Your number was confirmed. Choose what we text you.",
        "phone-removed" => "Your number was removed.",
        "notices" | "texts" | "admission" | "quota" | "group" => "Saved.",
        "invited" => "The invitation was sent.",
        "withdrawn" => "The invitation was revoked.",
        "export" => "Your export is being prepared. We’ll email you when it’s ready.",
        "leaving" => "You’re signed out, and your account is being deleted. We’ll email you when it’s done.",
        _ => return None,
    })
}

/// Where a code was sent.
pub fn code_sent_to(email: &str) -> String {
    format!("We sent a code to {email}. Enter it to change your email.")
}

/// That two-factor authentication is on.
pub fn second_step_on(left: u32) -> String {
    match left {
        0 => "On. No recovery codes are left. Turn it off and on again to get new ones.".to_owned(),
        1 => "On. One recovery code is left.".to_owned(),
        many => format!("On. {many} recovery codes are left."),
    }
}

/// The storage that a library uses.
pub fn usage(usage: &Usage) -> String {
    let photos = match usage.photos {
        1 => "one photo".to_owned(),
        many => format!("{} photos", grouped(u32::try_from(many).unwrap_or(u32::MAX))),
    };
    format!("{} of {}, {photos}", file_size(usage.bytes), file_size(usage.quota))
}

/// That an access token lacks a scope.
pub fn scope_missing(scope: &str) -> String {
    format!("The access token lacks the scope {scope}.")
}

/// A browser on a system.
pub fn device(device: &Device) -> String {
    match (&device.browser, &device.system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.clone(),
        (None, None) => "A browser".to_owned(),
    }
}

/// A button that signs in with a provider.
pub fn go_on_with(provider: &str) -> String {
    format!("Continue with {provider}")
}

/// A link that links a provider.
pub fn link_to(provider: &str) -> String {
    format!("{LINK} {provider}")
}

/// An identity at a provider.
pub fn somebody_at(provider: &str, email: Option<&str>) -> String {
    email.map_or_else(|| provider.to_owned(), |email| format!("{provider}: {email}"))
}

/// When a session was last used, and its time zone.
pub fn session(session: &Session) -> String {
    let zone = session.zone.as_deref().map(|zone| format!(" · {}", zone.replace('_', " ")));
    format!("Last active {}{}", moment(session.seen_at), zone.unwrap_or_default())
}

/// Accessible name of a session's button.
pub fn end_session(device: &str) -> String {
    format!("{SIGN_OUT}: {device}")
}

/// When an invitation expires.
pub fn invitation_ends(at: Time) -> String {
    format!("Invitation expires on {}", date(at))
}

/// Accessible name of an invitation's button.
pub fn revoke(email: &str) -> String {
    format!("{REVOKE}: {email}")
}

/// An account's role.
pub fn role(person: &Person) -> &'static str {
    match (person.owner, person.operator) {
        (true, _) => "Owner",
        (false, true) => "Operator",
        (false, false) => "Member",
    }
}

/// A button that adds an account to a group or removes it, and its accessible name.
pub fn group_switch(group: &str, within: bool, email: &str) -> (&'static str, String) {
    let text = match (group, within) {
        ("owner", false) => "Make owner",
        ("owner", true) => "Remove as owner",
        (_, false) => "Make operator",
        (_, true) => "Remove as operator",
    };
    (text, format!("{text}: {email}"))
}

pub const OFFLINE: &str = "No internet connection. Check your network, then try again.";
pub const BROKEN: &str = "Something went wrong on our side. Try again in a moment.";

/// Why a photo was rejected.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Empty => "This file is empty.",
        Reason::NotAPhoto { picture: false } => "This file isn’t a photo.",
        Reason::NotAPhoto { picture: true } => "This kind of image isn’t supported. Save it as a JPEG and upload that.",
        Reason::Damaged => "This file is damaged or incomplete.",
        Reason::TooManyPixels { width, height } => {
            return format!(
                "This photo is too large to process: {} × {} pixels.",
                grouped(*width),
                grouped(*height)
            );
        }
        Reason::WrongChecksum => CHANGED_ON_THE_WAY,
        Reason::NotDelivered => "The photo was never uploaded. Upload it again.",
        Reason::OurFault => "We couldn’t process this photo. The original is safe.",
    }
    .to_owned()
}

pub const CHANGED_ON_THE_WAY: &str = "The file changed during the upload. Upload it again.";
pub const NOT_ACCEPTED: &str = "This file couldn’t be stored. Upload it again.";
pub const UNREADABLE: &str = "Your browser can’t read this file.";

/// The state of a photo.
pub fn state(state: &State) -> String {
    match state {
        State::Expected => "Waiting for the upload".to_owned(),
        State::Received => "Received".to_owned(),
        State::Developing { done, of } => format!("Developing, {done} of {of}"),
        State::Ready => "Ready".to_owned(),
        State::Refused { reason: why } => reason(why),
    }
}

/// A step in a photo's history.
pub fn step(state: &State) -> String {
    match state {
        State::Expected => "Upload started".to_owned(),
        State::Received => "Original received".to_owned(),
        State::Developing { done: 0, .. } => "Developing started".to_owned(),
        State::Developing { done, of } => format!("{done} of {of} formats developed"),
        State::Ready => "Ready to view".to_owned(),
        State::Refused { reason: why } => format!("Failed. {}", reason(why)),
    }
}

/// The alternative text of a photo.
pub fn picture(photo: &Photo) -> String {
    // A caption may have several lines.
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let caption = photo.caption.as_deref().map(one_line);
    let name = isolated(caption.as_deref().unwrap_or(&photo.name));
    format!("{name}, {}", day(photo.day()))
}

/// Accessible name of a dismiss button, where there are several.
pub fn dismiss(name: &str) -> String {
    format!("{DISMISS} {}", isolated(name))
}

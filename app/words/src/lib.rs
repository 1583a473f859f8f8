//! Every word that people see, on pages and in mails.

#![allow(missing_docs, reason = "a word's name says where it stands, and its text what it is")]

mod figures;
pub mod leaving;
pub mod looking;
pub mod mail;
pub mod notices;
pub mod passkeys;
mod refusals;
pub mod text;
pub mod untrusted;
pub mod uploads;

pub use figures::{date, day, dimensions, exposure, file_size, moment, month, place, taken};
pub use refusals::refusal;

use figures::grouped;
use model::accounts::{Device, MIN_PASSWORD_CHARS, Person, Session, Usage};
use model::photos::{Photo, Reason, State};
use model::time::Time;
use untrusted::isolated;

/// Language of this file, for `<html lang>`.
pub const LANGUAGE: &str = "en";
pub const NAME: &str = "Shoebox";
pub const DESCRIPTION: &str = "A light table for your photos.";
pub const LOADING: &str = "One moment…";
pub const SKIP: &str = "Skip to the content";
pub const TRY_AGAIN: &str = "Try again";
pub const DISMISS: &str = "Dismiss";
pub const DISMISS_SIGN: &str = "×";

pub const LIVE_ON: &str = "Live: changes show by themselves.";
pub const LIVE_OFF: &str = "Not live: changes show when the connection is back.";
pub const OFFLINE_HERE: &str = "You are offline. What this page shows stays; the rest follows when you are back.";

pub const PHOTOS: &str = "Photos";
pub const PHOTO: &str = "Photo";
pub const ORIGINAL_MISSING: &str = "The original can’t be downloaded: that photo isn’t there, or you don’t have access to it.";
pub const OLDER: &str = "Older photos";
pub const NEWEST: &str = "Newest photos";
pub const JUST_ADDED: &str = "Just added";
pub const PUT_IN_PLACE: &str = "Sort by date";
pub const SCRUBBER: &str = "Date";
pub const EMPTY_TITLE: &str = "No photos yet";
pub const EMPTY_TEXT: &str = "Drop photos anywhere on this page, or choose Upload.";

pub const BACK: &str = "Back to photos";
pub const NEWER_PHOTO: &str = "Newer photo";
pub const OLDER_PHOTO: &str = "Older photo";
pub const ABOUT: &str = "About this photo";
pub const DIMENSIONS: &str = "Size";
pub const CAMERA: &str = "Camera";
pub const LENS: &str = "Lens";
pub const EXPOSURE: &str = "Exposure";
pub const PLACE: &str = "Place";
pub const FILE_SIZE: &str = "Original";
pub const HISTORY: &str = "History";

pub const EMAIL: &str = "E-mail";
pub const PASSWORD: &str = "Password";
pub const CODE: &str = "Code";
pub const CODE_HINT: &str = "We sent it to your e-mail address.";
pub const EMAIL_HINT: &str = "We’ll send a code to it.";
pub const SEND_CODE: &str = "Send a code";
pub const OWNER_CODE: &str = "Deploy code";
pub const OWNER_CODE_HINT: &str = "This Shoebox has no owner yet. The deploy printed a code: who enters it owns the site.";
pub const SIGN_IN: &str = "Sign in";
pub const SIGN_OUT: &str = "Sign out";
pub const CREATE_ACCOUNT: &str = "Create account";
pub const CONFIRM: &str = "Confirm";
pub const CONFIRM_TITLE: &str = "Confirm your e-mail";
pub const RESEND: &str = "Send another code";
pub const RESENT: &str = "Another code is on its way.";
pub const NO_ACCOUNT: &str = "No account yet?";
pub const HAVE_ACCOUNT: &str = "Already have an account?";
pub const CLOSED: &str = "Sign-up is by invitation only. Ask the owner for one.";
pub const FORGOT: &str = "Forgot your password?";
pub const FORGOT_TITLE: &str = "Forgot your password?";
pub const FORGOT_TEXT: &str =
    "Enter your address. If it has an account, we send it a code, and with that you choose another password.";
pub const BACK_TO_SIGN_IN: &str = "Back to signing in";
pub const RESET_TITLE: &str = "Choose another password";
pub const RESET_TEXT: &str = "If that address has an account, a code is on its way to it. Everybody who is signed in with the old password will be signed out.";
pub const NEW_PASSWORD: &str = "New password";
pub const SET_PASSWORD: &str = "Set password";
pub const JOIN_TITLE: &str = "Accept invitation";
pub const JOIN_TEXT: &str = "Choose a password to create your account.";
pub const SECOND_STEP: &str = "Two-factor authentication";
pub const SECOND_STEP_CODE: &str = "Two-factor code";
pub const SECOND_STEP_HINT: &str = "Six digits from your authenticator app, or one of your recovery codes.";
pub const START_AGAIN: &str = "Start again";
pub const PROVIDER_MISSING: &str = "That way to sign in isn’t offered here. Choose another one.";

pub const PLACES: &str = "Places";
pub const ACCOUNT: &str = "Account";
pub const SIGNED_IN_AS: &str = "Signed in as";
pub const CHANGE_EMAIL: &str = "Change e-mail";
pub const NEW_EMAIL: &str = "New e-mail";
pub const YOUR_PASSWORD: &str = "Your password";
pub const CHANGE_PASSWORD: &str = "Change password";
pub const CHANGE_PASSWORD_TEXT: &str = "This signs you out on all other devices.";
pub const SECOND_STEP_TEXT: &str = "Besides your password, signing in then asks for a code from an app on your phone.";
pub const SECOND_STEP_BEGIN: &str = "Set up";
pub const SECOND_STEP_FINISH: &str = "Turn on";
pub const SECOND_STEP_END: &str = "Turn off";
pub const SCAN: &str = "Scan this with your authenticator app.";
pub const OPEN_APP: &str = "Open the app on this device";
pub const OR_TYPE: &str = "Or type this key:";
pub const QR: &str = "QR code for an authenticator app";
pub const KEEP_CODES: &str = "Keep these recovery codes where you find them without your phone. Each lets you in once.";
pub const APP_CODE: &str = "Code that the app shows";
pub const CANCEL: &str = "Cancel";
pub const WAYS: &str = "Ways to sign in";
pub const WAYS_TEXT: &str =
    "Whoever can sign in there can sign in here, without your two-factor code. Each change asks for your password.";
pub const WAYS_NO_PASSWORD: &str = "No password yet? Choose one by mail";
pub const LINK: &str = "Link";
pub const LINKED: &str = "Linked";
pub const REMOVE: &str = "Remove";
pub const ROOM: &str = "Storage";
pub const QUOTA: &str = "Storage for each account, in GB";
pub const QUOTA_HINT: &str = "Photos already uploaded stay, even over this limit.";
pub const MOST_PHOTOS: &str = "Photos for each account, at most";
pub const SAVE: &str = "Save";
pub const SESSIONS: &str = "Where you are signed in";
pub const HERE: &str = "This browser";
pub const END_OTHER_SESSIONS: &str = "Sign out everywhere else";

pub const PEOPLE: &str = "People";
pub const ACCOUNTS: &str = "Accounts";
pub const ADMISSION: &str = "New accounts";
pub const ADMISSION_OPEN: &str = "Anybody can create an account here.";
pub const ADMISSION_CLOSED: &str = "Only those who are invited can create an account here.";
pub const OPEN_UP: &str = "Let everybody in";
pub const CLOSE: &str = "Only by invitation";
pub const INVITATIONS: &str = "Invitations";
pub const INVITE: &str = "Invite";
pub const INVITE_EMAIL: &str = "Guest’s e-mail address";
pub const INVITE_HINT: &str = "They get a mail with a link that is good for seven days.";
pub const WITHDRAW: &str = "Revoke";

pub const API: &str = "A library's photos, for programs. To upload one: ask for a grant, PUT the bytes to its address with its headers, then say that they have arrived.";
pub const API_PAGE: &str = "A page of the library, newest first.";
pub const API_PHOTO: &str = "The photo.";
pub const API_GRANT: &str = "The permission to upload.";
/// What the document says of a photo that the library has already.
pub const API_KNOWN: &str = "The library has a photo of the same bytes, and this is it. Nothing need be sent.";
pub const API_TRASHED: &str = "It is in the trash, for thirty days.";
pub const API_ORIGINAL: &str = "The original is where Location says, for a minute.";
pub const API_PROBLEM: &str = "It can't be done; the title says why.";
pub const API_GATE: &str = "The token is missing, is no longer good, or lacks the scope; or there are too many requests.";
pub const API_LIMIT: &str = "The largest original in bytes:";
pub const SCOPE_READ: &str = "Look at your photos";
pub const SCOPE_WRITE: &str = "Add photos to your library";
pub const SCOPE_DELETE: &str = "Put photos into the trash";
pub const METHOD_NOT_ALLOWED: &str = "This address does not take this method.";
pub const NOT_THROUGH_THE_SITE: &str = "This is not the site’s address, and nothing is answered here.";

pub const NOTHING_HERE: &str = "Nothing here";
pub const NOTHING_HERE_TEXT: &str = "This page doesn’t exist, or you don’t have access to it.";

/// What a password must be.
pub fn password_hint() -> String {
    format!("At least {MIN_PASSWORD_CHARS} characters.")
}

/// What was just done, by the word in the page's address.
pub fn done(what: &str) -> Option<&'static str> {
    Some(match what {
        "password" => "Your password is changed. All other devices were signed out.",
        "email" => "Your e-mail is changed.",
        "code" => "A code is on its way to the new address.",
        "second-step-begun" => "Take the steps below to turn it on.",
        "second-step-cancelled" => "Two-factor authentication stays off.",
        "second-step-on" => "Two-factor authentication is on. All other devices were signed out.",
        "second-step-off" => "Two-factor authentication is off.",
        "passkey" => "Your passkey is added.",
        "passkey-removed" => "That passkey is removed. Delete it on its device, too.",
        "linked" => "That sign-in method was added.",
        "unlinked" => "That sign-in method was removed.",
        "session" => "That device was signed out.",
        "sessions" => "All other devices were signed out.",
        "phone-code" => "A code is on its way to your phone.",
        "phone" => "Your number is confirmed. Choose what we text you.",
        "phone-removed" => "Your number is removed.",
        "notices" | "texts" | "admission" | "quota" | "group" => "Saved.",
        "invited" => "The invitation is on its way.",
        "withdrawn" => "The invitation is revoked.",
        "export" => "Your copy is being made. We write to you when it is there.",
        "leaving" => "You are signed out, and your account is being deleted. We write to you when nothing is left.",
        _ => return None,
    })
}

/// Where a code went.
pub fn code_sent_to(email: &str) -> String {
    format!("We sent a code to {email}. Enter it to move there.")
}

/// That the second step is on.
pub fn second_step_on(left: u32) -> String {
    match left {
        0 => "On. No recovery code is left: turn it off and on again for new ones.".to_owned(),
        1 => "On. One recovery code is left.".to_owned(),
        many => format!("On. {many} recovery codes are left."),
    }
}

/// The room that a library takes.
pub fn usage(usage: &Usage) -> String {
    let photos = match usage.photos {
        1 => "one photo".to_owned(),
        many => format!("{} photos", grouped(u32::try_from(many).unwrap_or(u32::MAX))),
    };
    format!("{} of {}, {photos}", file_size(usage.bytes), file_size(usage.quota))
}

/// That a program may not do this.
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

/// A button that signs in by another provider.
pub fn go_on_with(provider: &str) -> String {
    format!("Go on with {provider}")
}

/// A link that adds a provider.
pub fn link_to(provider: &str) -> String {
    format!("{LINK} {provider}")
}

/// Somebody at another provider.
pub fn somebody_at(provider: &str, email: Option<&str>) -> String {
    email.map_or_else(|| provider.to_owned(), |email| format!("{provider}: {email}"))
}

/// Since when and where a session is.
pub fn session(session: &Session) -> String {
    let zone = session.zone.as_deref().map(|zone| format!(" · {}", zone.replace('_', " ")));
    format!("Last seen {}{}", moment(session.seen_at), zone.unwrap_or_default())
}

/// A session's button.
pub fn end_session(device: &str) -> String {
    format!("{SIGN_OUT}: {device}")
}

/// Until when an invitation can be taken.
pub fn invitation_ends(at: Time) -> String {
    format!("Invited until {}", date(at))
}

/// An invitation's button.
pub fn withdraw(email: &str) -> String {
    format!("{WITHDRAW}: {email}")
}

/// What somebody may do beyond their own library.
pub fn role(person: &Person) -> &'static str {
    match (person.owner, person.operator) {
        (true, _) => "Owner",
        (false, true) => "Operator",
        (false, false) => "Member",
    }
}

/// A button that puts somebody into a group or takes them out, and what it is called by those who hear it.
pub fn group_switch(group: &str, within: bool, email: &str) -> (&'static str, String) {
    let text = match (group, within) {
        ("owner", false) => "Make owner",
        ("owner", true) => "No longer owner",
        (_, false) => "Make operator",
        (_, true) => "No longer operator",
    };
    (text, format!("{text}: {email}"))
}

pub const OFFLINE: &str = "There is no connection. Check your network, then try again.";
pub const BROKEN: &str = "Something went wrong on our side. Try again in a moment.";

/// Why a photo was refused.
pub fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Empty => "This file is empty.",
        Reason::NotAPhoto { picture: false } => "This file isn’t a photo.",
        Reason::NotAPhoto { picture: true } => "This kind of picture isn’t supported. Save it as JPEG, and add that.",
        Reason::Damaged => "This file is damaged: it breaks off or contradicts itself.",
        Reason::TooManyPixels { width, height } => {
            return format!(
                "This picture has {} × {} pixels, more than can be processed.",
                grouped(*width),
                grouped(*height)
            );
        }
        Reason::WrongChecksum => CHANGED_ON_THE_WAY,
        Reason::NotDelivered => "The photo never arrived. Add it again.",
        Reason::OurFault => "Processing failed on our side. The original is safe.",
    }
    .to_owned()
}

pub const CHANGED_ON_THE_WAY: &str = "The bytes changed on the way. Add the photo again.";
pub const NOT_ACCEPTED: &str = "The store did not take this file. Add it again.";
pub const UNREADABLE: &str = "The browser cannot read this file.";

/// Where a photo is on its way.
pub fn state(state: &State) -> String {
    match state {
        State::Expected => "Waiting for the upload".to_owned(),
        State::Received => "Received".to_owned(),
        State::Developing { done, of } => format!("Developing, {done} of {of}"),
        State::Ready => "Ready".to_owned(),
        State::Refused { reason: why } => reason(why),
    }
}

/// A step that a photo took, for its history.
pub fn step(state: &State) -> String {
    match state {
        State::Expected => "Upload announced".to_owned(),
        State::Received => "Original received".to_owned(),
        State::Developing { done: 0, .. } => "Developing began".to_owned(),
        State::Developing { done, of } => format!("{done} of {of} formats developed"),
        State::Ready => "Ready to look at".to_owned(),
        State::Refused { reason: why } => format!("Refused. {}", reason(why)),
    }
}

/// What stands for a picture where it can't be seen.
pub fn picture(photo: &Photo) -> String {
    // A caption may have several lines.
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let caption = photo.caption.as_deref().map(one_line);
    let name = isolated(caption.as_deref().unwrap_or(&photo.name));
    format!("{name}, {}", day(photo.day()))
}

/// A notice's button, where several notices have one.
pub fn dismiss(name: &str) -> String {
    format!("{DISMISS} {}", isolated(name))
}

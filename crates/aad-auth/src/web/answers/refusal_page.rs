//! The page of a refused sign-in.

use super::advice::{Told, is_users_matter};
use crate::{
    provider::Fault,
    sign_in::{PASSWORD_FORGOTTEN, Refusal},
    web::pages::{Action, PageKind, PageModel, Support},
};

/// Builds the page. `again` starts a new sign-in, `home` is the home page.
pub(in crate::web) fn refusal_page(
    refusal: &Refusal,
    reference: String,
    time: u64,
    again: &str,
    home: &str,
) -> PageModel {
    let (title, message) = words(refusal);
    let mut page = PageModel::new(PageKind::SignInFailed, refusal.status(), title, message);
    let other_account = with_prompt(again);
    page = match refusal {
        Refusal::TenantNotAllowed | Refusal::NotAdmitted => {
            page.action(Action::link("Use another account", other_account))
        }
        Refusal::CredentialRefused(_)
        | Refusal::CredentialUnusable(_)
        | Refusal::ProviderMisconfigured { .. }
        | Refusal::ProviderBroken(_) => page,
        _ => page
            .action(Action::link("Try again", again))
            .action(Action::link("Use another account", other_account)),
    };
    page = page.action(Action::link("Go to the home page", home));
    let mut support = support(refusal, reference, time);
    if let Some(advice) = refusal.advice() {
        let told = Told::by(advice);
        page.advice = Some(told.user);
        support.remedy = told.remedy;
    }
    page.support = Some(support);
    page
}

/// The title and the message, without blame.
fn words(refusal: &Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::StateMissing | Refusal::StateUnreadable => (
            "This page cannot finish a sign-in",
            "It was opened without a sign-in that began here: perhaps from a bookmark, an old \
             link, or a copy of an address. Nothing was changed.",
        ),
        Refusal::StateOfOtherKey => (
            "This sign-in cannot be continued here",
            "It began at another instance of this application, or before its keys were changed.",
        ),
        Refusal::Expired => (
            "This sign-in took too long",
            "It began more than an hour ago.",
        ),
        Refusal::BrowserCookieMissing => (
            "Your browser did not keep the sign-in cookie",
            "Cookies for this site may be blocked, or the address may have changed between http \
             and https on the way.",
        ),
        Refusal::OtherBrowser => (
            "This sign-in began in another browser",
            "It began in another browser or window, or under another address of this site.",
        ),
        Refusal::RepeatedParameter | Refusal::MalformedResponse => (
            "The sign-in response is not complete",
            "What came back from the sign-in page cannot be used.",
        ),
        Refusal::OtherResponseMode => (
            "The sign-in response came in another way than this application asked for",
            "It cannot be used. If this happens again, tell the operators of this application.",
        ),
        Refusal::IssuerMismatch => (
            "The sign-in response came from another provider",
            "It names another provider than the one this application trusts.",
        ),
        Refusal::IssuerMissing => (
            "The sign-in response names no provider",
            "The identity provider announces that it names itself in each response, but this one has no \
             name. Its sender is not known.",
        ),
        Refusal::SameAccount => (
            "You were signed in with the same account",
            "You asked for another account, but the sign-in page sent you back without asking. To change the \
             account, sign out at the identity provider first.",
        ),
        Refusal::OtherInitiator => (
            "This link is for another sign-in page",
            "It asks you to sign in with another provider than the one this application trusts.",
        ),
        Refusal::Declined(fault) if fault.user_flow_code() == Some(PASSWORD_FORGOTTEN) => (
            "A new password cannot be chosen from here",
            "You said at the sign-in page that you have forgotten your password. This application \
             is not set up to lead you to the page for a new one. Nothing was changed.",
        ),
        Refusal::Declined(fault) if fault.is_declined() && is_users_matter(fault) => (
            "The sign-in was cancelled",
            "You, or an administrator, declined at the sign-in page. Nothing was changed.",
        ),
        Refusal::Declined(_) | Refusal::CodeRefused(_) | Refusal::CodeSpent(_) => (
            "You were not signed in",
            "The identity provider refused this sign-in.",
        ),
        Refusal::TokenRejected(_) | Refusal::UserinfoUnusable(_) | Refusal::OtherUserFlow => (
            "This sign-in could not be verified",
            "What the identity provider sent does not pass this application's checks.",
        ),
        Refusal::TenantNotAllowed => (
            "Your organisation has no access here",
            "You are signed in at your organisation, but this application is open to other \
             organisations only.",
        ),
        Refusal::NotAdmitted => (
            "You have no access here",
            "Your sign-in is valid, but this application does not admit this account.",
        ),
        Refusal::ApplicationSilent => (
            "This application could not check your access",
            "Your sign-in is valid, but the application has not decided in time whether you have \
             access. Its operators have been told.",
        ),
        Refusal::SessionsEnded => (
            "Your sessions were ended",
            "While you were signing in you were signed out: in this browser, everywhere, or by an \
             administrator.",
        ),
        Refusal::Looping => (
            "Your browser does not keep the session",
            "You were signed in several times within two minutes, but no request brought the session \
             cookie back. Cookies for this site may be blocked.",
        ),
        Refusal::SharedCookieName => (
            "Sign-ins do not last here at the moment",
            "Another application at this host name has cookies of the same name, so that a sign-in \
             at one of them ends the session at the other. The operators of this application have \
             been told.",
        ),
        Refusal::ProviderUnavailable { .. } => (
            "The sign-in page cannot be reached",
            "The identity provider does not answer at the moment. Users who are signed in \
             stay signed in.",
        ),
        Refusal::ProviderMisconfigured { .. } => (
            "This application is not set up correctly",
            "Its settings and the identity provider do not fit together. Its operators have been \
             told. Users who are signed in stay signed in.",
        ),
        Refusal::ProviderBroken(_) => (
            "The identity provider's answer cannot be used",
            "It is not what the standard describes. The operators of this application have been \
             told.",
        ),
        Refusal::CredentialRefused(_) | Refusal::CredentialUnusable(_) => (
            "This application is not set up correctly",
            "The identity provider no longer accepts this application's own credential. Its \
             operators have been told.",
        ),
        Refusal::Busy => (
            "Too many sign-ins at the moment",
            "Please wait a moment, then try again.",
        ),
        Refusal::Elsewhere => (
            "Another instance is completing this sign-in",
            "Another instance of this application has begun to complete it, and has not reported the \
             result yet. Please try again.",
        ),
        Refusal::SeparateStores => (
            "Sign-ins do not last here at the moment",
            "Several instances of this application run, and each has a session store of its own. Its \
             operators have been told.",
        ),
        Refusal::Store(_) => (
            "Sessions cannot be kept at the moment",
            "The session store does not answer. Users who are signed in stay signed in.",
        ),
    }
}

fn support(refusal: &Refusal, reference: String, time: u64) -> Support {
    let fault = refusal.fault();
    Support {
        reference,
        code: refusal.code().to_owned(),
        correlation_id: fault.and_then(Fault::correlation_id).map(str::to_owned),
        trace_id: fault.and_then(Fault::trace_id).map(str::to_owned),
        provider_codes: fault.map(provider_codes).unwrap_or_default(),
        remedy: None,
        time,
    }
}

fn provider_codes(fault: &Fault) -> Vec<String> {
    let codes = fault.codes().iter().map(|code| format!("AADSTS{code}"));
    let user_flow = fault.user_flow_code().map(|code| format!("AADB2C{code}"));
    codes.chain(user_flow).collect()
}

fn with_prompt(again: &str) -> String {
    let separator = if again.contains('?') { '&' } else { '?' };
    format!("{again}{separator}prompt=select_account")
}

//! Decides between a page, a silent sign-in and a refusal: single sign-on and `prompt`.

use crate::aadsts::Refusal;
use crate::directory::{Directory, TenantKind, User};
use crate::state::State;
use crate::sync::read;

use super::checked::{CheckedParameters, Prompt};
use super::request::AuthorizeRequest;
use super::sign_in_cookie::{Account, SignInCookie};

/// How an authorization request goes on.
pub(super) enum SignInDecision {
    /// The user must pick an account.
    PickAccount,
    /// This user is signed in already.
    Silent { user: String },
    /// A switch signs this user in without a page.
    Automatic { user: String },
    /// A page is needed, and the request allows none.
    Refuse(Refusal),
}

/// Decides by the accounts of the cookie, the hints of the request and `prompt`.
pub(super) fn decide(
    state: &State,
    request: &AuthorizeRequest,
    checked: &CheckedParameters,
    session: &SignInCookie,
) -> SignInDecision {
    let directory = read(&state.directory);
    if let Some(user) = automatic(state, request, &directory) {
        return SignInDecision::Automatic { user };
    }
    let mut known = session
        .accounts
        .iter()
        .filter(|account| fits_request(request, &directory, account, session));
    let fresh = |account: &&Account| is_fresh(checked, account, state.clock.now());
    match checked.prompt {
        Prompt::Login | Prompt::SelectAccount => SignInDecision::PickAccount,
        Prompt::None => match (known.next(), known.next()) {
            (None, _) => SignInDecision::Refuse(login_required()),
            (Some(_), Some(_)) => SignInDecision::Refuse(Refusal::new(
                "login_required",
                16_000,
                "Several user accounts are signed in: the request must name one of them, or the user must choose.",
            )),
            (Some(account), None) => match Some(account).filter(fresh) {
                Some(account) => silent(account),
                None => SignInDecision::Refuse(login_required()),
            },
        },
        Prompt::Default | Prompt::Consent => match (known.next(), known.next()) {
            (Some(account), None) if fresh(&account) => silent(account),
            _ => SignInDecision::PickAccount,
        },
    }
}

fn silent(account: &Account) -> SignInDecision {
    SignInDecision::Silent {
        user: account.user.clone(),
    }
}

fn login_required() -> Refusal {
    Refusal::new(
        "login_required",
        50_058,
        "A silent sign-in request was sent but no user is signed in.",
    )
}

/// Finds the user whom the switch signs in, first in the tenant of the authority.
fn automatic(state: &State, request: &AuthorizeRequest, directory: &Directory) -> Option<String> {
    let name = read(&state.switches).auto_sign_in.clone()?;
    let user = request.authority.find_user(&name, directory)?;
    Some(user.id.clone())
}

/// Tells whether a signed-in account fits the request's authority, `login_hint` and `sid`.
fn fits_request(
    request: &AuthorizeRequest,
    directory: &Directory,
    account: &Account,
    session: &SignInCookie,
) -> bool {
    let Some(user) = directory.user(&account.user) else {
        return false;
    };
    request.authority.admits(user, directory)
        && request
            .params
            .get("login_hint")
            .is_none_or(|hint| user.is_hinted(hint))
        && request
            .params
            .get("sid")
            .is_none_or(|sid| sid == session.sid)
}

/// Tells whether the account was picked within `max_age`.
fn is_fresh(checked: &CheckedParameters, account: &Account, now: i64) -> bool {
    checked
        .max_age
        .is_none_or(|age| age > 0 && now.saturating_sub(account.auth_time) <= age)
}

/// Tells whether the user fits the request's `domain_hint`.
pub(super) fn fits_domain(user: &User, hint: Option<&str>, directory: &Directory) -> bool {
    let tenant = directory.tenant(&user.tenant);
    let kind = tenant.map(|tenant| tenant.kind);
    match hint {
        None => true,
        Some("consumers") => kind == Some(TenantKind::Consumers),
        Some("organizations") => kind == Some(TenantKind::Workforce),
        // The platform ignores an unknown domain.
        Some(domain) => match directory.tenant(domain) {
            Some(hinted) => hinted.id == user.tenant,
            None => true,
        },
    }
}

//! Page, silent sign-in or refusal: single sign-on and `prompt` (`entra.md` 2.1).

use crate::aadsts::Refusal;
use crate::directory::{Directory, TenantKind, User};
use crate::state::State;
use crate::sync::read;

use super::request::{AuthorizeRequest, Prompt, Wanted};
use super::sign_in_cookie::{Account, SignInCookie};

/// What happens next.
pub(super) enum Next {
    /// The user picks an account.
    Pick,
    /// This user is signed in already.
    Silent { user: String, auth_time: i64 },
    /// This user is signed in by a switch, without a page.
    Automatic { user: String },
    /// No page is allowed.
    Refuse(Refusal),
}

pub(super) fn next(
    state: &State,
    request: &AuthorizeRequest,
    wanted: &Wanted,
    session: &SignInCookie,
) -> Next {
    let directory = read(&state.directory);
    if let Some(user) = automatic(state, request, &directory) {
        return Next::Automatic { user };
    }
    let mut known = session
        .accounts
        .iter()
        .filter(|account| is_meant(request, &directory, account, session));
    let fresh = |account: &&Account| is_fresh(wanted, account, state.clock.now());
    match wanted.prompt {
        Prompt::Login | Prompt::SelectAccount => Next::Pick,
        Prompt::None => match (known.next(), known.next()) {
            (None, _) => Next::Refuse(login_required()),
            (Some(_), Some(_)) => Next::Refuse(Refusal::new(
                "login_required",
                16_000,
                "Several user accounts are signed in: the request must name one of them, or the user must choose.",
            )),
            (Some(account), None) => match Some(account).filter(fresh) {
                Some(account) => silent(account),
                None => Next::Refuse(login_required()),
            },
        },
        Prompt::Default | Prompt::Consent => match (known.next(), known.next()) {
            (Some(account), None) if fresh(&account) => silent(account),
            _ => Next::Pick,
        },
    }
}

fn silent(account: &Account) -> Next {
    Next::Silent {
        user: account.user.clone(),
        auth_time: account.auth_time,
    }
}

fn login_required() -> Refusal {
    Refusal::new(
        "login_required",
        50_058,
        "A silent sign-in request was sent but no user is signed in.",
    )
}

/// The user whom the switch signs in, where this authority takes him.
fn automatic(state: &State, request: &AuthorizeRequest, directory: &Directory) -> Option<String> {
    let name = read(&state.switches).auto_sign_in.clone()?;
    let tenant = request.authority.tenant().map(|tenant| tenant.id.as_str());
    directory
        .find_user(&name, tenant)
        .or_else(|| directory.find_user(&name, None))
        .map(|user| user.id.clone())
}

/// Whether a signed-in account may answer this request: by authority, hint and session id.
fn is_meant(
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
            .is_none_or(|hint| is_hinted(user, hint))
        && request
            .params
            .get("sid")
            .is_none_or(|sid| sid == session.sid)
}

/// A hint is a user name, an e-mail address, or the opaque `login_hint` claim.
pub(super) fn is_hinted(user: &User, hint: &str) -> bool {
    let same = |text: &str| text.eq_ignore_ascii_case(hint);
    same(&user.user_principal_name)
        || user.mail.as_deref().is_some_and(same)
        || hint == login_hint(user)
}

/// The opaque `login_hint` claim of a user.
pub(crate) fn login_hint(user: &User) -> String {
    format!(
        "O.{}",
        crate::encoding::base64url(format!("{}.{}", user.id, user.tenant))
    )
}

/// `max_age`: the account must have been picked lately.
fn is_fresh(wanted: &Wanted, account: &Account, now: i64) -> bool {
    wanted
        .max_age
        .is_none_or(|age| age > 0 && now.saturating_sub(account.auth_time) <= age)
}

/// Whether `domain_hint` lets this user be offered.
pub(super) fn fits_domain(user: &User, hint: Option<&str>, directory: &Directory) -> bool {
    let tenant = directory.tenant(&user.tenant);
    let kind = tenant.map(|tenant| tenant.kind);
    match hint {
        None => true,
        Some("consumers") => kind == Some(TenantKind::Consumers),
        Some("organizations") => kind == Some(TenantKind::Workforce),
        // A domain nobody has is ignored, as the platform ignores it.
        Some(domain) => match directory.tenant(domain) {
            Some(hinted) => hinted.id == user.tenant,
            None => true,
        },
    }
}

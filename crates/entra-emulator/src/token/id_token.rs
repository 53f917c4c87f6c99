//! ID tokens.

use crate::aadsts::Refusal;
use crate::directory::{Application, User};
use crate::members::Members;
use crate::state::State;
use crate::sync::read;

use super::claims::{pairwise_subject, set_internals, set_memberships, set_times, user_issuer};
use super::{KeyOwner, UserSession, sign};

/// Seconds.
const LIFETIME: i64 = 3_600 + 300;

/// Issues the ID token of a session. `hashes` are further claims, such as `at_hash`.
pub(super) fn id_token(
    state: &State,
    session: &UserSession,
    hashes: &[(&str, String)],
) -> Result<String, Refusal> {
    let mut claims = if session.policy.is_some() {
        b2c_claims(state, session)
    } else {
        work_claims(state, session)
    };
    for (name, value) in hashes {
        claims.set(name, value);
    }
    sign(
        state,
        &KeyOwner::Application(&session.application),
        claims,
        &state.faults.id_token(),
    )
}

/// Builds the claims of all authorities except B2C tenants.
fn work_claims(state: &State, session: &UserSession) -> Members {
    let (user, application) = (&session.user, &session.application);
    let mut claims = Members::default();
    claims.set("ver", "2.0");
    claims.set("iss", user_issuer(state, session));
    claims.set("sub", pairwise_subject(&application.app_id, &user.id));
    claims.set("aud", &application.app_id);
    set_times(&mut claims, state.clock.now(), LIFETIME);
    if session.scopes.profile {
        claims.set("name", &user.display_name);
        claims.set("preferred_username", &user.user_principal_name);
    }
    claims.set("oid", &user.id);
    claims.set("tid", &user.tenant);
    claims.set_some("nonce", session.nonce.as_ref());
    set_optional_claims(&mut claims, session, application);
    claims.set_some("idp", user.idp.as_ref());
    if !session.acrs.is_empty() {
        claims.set("acrs", &session.acrs);
    }
    set_memberships(state, &mut claims, user, application);
    set_internals(state, &mut claims);
    claims
}

/// Sets the claims that the application's registration, its scopes or the request ask for.
fn set_optional_claims(claims: &mut Members, session: &UserSession, application: &Application) {
    let user = &session.user;
    let optional = &application.optional_claims.id_token;
    if session.scopes.email || optional.has("email") || user.is_guest() {
        claims.set_some("email", user.mail.as_ref());
    }
    if optional.has("xms_edov") {
        claims.set("xms_edov", user.email_domain_verified);
    }
    if session.show_auth_time || optional.has("auth_time") {
        claims.set("auth_time", session.auth_time);
    }
    if optional.has("sid") || application.web.logout_url.is_some() {
        claims.set("sid", &session.sid);
    }
    if optional.has("login_hint") {
        claims.set("login_hint", user.login_hint());
    }
    if optional.has("given_name") {
        claims.set_some("given_name", user.given_name.as_ref());
    }
    if optional.has("family_name") {
        claims.set_some("family_name", user.surname.as_ref());
    }
    if optional.has("upn") {
        claims.set("upn", &user.user_principal_name);
    }
    if optional.has("acct") {
        claims.set("acct", u8::from(user.is_guest()));
    }
}

/// Returns the claim `sub` of a B2C account: the object id, unless the tenant's user flows do not support it.
fn b2c_subject(state: &State, user: &User) -> String {
    let directory = read(&state.directory);
    let not_supported = directory
        .tenant(&user.tenant)
        .is_some_and(|tenant| tenant.subject_not_supported);
    if not_supported {
        "Not supported currently. Use oid claim.".to_owned()
    } else {
        user.id.clone()
    }
}

/// Builds the claims of a B2C tenant, which has `tfp` and `emails`, and neither `tid` nor `preferred_username`.
fn b2c_claims(state: &State, session: &UserSession) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("ver", "1.0");
    claims.set("iss", user_issuer(state, session));
    claims.set("sub", b2c_subject(state, user));
    claims.set("aud", &session.application.app_id);
    claims.set_some("nonce", session.nonce.as_ref());
    set_times(&mut claims, state.clock.now(), LIFETIME);
    claims.set("auth_time", session.auth_time);
    claims.set("oid", &user.id);
    claims.set("name", &user.display_name);
    claims.set_some("given_name", user.given_name.as_ref());
    claims.set_some("family_name", user.surname.as_ref());
    claims.set("emails", user.mail.iter().collect::<Vec<_>>());
    claims.set_some("tfp", session.policy.as_ref());
    claims
}

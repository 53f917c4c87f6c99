//! The refresh-token grant.

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::scope::Scopes;
use crate::state::State;
use crate::sync::{lock, read};

use super::cross_origin::Sender;
use super::issue::{client_capabilities, issue};
use super::refresh_token::{LIFETIME, RefreshToken};
use super::{ClientAuth, UserSession};

/// Answers `grant_type=refresh_token`.
pub(super) fn refresh(
    state: &State,
    (origin, sender): (Origin, &Sender),
    authority: &Authority,
    application: Application,
    client_auth: ClientAuth,
    params: &Params,
) -> Result<Members, Refusal> {
    let text = params.require("refresh_token")?;
    let old = RefreshToken::open(state, text)
        .ok_or_else(|| bad_token(9_002_313, "The refresh token is malformed or invalid."))?;
    sender.may_redeem(old.absolute, true)?;
    check(state, authority, &application, &old)?;
    let scopes = scopes(state, params, &old)?;
    let strict = read(&state.switches).strict_refresh;
    if !lock(&state.grants).use_refresh_token(&old.family, old.generation, strict) {
        return Err(bad_token(
            50_173,
            "The provided grant has been revoked: the refresh token was used before.",
        ));
    }
    let user = read(&state.directory).user(&old.user).cloned();
    let renewed = renewed(&old, state.clock.now());
    let session = UserSession {
        origin,
        user: user.ok_or_else(revoked)?,
        application,
        policy: old.policy,
        scopes,
        nonce: None,
        sid: old.sid,
        auth_time: old.auth_time,
        show_auth_time: false,
        acrs: old.acrs,
        client_auth,
        client_capabilities: client_capabilities(params),
    };
    issue(state, &session, params, &renewed)
}

fn renewed(old: &RefreshToken, now: i64) -> RefreshToken {
    RefreshToken {
        generation: old.generation.saturating_add(1),
        expires_at: if old.absolute {
            old.expires_at
        } else {
            now.saturating_add(LIFETIME)
        },
        ..old.clone()
    }
}

fn check(
    state: &State,
    authority: &Authority,
    application: &Application,
    old: &RefreshToken,
) -> Result<(), Refusal> {
    if old.app_id != application.app_id {
        return Err(Refusal::invalid_grant(
            700_003,
            "The refresh token was issued to another client.",
        )
        .with_suberror("client_mismatch"));
    }
    check_user(state, authority, application, old)?;
    if state.epoch(&old.user) != old.epoch {
        return Err(revoked());
    }
    if old.expires_at <= state.clock.now() {
        let code = if old.absolute { 700_084 } else { 700_082 };
        return Err(
            Refusal::invalid_grant(code, "The refresh token has expired.")
                .with_suberror("token_expired"),
        );
    }
    Ok(())
}

/// Checks that the user may still sign in to the application through this authority.
fn check_user(
    state: &State,
    authority: &Authority,
    application: &Application,
    old: &RefreshToken,
) -> Result<(), Refusal> {
    let directory = read(&state.directory);
    let user = directory.user(&old.user).ok_or_else(revoked)?;
    if !user.account_enabled {
        return Err(bad_token(50_057, "The user account is disabled."));
    }
    if !authority.admits(user, &directory) {
        return Err(bad_token(
            700_005,
            "The provided refresh token is for use in another tenant.",
        ));
    }
    if application.app_role_assignment_required && !user.is_assigned(&application.app_id) {
        return Err(Refusal::new(
            "interaction_required",
            50_105,
            "The user is no longer assigned to the application.",
        ));
    }
    Ok(())
}

/// Returns the requested scopes, or those of the sign-in.
///
/// The request may name another resource than the sign-in: refresh tokens belong to user and client.
fn scopes(state: &State, params: &Params, old: &RefreshToken) -> Result<Scopes, Refusal> {
    let directory = read(&state.directory);
    let text = params.get("scope").unwrap_or(&old.scope);
    let mut scopes = Scopes::parse(text, &directory)?;
    if params.has("scope") {
        scopes.require_one_resource()?;
    }
    // A refresh always issues a new refresh token. It issues an ID token when the sign-in requested one.
    scopes.offline_access = true;
    let first = Scopes::parse(&old.scope, &directory)?;
    scopes.openid |= first.openid;
    scopes.profile |= first.profile;
    scopes.email |= first.email;
    Ok(scopes)
}

fn revoked() -> Refusal {
    bad_token(
        50_173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    )
}

fn bad_token(code: u32, message: &str) -> Refusal {
    Refusal::invalid_grant(code, message).with_suberror("bad_token")
}

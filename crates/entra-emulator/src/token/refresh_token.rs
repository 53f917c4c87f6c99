use serde::{Deserialize, Serialize};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::scope::Scopes;
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::{lock, read};

use super::cross_origin::Sender;
use super::issue::{client_capabilities, issue};
use super::{ClientAuth, Session};

/// What a refresh token holds, sealed: it survives a restart of the emulator.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct RefreshToken {
    pub(super) family: String,
    pub(super) generation: u64,
    pub(super) app_id: String,
    pub(super) user: String,
    /// The user's revocation epoch when it was issued.
    pub(super) epoch: u64,
    pub(super) scope: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    pub(super) acrs: Vec<String>,
    pub(super) policy: Option<String>,
    pub(super) expires_at: i64,
    /// 24 hours after the sign-in for single-page applications, renewed or not.
    pub(super) absolute: bool,
}

/// 90 days, renewed at each use.
pub(super) const LIFETIME: i64 = 90 * 24 * 3600;
/// Of a single-page application.
pub(super) const SINGLE_PAGE_LIFETIME: i64 = 24 * 3600;

/// `grant_type=refresh_token`
pub(super) fn refresh(
    state: &State,
    (origin, sender): (Origin, &Sender),
    authority: &Authority,
    application: Application,
    client_auth: ClientAuth,
    params: &Params,
) -> Result<Members, Refusal> {
    let text = params
        .get("refresh_token")
        .ok_or_else(|| Refusal::missing("refresh_token"))?;
    let opened = text.strip_prefix("1.").and_then(|text| {
        state
            .sealer
            .open::<RefreshToken>(Purpose::RefreshToken, text)
    });
    let old =
        opened.ok_or_else(|| bad_token(9_002_313, "The refresh token is malformed or invalid."))?;
    sender.may_redeem(old.absolute, true)?;
    check(state, authority, &application, &old)?;
    let scopes = scopes(state, params, &old)?;
    if !lock(&state.grants).use_refresh_token(
        &old.family,
        old.generation,
        read(&state.switches).strict_refresh,
    ) {
        return Err(bad_token(
            50_173,
            "The provided grant has been revoked: the refresh token was used before.",
        ));
    }
    let user = read(&state.directory)
        .user(&old.user)
        .cloned()
        .ok_or_else(revoked)?;
    let now = state.clock.now();
    let expires_at = if old.absolute {
        old.expires_at
    } else {
        now.saturating_add(LIFETIME)
    };
    let renewed = RefreshToken {
        generation: old.generation.saturating_add(1),
        expires_at,
        ..old.clone()
    };
    let session = Session {
        origin,
        user,
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
    let assigned = !application.app_role_assignment_required
        || crate::directory::Directory::is_assigned(user, &application.app_id);
    if !assigned {
        return Err(Refusal::new(
            "interaction_required",
            50_105,
            "The user is no longer assigned to the application.",
        ));
    }
    if lock(&state.grants).epoch(&old.user) != old.epoch {
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

/// The scopes asked for, or those of the sign-in. Another resource is allowed: refresh tokens belong to user and client.
fn scopes(state: &State, params: &Params, old: &RefreshToken) -> Result<Scopes, Refusal> {
    let directory = read(&state.directory);
    let text = params.get("scope").unwrap_or(&old.scope);
    let mut scopes = Scopes::parse(text, &directory)?;
    if params.has("scope") {
        scopes.one_resource()?;
    }
    // A refresh always gives a new refresh token; the ID token comes when the sign-in asked for one.
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

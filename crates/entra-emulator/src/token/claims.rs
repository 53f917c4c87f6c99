//! Claims that several kinds of tokens share.

use serde_json::{Value, json};

use crate::authority::{issuer, issuer_v1};
use crate::directory::{Application, Group, User};
use crate::encoding::{base64url, sha256};
use crate::members::Members;
use crate::state::State;
use crate::sync::read;

use super::UserSession;

/// A JWT with more groups carries the overage pointer instead.
const MAX_GROUPS: usize = 200;

/// Returns the claim `sub`, which differs for each pair of user and application and is not the object id.
pub(crate) fn pairwise_subject(app_id: &str, user: &str) -> String {
    base64url(sha256(format!("subject|{app_id}|{user}")))
}

/// Returns the v2 issuer of the user's tenant.
pub(super) fn user_issuer(state: &State, session: &UserSession) -> String {
    let directory = read(&state.directory);
    match directory.tenant(&session.user.tenant) {
        Some(tenant) => issuer(&session.origin, tenant),
        None => issuer_v1(&session.origin, &session.user.tenant),
    }
}

/// Sets `iat`, `nbf` and `exp`; `lifetime` is in seconds.
pub(super) fn set_times(claims: &mut Members, now: i64, lifetime: i64) {
    claims.set("iat", now);
    claims.set("nbf", now);
    claims.set("exp", now.saturating_add(lifetime));
}

/// Sets the platform's internal claims, which applications must not read: `aio`, `rh`, `uti`.
pub(super) fn set_internals(state: &State, claims: &mut Members) {
    claims.set("aio", format!("AW{}", state.random.token(36)));
    claims.set("rh", format!("1.A{}.", state.random.token(42)));
    claims.set("uti", state.random.token(16));
}

/// Sets the claims of app roles, groups (or the overage pointer) and directory roles.
pub(super) fn set_memberships(
    state: &State,
    claims: &mut Members,
    user: &User,
    application: &Application,
) {
    let roles = user.app_roles(&application.app_id);
    if !roles.is_empty() {
        claims.set("roles", roles);
    }
    let groups = read(&state.directory).transitive_groups(user);
    let (directory_roles, groups): (Vec<Group>, Vec<Group>) = groups
        .into_iter()
        .partition(|group| group.role_template_id.is_some());
    let configured = application
        .group_membership_claims
        .as_deref()
        .unwrap_or("None");
    let includes = |kind: &str| {
        configured
            .split(',')
            .any(|item| item.trim() == kind || item.trim() == "All")
    };
    if includes("SecurityGroup") || includes("ApplicationGroup") {
        let ids = groups
            .into_iter()
            .filter(|group| group.security_enabled)
            .map(|group| group.id);
        set_groups(claims, user, ids.collect());
    }
    if includes("DirectoryRole") || includes("SecurityGroup") {
        let templates = directory_roles
            .into_iter()
            .filter_map(|role| role.role_template_id);
        let ids: Vec<String> = templates.collect();
        if !ids.is_empty() {
            claims.set("wids", ids);
        }
    }
}

fn set_groups(claims: &mut Members, user: &User, ids: Vec<String>) {
    if ids.len() > MAX_GROUPS {
        let endpoint = format!(
            "https://graph.windows.net/{}/users/{}/getMemberObjects",
            user.tenant, user.id
        );
        claims.set("_claim_names", json!({ "groups": "src1" }));
        claims.set(
            "_claim_sources",
            json!({ "src1": { "endpoint": endpoint } }),
        );
    } else if !ids.is_empty() {
        claims.set("groups", Value::from(ids));
    }
}

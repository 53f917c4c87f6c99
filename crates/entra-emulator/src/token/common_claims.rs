use serde_json::Value;

use crate::aadsts::Refusal;
use crate::authority::{issuer, issuer_v1};
use crate::directory::{Application, Directory, Group, User};
use crate::encoding::{base64url, sha256};
use crate::jwt::{Draft, Mutation, Signers, compact};
use crate::members::Members;
use crate::state::State;
use crate::sync::{read, write};

use super::Session;

/// Above so many groups a JWT carries a pointer instead (`entra.md` 5.4).
const MAX_GROUPS: usize = 200;

/// What kind of envelope a token gets.
pub(crate) enum Sealing<'a> {
    /// Signed for this application: by its own key where it has one.
    For(&'a Application),
    /// Signed by the tenant's key.
    Plain,
}

/// The header of a v2 token.
pub(crate) fn envelope(kid: &str) -> Members {
    let mut header = Members::default();
    header.set("typ", "JWT");
    header.set("alg", "RS256");
    header.set("kid", kid);
    header
}

/// Signs claims, changed by the mutation.
pub(crate) fn sign(
    state: &State,
    sealing: &Sealing<'_>,
    claims: Members,
    mutation: &Mutation,
    v1: bool,
) -> Result<String, Refusal> {
    let signers = signers(state, sealing).map_err(|error| server_error(&error))?;
    let mut header = envelope(&signers.signing.kid);
    if v1 {
        header.set("x5t", &signers.signing.kid);
    }
    let mut draft = Draft::new(header, claims);
    mutation.apply(&mut draft);
    compact(&draft, &signers).map_err(|error| server_error(&error))
}

pub(crate) fn signers(
    state: &State,
    sealing: &Sealing<'_>,
) -> Result<Signers, crate::keys::KeyError> {
    let (own, client_secret) = match sealing {
        Sealing::For(application) => {
            let own = application
                .custom_signing_key
                .then(|| write(&state.keys).own_key(&application.app_id))
                .transpose()?;
            (
                own,
                application.first_secret().unwrap_or_default().to_owned(),
            )
        }
        Sealing::Plain => (None, String::new()),
    };
    let ring = read(&state.keys);
    Ok(Signers {
        signing: own.unwrap_or_else(|| ring.signing()),
        spare: ring.spare(),
        client_secret,
    })
}

/// A failure of the emulator itself.
pub(crate) fn server_error(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(%error, "a token cannot be made");
    Refusal::new(
        "server_error",
        90_033,
        "A transient error has occurred in the emulator; its log says more.",
    )
}

/// `sub`: another one for each pair of user and application, and not the object id.
pub(crate) fn pairwise_subject(app_id: &str, user: &str) -> String {
    base64url(sha256(format!("subject|{app_id}|{user}")))
}

/// The v2 issuer of the user's tenant.
pub(super) fn user_issuer(state: &State, session: &Session) -> String {
    let directory = read(&state.directory);
    match directory.tenant(&session.user.tenant) {
        Some(tenant) => issuer(&session.origin, tenant),
        None => issuer_v1(&session.origin, &session.user.tenant),
    }
}

/// `iat`, `nbf` and `exp`.
pub(super) fn times(claims: &mut Members, now: i64, lifetime: i64) {
    claims.set("iat", now);
    claims.set("nbf", now);
    claims.set("exp", now.saturating_add(lifetime));
}

/// The internal claims every token carries and nobody may read: `aio`, `rh`, `uti`.
pub(super) fn internals(state: &State, claims: &mut Members) {
    claims.set("aio", format!("AW{}", state.random.token(36)));
    claims.set("rh", format!("1.A{}.", state.random.token(42)));
    claims.set("uti", state.random.token(16));
}

/// App roles, groups or the overage pointer, and `wids`.
pub(super) fn authorization(
    state: &State,
    claims: &mut Members,
    user: &User,
    application: &Application,
) {
    let roles = Directory::app_roles(user, &application.app_id);
    if !roles.is_empty() {
        claims.set("roles", roles);
    }
    let directory = read(&state.directory);
    let wanted = application
        .group_membership_claims
        .as_deref()
        .unwrap_or("None");
    let wants = |kind: &str| {
        wanted
            .split(',')
            .any(|item| item.trim() == kind || item.trim() == "All")
    };
    let groups = directory.transitive_groups(user);
    let (directory_roles, groups): (Vec<Group>, Vec<Group>) = groups
        .into_iter()
        .partition(|group| group.role_template_id.is_some());
    if wants("SecurityGroup") || wants("ApplicationGroup") {
        let ids = groups
            .into_iter()
            .filter(|group| group.security_enabled)
            .map(|group| group.id);
        set_groups(claims, user, ids.collect());
    }
    if wants("DirectoryRole") || wants("SecurityGroup") {
        let ids: Vec<String> = directory_roles
            .into_iter()
            .filter_map(|role| role.role_template_id)
            .collect();
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
        claims.set("_claim_names", serde_json::json!({ "groups": "src1" }));
        claims.set(
            "_claim_sources",
            serde_json::json!({ "src1": { "endpoint": endpoint } }),
        );
    } else if !ids.is_empty() {
        claims.set("groups", Value::from(ids));
    }
}

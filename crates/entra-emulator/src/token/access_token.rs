//! Access tokens of a user, for Graph or an API of the directory.

use crate::aadsts::Refusal;
use crate::authority::issuer_v1;
use crate::directory::Application;
use crate::members::Members;
use crate::scope::{GRAPH_APP_ID, Resource};
use crate::state::State;
use crate::sync::read;

use super::claims::{pairwise_subject, set_internals, set_memberships, set_times, user_issuer};
use super::graph_token::sign_graph_token;
use super::sign::{jwt_header_v1, sign_with_header};
use super::{KeyOwner, UserSession, jwt_header};

/// An access token and its scopes.
pub(super) struct AccessToken {
    pub(super) token: String,
    pub(super) scope: String,
    /// Seconds.
    pub(super) expires_in: i64,
}

/// Issues an access token for the first resource of the session's scopes.
pub(super) fn access_token(state: &State, session: &UserSession) -> Result<AccessToken, Refusal> {
    let (resource, names) = session.scopes.resource();
    // The platform chooses 60 to 90 minutes at random.
    let expires_in = 3_600 + i64::from(state.random.below(1_800));
    match resource {
        Resource::Graph => for_graph(state, session, names, expires_in),
        Resource::Api { app_id, name } => {
            let api = find_api(state, &app_id)?;
            for_api(state, session, &api, &name, names, expires_in)
        }
    }
}

/// Finds the application that is the resource of an access token.
pub(super) fn find_api(state: &State, app_id: &str) -> Result<Application, Refusal> {
    let api = read(&state.directory).application(app_id).cloned();
    api.ok_or_else(|| {
        Refusal::new(
            "invalid_resource",
            500_011,
            "The resource principal was not found.",
        )
    })
}

fn for_graph(
    state: &State,
    session: &UserSession,
    mut granted: Vec<String>,
    expires_in: i64,
) -> Result<AccessToken, Refusal> {
    if granted.iter().any(|name| name == ".default") {
        granted = vec!["User.Read".to_owned()];
    }
    let mut scopes: Vec<&str> = Vec::new();
    let oidc = [
        ("email", session.scopes.email),
        ("openid", session.scopes.openid),
        ("profile", session.scopes.profile),
    ];
    scopes.extend(
        oidc.iter()
            .filter(|(_, asked)| *asked)
            .map(|(name, _)| *name),
    );
    scopes.extend(granted.iter().map(String::as_str));
    if !scopes.contains(&"User.Read") {
        scopes.push("User.Read");
    }
    let scope = scopes.join(" ");
    let mut claims = v1_claims(state, session, GRAPH_APP_ID, expires_in);
    claims.set("scp", &scope);
    claims.set("xms_epoch", state.epoch(&session.user.id));
    set_capabilities(&mut claims, session);
    let token = sign_graph_token(state, claims)?;
    Ok(AccessToken {
        token,
        scope,
        expires_in,
    })
}

fn for_api(
    state: &State,
    session: &UserSession,
    api: &Application,
    name: &str,
    names: Vec<String>,
    expires_in: i64,
) -> Result<AccessToken, Refusal> {
    let granted = if session.scopes.is_default() {
        all_scopes(api)
    } else {
        names
    };
    let (header, mut claims): (fn(&str) -> Members, _) = if api.expects_v2_tokens() {
        let claims = v2_claims(state, session, &api.app_id, expires_in);
        (jwt_header, claims)
    } else {
        (jwt_header_v1, v1_claims(state, session, name, expires_in))
    };
    claims.set("scp", granted.join(" "));
    set_memberships(state, &mut claims, &session.user, api);
    if api.optional_claims.access_token.has("idtyp") {
        claims.set("idtyp", "user");
    }
    if api.optional_claims.access_token.has("xms_cc") {
        set_capabilities(&mut claims, session);
    }
    if !session.acrs.is_empty() {
        claims.set("acrs", &session.acrs);
    }
    let mutation = state.faults.access_token();
    let owner = KeyOwner::Application(api);
    let scopes = granted.iter().map(|scope| format!("{name}/{scope}"));
    Ok(AccessToken {
        token: sign_with_header(state, &owner, header, claims, &mutation)?,
        scope: scopes.collect::<Vec<_>>().join(" "),
        expires_in,
    })
}

fn all_scopes(api: &Application) -> Vec<String> {
    let scopes = api.api.oauth2_permission_scopes.iter();
    scopes.map(|scope| scope.value.clone()).collect()
}

fn v2_claims(state: &State, session: &UserSession, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", user_issuer(state, session));
    set_times(&mut claims, state.clock.now(), expires_in);
    set_internals(state, &mut claims);
    claims.set("azp", &session.application.app_id);
    claims.set("azpacr", session.client_auth.azpacr());
    claims.set("name", &user.display_name);
    claims.set("oid", &user.id);
    claims.set("preferred_username", &user.user_principal_name);
    claims.set("sid", &session.sid);
    claims.set("sub", pairwise_subject(audience, &user.id));
    claims.set("tid", &user.tenant);
    claims.set("ver", "2.0");
    claims
}

fn v1_claims(state: &State, session: &UserSession, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", issuer_v1(&session.origin, &user.tenant));
    set_times(&mut claims, state.clock.now(), expires_in);
    set_internals(state, &mut claims);
    claims.set("acr", "1");
    claims.set("amr", ["pwd"]);
    claims.set("appid", &session.application.app_id);
    claims.set("appidacr", session.client_auth.azpacr());
    claims.set_some("family_name", user.surname.as_ref());
    claims.set_some("given_name", user.given_name.as_ref());
    claims.set_some("idp", user.idp.as_ref());
    claims.set("ipaddr", "127.0.0.1");
    claims.set("name", &user.display_name);
    claims.set("oid", &user.id);
    claims.set("sid", &session.sid);
    claims.set("sub", pairwise_subject(audience, &user.id));
    claims.set("tid", &user.tenant);
    claims.set("unique_name", &user.user_principal_name);
    claims.set("upn", &user.user_principal_name);
    claims.set("ver", "1.0");
    claims
}

fn set_capabilities(claims: &mut Members, session: &UserSession) {
    if !session.client_capabilities.is_empty() {
        claims.set("xms_cc", &session.client_capabilities);
    }
}

use crate::aadsts::Refusal;
use crate::authority::issuer_v1;
use crate::directory::Application;
use crate::members::Members;
use crate::scope::{GRAPH_APP_ID, Resource};
use crate::state::State;
use crate::sync::read;

use super::common_claims::{authorization, internals, pairwise_subject, sign, times, user_issuer};
use super::graph_token::unverifiable;
use super::{Sealing, Session};

/// An access token and the scopes it holds.
pub(super) struct Issued {
    pub(super) token: String,
    pub(super) scope: String,
    pub(super) expires_in: i64,
}

/// The access token of a session for the first resource of its scopes.
pub(super) fn access_token(state: &State, session: &Session) -> Result<Issued, Refusal> {
    let (resource, names) = session.scopes.resource();
    // 60 to 90 minutes, at random (`entra.md` 3.3).
    let expires_in = 3_600 + i64::from(state.random.below(1_800));
    match resource {
        Resource::Graph => graph(state, session, names, expires_in),
        Resource::Api { app_id, name } => {
            let api = read(&state.directory).application(&app_id).cloned();
            let api = api.ok_or_else(|| {
                Refusal::new(
                    "invalid_resource",
                    500_011,
                    "The resource principal was not found.",
                )
            })?;
            own_api(state, session, &api, &name, names, expires_in)
        }
    }
}

fn graph(
    state: &State,
    session: &Session,
    mut granted: Vec<String>,
    expires_in: i64,
) -> Result<Issued, Refusal> {
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
    capabilities(&mut claims, session);
    let token = unverifiable(state, claims)?;
    Ok(Issued {
        token,
        scope,
        expires_in,
    })
}

fn own_api(
    state: &State,
    session: &Session,
    api: &Application,
    name: &str,
    names: Vec<String>,
    expires_in: i64,
) -> Result<Issued, Refusal> {
    let all = || {
        api.api
            .oauth2_permission_scopes
            .iter()
            .map(|scope| scope.value.clone())
            .collect()
    };
    let granted: Vec<String> = if session.scopes.is_default() {
        all()
    } else {
        names
    };
    let v2 = api.api.requested_access_token_version == Some(2);
    let mut claims = if v2 {
        v2_claims(state, session, &api.app_id, expires_in)
    } else {
        v1_claims(state, session, name, expires_in)
    };
    claims.set("scp", granted.join(" "));
    authorization(state, &mut claims, &session.user, api);
    if api.optional_claims.access_token.has("idtyp") {
        claims.set("idtyp", "user");
    }
    if api.optional_claims.access_token.has("xms_cc") {
        capabilities(&mut claims, session);
    }
    if !session.acrs.is_empty() {
        claims.set("acrs", &session.acrs);
    }
    let token = sign(
        state,
        &Sealing::For(api),
        claims,
        &state.faults.access_token(),
        !v2,
    )?;
    let scope = granted
        .iter()
        .map(|scope| format!("{name}/{scope}"))
        .collect::<Vec<_>>()
        .join(" ");
    Ok(Issued {
        token,
        scope,
        expires_in,
    })
}

fn v2_claims(state: &State, session: &Session, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", user_issuer(state, session));
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
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

fn v1_claims(state: &State, session: &Session, audience: &str, expires_in: i64) -> Members {
    let user = &session.user;
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", issuer_v1(&session.origin, &user.tenant));
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
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

fn capabilities(claims: &mut Members, session: &Session) {
    if !session.client_capabilities.is_empty() {
        claims.set("xms_cc", &session.client_capabilities);
    }
}

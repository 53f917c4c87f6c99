//! Access tokens of an application for itself.

use crate::aadsts::Refusal;
use crate::authority::issuer_v1;
use crate::directory::Application;
use crate::members::Members;
use crate::random::derived_guid;
use crate::scope::{GRAPH_APP_ID, Resource};
use crate::state::State;

use super::access_token::{AccessToken, find_api};
use super::claims::{set_internals, set_times};
use super::graph_token::sign_graph_token;
use super::session::ApplicationSession;
use super::sign::{jwt_header_v1, sign_with_header};
use super::{KeyOwner, jwt_header};

/// Seconds.
const LIFETIME: i64 = 3_600;

/// Issues an access token of the application itself.
pub(super) fn application_token(
    state: &State,
    session: &ApplicationSession,
    resource: &Resource,
) -> Result<AccessToken, Refusal> {
    let token = match resource {
        Resource::Graph => {
            let claims = claims(state, session, GRAPH_APP_ID, None);
            sign_graph_token(state, claims)?
        }
        Resource::Api { app_id, name } => for_api(state, session, &find_api(state, app_id)?, name)?,
    };
    Ok(AccessToken {
        token,
        scope: String::new(),
        expires_in: LIFETIME,
    })
}

fn for_api(
    state: &State,
    session: &ApplicationSession,
    api: &Application,
    name: &str,
) -> Result<String, Refusal> {
    let (header, audience): (fn(&str) -> Members, &str) = if api.expects_v2_tokens() {
        (jwt_header, &api.app_id)
    } else {
        (jwt_header_v1, name)
    };
    let claims = claims(state, session, audience, Some(api));
    let mutation = state.faults.access_token();
    let owner = KeyOwner::Application(api);
    sign_with_header(state, &owner, header, claims, &mutation)
}

/// Builds the claims for an API; `None` is Graph.
fn claims(
    state: &State,
    session: &ApplicationSession,
    audience: &str,
    api: Option<&Application>,
) -> Members {
    let application = &session.application;
    let v2 = api.is_some_and(Application::expects_v2_tokens);
    let issuer = if v2 {
        format!("{}/{}/v2.0", session.origin.url(), session.tid)
    } else {
        issuer_v1(&session.origin, &session.tid)
    };
    let (client, client_auth, version) = if v2 {
        ("azp", "azpacr", "2.0")
    } else {
        ("appid", "appidacr", "1.0")
    };
    let principal = service_principal(&application.app_id, &session.tid);
    let roles = api.map(|api| granted_roles(application, api));
    let mut claims = Members::default();
    claims.set("aud", audience);
    claims.set("iss", issuer);
    set_times(&mut claims, state.clock.now(), LIFETIME);
    set_internals(state, &mut claims);
    claims.set(client, &application.app_id);
    claims.set(client_auth, session.client_auth.azpacr());
    if api.is_none_or(|api| api.optional_claims.access_token.has("idtyp")) {
        claims.set("idtyp", "app");
    }
    claims.set("oid", &principal);
    claims.set_some("roles", roles.filter(|roles| !roles.is_empty()));
    claims.set("sub", &principal);
    claims.set("tid", &session.tid);
    claims.set("ver", version);
    claims
}

fn granted_roles(application: &Application, api: &Application) -> Vec<String> {
    let prefix = format!("{}/", api.app_id);
    let granted = application
        .granted_application_permissions
        .iter()
        .filter_map(|granted| granted.strip_prefix(&prefix));
    let exists = |role: &&str| api.app_roles.iter().any(|known| known.value == **role);
    granted.filter(exists).map(str::to_owned).collect()
}

/// Returns the object id of an application's service principal in a tenant.
fn service_principal(app_id: &str, tid: &str) -> String {
    derived_guid(&format!("principal|{app_id}|{tid}"))
}

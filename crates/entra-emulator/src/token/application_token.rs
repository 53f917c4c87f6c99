use crate::aadsts::Refusal;
use crate::authority::issuer_v1;
use crate::directory::Application;
use crate::encoding::sha256;
use crate::members::Members;
use crate::random::guid_of;
use crate::scope::{GRAPH_APP_ID, Resource};
use crate::state::State;
use crate::sync::read;

use super::Sealing;
use super::access_token::Issued;
use super::client_credentials::Daemon;
use super::common_claims::{internals, sign, times};
use super::graph_token::unverifiable;

/// An access token of the application itself (`entra.md` 4.4).
pub(super) fn application_token(
    state: &State,
    session: &Daemon,
    resource: &Resource,
) -> Result<Issued, Refusal> {
    let expires_in = 3_600;
    let application = &session.application;
    let mut claims = Members::default();
    let principal = pairwise_guid(&application.app_id, &session.tid);
    let (api, name) = match resource {
        Resource::Graph => (None, GRAPH_APP_ID.to_owned()),
        Resource::Api { app_id, name } => (
            read(&state.directory).application(app_id).cloned(),
            name.clone(),
        ),
    };
    let v2 = api
        .as_ref()
        .is_some_and(|api| api.api.requested_access_token_version == Some(2));
    let audience = api
        .as_ref()
        .filter(|_| v2)
        .map_or(name, |api| api.app_id.clone());
    claims.set("aud", &audience);
    claims.set(
        "iss",
        if v2 {
            format!("{}/{}/v2.0", session.origin.url(), session.tid)
        } else {
            issuer_v1(&session.origin, &session.tid)
        },
    );
    times(&mut claims, state.clock.now(), expires_in);
    internals(state, &mut claims);
    claims.set(if v2 { "azp" } else { "appid" }, &application.app_id);
    claims.set(
        if v2 { "azpacr" } else { "appidacr" },
        session.client_auth.azpacr(),
    );
    if api
        .as_ref()
        .is_none_or(|api| api.optional_claims.access_token.has("idtyp"))
    {
        claims.set("idtyp", "app");
    }
    claims.set("oid", &principal);
    let roles = api
        .as_ref()
        .map(|api| granted_permissions(application, api))
        .unwrap_or_default();
    if !roles.is_empty() {
        claims.set("roles", roles);
    }
    claims.set("sub", &principal);
    claims.set("tid", &session.tid);
    claims.set("ver", if v2 { "2.0" } else { "1.0" });
    let token = match &api {
        Some(api) => sign(
            state,
            &Sealing::For(api),
            claims,
            &state.faults.access_token(),
            !v2,
        )?,
        None => unverifiable(state, claims)?,
    };
    Ok(Issued {
        token,
        scope: String::new(),
        expires_in,
    })
}

fn granted_permissions(application: &Application, api: &Application) -> Vec<String> {
    let prefix = format!("{}/", api.app_id);
    let granted = application
        .granted_application_permissions
        .iter()
        .filter_map(|granted| granted.strip_prefix(&prefix));
    let exists = |role: &&str| api.app_roles.iter().any(|known| known.value == **role);
    granted.filter(exists).map(str::to_owned).collect()
}

/// The object id of an application's service principal in a tenant.
fn pairwise_guid(app_id: &str, tid: &str) -> String {
    let mut bytes = [0_u8; 16];
    for (target, source) in bytes
        .iter_mut()
        .zip(sha256(format!("principal|{app_id}|{tid}")))
    {
        *target = source;
    }
    guid_of(bytes)
}

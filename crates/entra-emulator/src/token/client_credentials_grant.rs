//! The client-credentials grant.

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::{Application, Tenant};
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::scope::{Resource, Scopes};
use crate::state::State;
use crate::sync::read;

use super::ClientAuth;
use super::application_token::application_token;
use super::session::ApplicationSession;

/// Answers `grant_type=client_credentials`.
pub(super) fn client_credentials(
    state: &State,
    origin: Origin,
    authority: &Authority,
    application: Application,
    client_auth: ClientAuth,
    params: &Params,
) -> Result<Members, Refusal> {
    let tenant = tenant(authority)?;
    if client_auth == ClientAuth::Public {
        return Err(Refusal::credential_missing());
    }
    let resource = resource(state, params.require("scope")?)?;
    let session = ApplicationSession {
        origin,
        application,
        tid: tenant.id.clone(),
        client_auth,
    };
    let access = application_token(state, &session, &resource)?;
    let mut answer = Members::default();
    answer.set("token_type", "Bearer");
    answer.set("expires_in", access.expires_in);
    answer.set("ext_expires_in", access.expires_in);
    answer.set("access_token", access.token);
    Ok(answer)
}

fn tenant(authority: &Authority) -> Result<&Tenant, Refusal> {
    let tenant = authority.tenant().filter(|_| !authority.is_consumers());
    tenant.ok_or_else(|| {
        Refusal::invalid_request(
            9_001_023,
            "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
        )
    })
}

/// Reads the resource from a scope of the form `{resource}/.default`.
fn resource(state: &State, scope: &str) -> Result<Resource, Refusal> {
    let scopes = Scopes::parse(scope, &read(&state.directory))?;
    scopes.require_one_resource()?;
    if scopes.is_default() {
        return Ok(scopes.resource().0);
    }
    Err(Refusal::new(
        "invalid_scope",
        70_011,
        format!(
            "The provided value for scope '{scope}' is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
        ),
    ))
}

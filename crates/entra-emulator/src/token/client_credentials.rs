use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::http::{Origin, Params};
use crate::members::Members;
use crate::scope::Scopes;
use crate::state::State;
use crate::sync::read;

use super::ClientAuth;
use super::application_token::application_token;

/// An application that acts for itself.
pub(super) struct Daemon {
    pub(super) origin: Origin,
    pub(super) application: Application,
    pub(super) tid: String,
    pub(super) client_auth: ClientAuth,
}

/// `grant_type=client_credentials`
pub(super) fn client_credentials(
    state: &State,
    origin: Origin,
    authority: &Authority,
    application: Application,
    client_auth: ClientAuth,
    params: &Params,
) -> Result<Members, Refusal> {
    let tenant = authority.tenant().filter(|_| !authority.is_consumers()).ok_or_else(|| {
        Refusal::invalid_request(9_001_023, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.")
    })?;
    if client_auth == ClientAuth::Public {
        return Err(Refusal::invalid_client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ));
    }
    let scope = params
        .get("scope")
        .ok_or_else(|| Refusal::missing("scope"))?;
    let scopes = Scopes::parse(scope, &read(&state.directory))?;
    scopes.one_resource()?;
    if !scopes.is_default() {
        return Err(Refusal::new(
            "invalid_scope",
            70_011,
            format!(
                "The provided value for scope '{scope}' is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        ));
    }
    let daemon = Daemon {
        origin,
        application,
        tid: tenant.id.clone(),
        client_auth,
    };
    let issued = application_token(state, &daemon, &scopes.resource().0)?;
    let mut answer = Members::default();
    answer.set("token_type", "Bearer");
    answer.set("expires_in", issued.expires_in);
    answer.set("ext_expires_in", issued.expires_in);
    answer.set("access_token", issued.token);
    Ok(answer)
}

//! Signs tokens with the keys of the emulator.

use crate::aadsts::Refusal;
use crate::directory::Application;
use crate::jwt::{Draft, Mutation, Signers, compact};
use crate::keys::KeyError;
use crate::members::Members;
use crate::state::State;
use crate::sync::{read, write};

/// The owner of the key that signs a token.
pub(crate) enum KeyOwner<'a> {
    /// This application, when it has a key of its own; otherwise the tenant.
    Application(&'a Application),
    Tenant,
}

/// Builds the header of a v2 token.
pub(crate) fn jwt_header(kid: &str) -> Members {
    let mut header = Members::default();
    header.set("typ", "JWT");
    header.set("alg", "RS256");
    header.set("kid", kid);
    header
}

/// Builds the header of a v1 token.
pub(super) fn jwt_header_v1(kid: &str) -> Members {
    let mut header = jwt_header(kid);
    header.set("x5t", kid);
    header
}

/// Signs the claims of a v2 token, changed by the mutation.
pub(crate) fn sign(
    state: &State,
    owner: &KeyOwner<'_>,
    claims: Members,
    mutation: &Mutation,
) -> Result<String, Refusal> {
    sign_with_header(state, owner, jwt_header, claims, mutation)
}

/// Signs claims under a header, changed by the mutation.
pub(super) fn sign_with_header(
    state: &State,
    owner: &KeyOwner<'_>,
    header: fn(&str) -> Members,
    claims: Members,
    mutation: &Mutation,
) -> Result<String, Refusal> {
    let signers = signers(state, owner).map_err(|error| server_error(&error))?;
    let mut draft = Draft::new(header(&signers.signing.kid), claims);
    mutation.apply(&mut draft);
    compact(&draft, &signers).map_err(|error| server_error(&error))
}

/// Collects the keys that may sign a token.
pub(crate) fn signers(state: &State, owner: &KeyOwner<'_>) -> Result<Signers, KeyError> {
    let application = match owner {
        KeyOwner::Application(application) => Some(application),
        KeyOwner::Tenant => None,
    };
    let own = application
        .filter(|application| application.custom_signing_key)
        .map(|application| write(&state.keys).own_key(&application.app_id))
        .transpose()?;
    let client_secret = application
        .and_then(|application| application.first_secret())
        .unwrap_or_default()
        .to_owned();
    let ring = read(&state.keys);
    Ok(Signers {
        signing: own.unwrap_or_else(|| ring.signing()),
        spare: ring.spare(),
        client_secret,
    })
}

/// Logs a failure of the emulator itself, and answers it as the platform does.
pub(super) fn server_error(error: &dyn std::error::Error) -> Refusal {
    tracing::error!(%error, "a token cannot be made");
    Refusal::new(
        "server_error",
        90_033,
        "A transient error has occurred in the emulator. See its log for the cause.",
    )
}

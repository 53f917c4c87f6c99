//! Faults that change the parameters of an authorization response.

use crate::authority::issuer;
use crate::faults::AuthorizeEdit;
use crate::http::Origin;
use crate::state::State;
use crate::sync::read;

use super::request::AuthorizeRequest;

type Parameters = Vec<(String, String)>;

/// The largest growth of one edit, bytes.
const MAX_GROWTH: usize = 1 << 20;

/// Changes the parameters as the faults of the authorization endpoint say.
pub(super) fn apply_faults(
    state: &State,
    origin: &Origin,
    request: &AuthorizeRequest,
    parameters: &mut Parameters,
) {
    for edit in state.faults.authorization_response() {
        match edit {
            AuthorizeEdit::Set(name, value) => match find(parameters, &name) {
                Some(known) => *known = value,
                None => parameters.push((name, value)),
            },
            AuthorizeEdit::Append(name, value) => parameters.push((name, value)),
            AuthorizeEdit::Repeat(name) => {
                let value = find(parameters, &name).cloned();
                parameters.extend(value.map(|value| (name, value)));
            }
            AuthorizeEdit::Remove(name) => parameters.retain(|(known, _)| *known != name),
            AuthorizeEdit::Grow(name, length) => {
                if let Some(value) = find(parameters, &name) {
                    value.push_str(&"x".repeat(length.min(MAX_GROWTH)));
                }
            }
            AuthorizeEdit::AddIssuer => parameters.extend(issuer_of(state, origin, request)),
        }
    }
}

fn find<'a>(parameters: &'a mut Parameters, name: &str) -> Option<&'a mut String> {
    let found = parameters.iter_mut().find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

/// Returns the parameter `iss` (RFC 9207); at an authority for many tenants that of the application's tenant.
fn issuer_of(
    state: &State,
    origin: &Origin,
    request: &AuthorizeRequest,
) -> Option<(String, String)> {
    let directory = read(&state.directory);
    let tenant = request
        .authority
        .tenant()
        .or_else(|| directory.tenant(&request.application.tenant));
    tenant.map(|tenant| ("iss".to_owned(), issuer(origin, tenant)))
}

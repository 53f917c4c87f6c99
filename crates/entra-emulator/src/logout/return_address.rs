//! The address to which a sign-out returns.

use serde_json::Value;
use url::Url;

use crate::directory::{Application, Directory, registered_platform};
use crate::encoding::from_base64url;
use crate::http::Params;

/// Tells whether the address is a redirect URI of the requesting application, or of any when the request names none.
pub(super) fn is_registered(directory: &Directory, params: &Params, uri: &str) -> bool {
    let named = params
        .get("client_id")
        .map(str::to_owned)
        .or_else(|| hinted_client(params));
    let registers = |application: &Application| registered_platform(application, uri).is_some();
    match named {
        Some(app_id) => directory.application(&app_id).is_some_and(registers),
        None => directory.applications.iter().any(registers),
    }
}

/// Reads the audience of the ID token in `id_token_hint`.
///
/// It only narrows the accepted addresses, so the signature is not verified.
fn hinted_client(params: &Params) -> Option<String> {
    let payload = params.get("id_token_hint")?.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    claims.get("aud")?.as_str().map(str::to_owned)
}

/// Adds the request's `state` to the address.
pub(super) fn with_state(uri: &str, state: Option<&str>) -> String {
    match (state, Url::parse(uri)) {
        (Some(state), Ok(mut url)) => {
            url.query_pairs_mut().append_pair("state", state);
            url.into()
        }
        _ => uri.to_owned(),
    }
}

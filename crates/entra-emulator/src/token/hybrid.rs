//! Tokens of the authorization endpoint (implicit and hybrid flow).

use crate::aadsts::Refusal;
use crate::encoding::{base64url, sha256};
use crate::state::State;

use super::UserSession;
use super::access_token::access_token;
use super::id_token::id_token;

/// Issues the tokens of an authorization response: the ID token, and on request an access token.
pub(crate) fn tokens_for_authorization_response(
    state: &State,
    session: &UserSession,
    with_access_token: bool,
) -> Result<Vec<(String, String)>, Refusal> {
    let mut parameters = Vec::new();
    let mut hashes = Vec::new();
    if with_access_token {
        let access = access_token(state, session)?;
        hashes.push(("at_hash", half_hash(&access.token)));
        parameters.push(("access_token".to_owned(), access.token));
        parameters.push(("token_type".to_owned(), "Bearer".to_owned()));
        parameters.push(("expires_in".to_owned(), access.expires_in.to_string()));
        parameters.push(("scope".to_owned(), access.scope));
    }
    parameters.push(("id_token".to_owned(), id_token(state, session, &hashes)?));
    Ok(parameters)
}

/// Computes `at_hash`: the left half of the SHA-256 hash (OpenID Connect Core 3.1.3.6).
fn half_hash(text: &str) -> String {
    base64url(sha256(text).into_iter().take(16).collect::<Vec<_>>())
}

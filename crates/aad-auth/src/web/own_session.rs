//! The application's own session (`actix_session`), where it has one: whose data it keeps.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Auth;
use crate::validation::UserKey;

/// Renews the application's session at a sign-in, so that nobody fixes its id either. What it holds
/// of a stranger goes over to the user, as a basket should. What it holds of another user ends,
/// also when that user's session has run out long ago: a digest of the user is kept in it.
pub(super) fn renew(auth: &Auth, request: &HttpRequest, before: Option<&UserKey>, user: &UserKey) {
    let session = request.get_session();
    let (name, digest) = (marker(auth), digest(auth, user));
    // What cannot be read is nobody's.
    let same = match session.get::<String>(&name) {
        Ok(kept) => kept.is_none_or(|kept| kept == digest),
        Err(_) => false,
    };
    if !same || before.is_some_and(|before| before != user) {
        session.clear();
    }
    session.renew();
    if let Err(error) = session.insert(name, digest) {
        tracing::warn!(%error, "the application's session could not be marked, and ends");
        session.purge();
    }
}

fn marker(auth: &Auth) -> String {
    match auth.name() {
        "" => "aad_auth.user".to_owned(),
        name => format!("aad_auth.user.{name}"),
    }
}

/// The same under every key generation.
fn digest(auth: &Auth, user: &UserKey) -> String {
    let mut input = auth.engine().keys().label().as_bytes().to_vec();
    input.extend(serde_json::to_vec(user).unwrap_or_default());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &input);
    URL_SAFE_NO_PAD.encode(digest)
}

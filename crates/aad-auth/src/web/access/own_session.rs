//! The application's `actix_session` at a sign-in, where it has one: whose data it keeps.

use actix_session::SessionExt;
use actix_web::HttpRequest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::application_session;
use crate::{validation::UserKey, web::instance::Auth};

/// Renews the application's session at a sign-in. `before` is the user whose session this browser
/// had.
///
/// An [`ApplicationSession`](crate::ApplicationSession) binds its data to the signed-in session by
/// itself: data of a visitor or of another user in this browser end. Other stores of `actix_session`
/// get a new id, which prevents session fixation. There a visitor's data move to the user. Data of another
/// user end, also long after that user's session: a digest of the user is kept in them.
pub(in crate::web) fn renew(
    auth: &Auth,
    request: &HttpRequest,
    before: Option<&UserKey>,
    user: &UserKey,
) {
    let session = request.get_session();
    if let Some(owner) = application_session::bound_to() {
        if owner.is_same_instance(auth) && before != Some(user) {
            session.purge();
        }
        return;
    }
    let (name, digest) = (marker(auth), digest(auth, user));
    // Data that cannot be read belong to no user.
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

/// Ends the application's session at a sign-out. Data that are bound to another instance stay.
pub(in crate::web) fn end(auth: &Auth, request: &HttpRequest) {
    let owner = application_session::bound_to();
    if owner.is_none_or(|owner| owner.is_same_instance(auth)) {
        request.get_session().purge();
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

//! The application's own session data (`actix_session` over the store of `aad-auth`): what is to be
//! said once, after a POST. Who is signed in is not in it.

use std::sync::Arc;

use aad_auth::{Auth, random::SystemRandom, seal::Purpose, session::AppData};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Key, SameSite};

use crate::pages::Notice;

const NOTICES: &str = "notices";
/// More are not kept: nobody would read them.
const MOST_NOTICES: usize = 4;

/// The middleware. It wraps the pages and the sign-in routes, not the static files: it asks the
/// store on each request that carries its cookie.
pub fn app_session(auth: &Auth) -> SessionMiddleware<AppData> {
    let engine = auth.engine();
    let keys = Arc::clone(engine.keys());
    // Sealing the cookie with the current key is enough: after a rotation, notices are lost.
    let key: [u8; 64] = keys.current().derive(Purpose::AppData, b"cookie of webapp");
    let store = Arc::clone(engine.sessions().store());
    let data = AppData::new(store, keys, Arc::new(SystemRandom));
    let base = &auth.config().base_url;
    // Made of the name of the sign-in's cookie, whatever that is set to: they can never be the same.
    let name = format!("{}-data", auth.config().cookies.session);
    SessionMiddleware::builder(
        data,
        Key::try_from(&key[..]).unwrap_or_else(|_| Key::generate()),
    )
    .cookie_name(name)
    .cookie_secure(base.is_https())
    .cookie_same_site(SameSite::Lax)
    .build()
}

/// Leaves a notice for the next page.
pub fn notify(session: &Session, kind: &str, text: &str) {
    let mut notices = read(session);
    notices.truncate(MOST_NOTICES - 1);
    notices.push(Notice {
        kind: kind.to_owned(),
        text: text.to_owned(),
    });
    if let Err(error) = session.insert(NOTICES, notices) {
        tracing::warn!(%error, "a notice could not be kept");
    }
}

/// The notices that wait for a page; they are shown once.
pub fn take_notices(session: &Session) -> Vec<Notice> {
    let notices = read(session);
    if !notices.is_empty() {
        session.remove(NOTICES);
    }
    notices
}

fn read(session: &Session) -> Vec<Notice> {
    session.get(NOTICES).ok().flatten().unwrap_or_default()
}

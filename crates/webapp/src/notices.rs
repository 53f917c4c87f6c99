//! Notices: what the next page says once, after a form was posted.
//!
//! They travel in a signed and encrypted cookie of `actix_session` that lives for a minute. The
//! server keeps no record of them, so that posting forms fills no store.

use aad_auth::Auth;
use actix_session::{
    Session, SessionMiddleware, config::PersistentSession, storage::CookieSessionStore,
};
use actix_web::cookie::{Key, SameSite, time::Duration};

use crate::pages::Notice;

const NOTICES: &str = "notices";
/// A page shows no more than these.
const MOST_NOTICES: usize = 4;
const LIFE: Duration = Duration::minutes(1);

/// The middleware for the pages. The sign-in routes are outside of it: notices have nothing to do
/// with who is signed in.
pub fn notices(auth: &Auth) -> SessionMiddleware<CookieSessionStore> {
    // The current key is enough: after a rotation a minute's notices are lost.
    let key = auth.derive_key::<64>("notices of webapp");
    // The names of the sign-in's cookies end in `session` or the port: they can never be the same.
    let name = format!("{}-notices", auth.config().cookies.session);
    // Fails on fewer than 64 bytes only.
    let key = Key::try_from(&key[..]).unwrap_or_else(|_| Key::generate());
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_name(name)
        .cookie_secure(auth.config().base_url.is_https())
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(PersistentSession::default().session_ttl(LIFE))
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
        // The cookie goes with its content.
        session.purge();
    }
    notices
}

fn read(session: &Session) -> Vec<Notice> {
    session.get(NOTICES).ok().flatten().unwrap_or_default()
}

//! Notices: messages that the next page shows once after a form.
//!
//! They are in an encrypted cookie of `actix_session`, valid for one minute. The server stores none of them,
//! so that forms cannot fill the store.

use aad_auth::Auth;
use actix_session::{
    Session, SessionMiddleware, config::PersistentSession, storage::CookieSessionStore,
};
use actix_web::cookie::{Key, SameSite, time::Duration};

use crate::pages::Notice;

const NOTICES: &str = "notices";
/// How many notices a page shows.
const MOST_NOTICES: usize = 4;
const LIFE: Duration = Duration::minutes(1);

/// The middleware for pages with notices. The sign-in routes have none.
pub fn notices(auth: &Auth) -> SessionMiddleware<CookieSessionStore> {
    // Without the previous key: a rotation loses the notices of one minute.
    let key = auth.derive_key::<64>("notices of webapp");
    // Distinct from the sign-in cookies, whose names end in `session` or the port.
    let name = format!("{}-notices", auth.config().cookies.session);
    // Fails only on fewer than 64 bytes.
    let key = Key::try_from(&key[..]).unwrap_or_else(|_| Key::generate());
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_name(name)
        .cookie_secure(auth.config().base_url.is_https())
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(PersistentSession::default().session_ttl(LIFE))
        .build()
}

/// Adds a notice for the next page.
pub fn notify(session: &Session, kind: &str, text: &str) {
    let mut notices = read(session);
    notices.truncate(MOST_NOTICES - 1);
    notices.push(Notice {
        kind: kind.to_owned(),
        text: text.to_owned(),
    });
    if let Err(error) = session.insert(NOTICES, notices) {
        tracing::warn!(%error, "a notice could not be stored");
    }
}

/// Takes the notices out of the cookie, so that they are shown once.
pub fn take_notices(session: &Session) -> Vec<Notice> {
    let notices = read(session);
    if !notices.is_empty() {
        // Removes the cookie too.
        session.purge();
    }
    notices
}

fn read(session: &Session) -> Vec<Notice> {
    session.get(NOTICES).ok().flatten().unwrap_or_default()
}

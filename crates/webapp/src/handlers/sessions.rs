//! The page of the user's sessions.

use aad_auth::{
    Auth, User,
    session::{SessionEntry, Timestamp},
};
use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::header::LOCATION,
    web::{Data, Form},
};
use serde::{Deserialize, Serialize};

use super::PageContext;
use crate::{
    notices::notify,
    pages::{Moment, layout::Section},
};

#[derive(Serialize)]
struct SessionsPage {
    sessions: Vec<SessionRow>,
    others: bool,
}

#[derive(Serialize)]
struct SessionRow {
    handle: String,
    device: String,
    current: bool,
    first_seen: Moment,
    last_seen: Moment,
}

/// Lists the sessions of the user.
pub async fn sessions(context: PageContext, user: User, auth: Data<Auth>) -> HttpResponse {
    let mut entries = match auth.sessions().list(user.key()).await {
        Ok(entries) => entries,
        Err(error) => return context.store_down(error),
    };
    let now = context.site.now();
    let handle = user.session_handle();
    // The current session first, then by last use.
    entries.sort_by_key(|entry| (entry.handle != handle, std::cmp::Reverse(entry.last_seen)));
    let rows = entries.iter().map(|entry| row(entry, handle, now));
    let page = SessionsPage {
        others: entries.iter().any(|entry| entry.handle != handle),
        sessions: rows.collect(),
    };
    let section = Some(Section::Sessions);
    context.page("sessions.html", "Sessions", section, Some(&user), &page)
}

/// The sessions to end: `all`, `others`, or the handle of one.
#[derive(Deserialize)]
pub struct EndSessionsForm {
    end: String,
}

/// Ends sessions of the user, and goes back to the list, or to the home page without a session.
pub async fn end_sessions(
    context: PageContext,
    user: User,
    auth: Data<Auth>,
    session: Session,
    form: Form<EndSessionsForm>,
) -> HttpResponse {
    let sessions = auth.sessions();
    let ended = match form.end.as_str() {
        "all" => sessions.end_everywhere(&user).await.map(|()| {
            let text = "You are signed out of this application everywhere.";
            ("/", text)
        }),
        "others" => sessions.end_others_of(&user).await.map(|_| {
            let text = "You are signed out of this application everywhere else.";
            ("/sessions", text)
        }),
        handle => sessions.end_one_of(user.key(), handle).await.map(|ended| {
            let text = if ended {
                "That session has ended."
            } else {
                "That session had ended already."
            };
            let here = ended && handle == user.session_handle();
            (if here { "/" } else { "/sessions" }, text)
        }),
    };
    match ended {
        Ok((path, text)) => {
            notify(&session, "success", text);
            HttpResponse::SeeOther()
                .insert_header((LOCATION, context.site.href(path)))
                .finish()
        }
        Err(error) => context.store_down(error),
    }
}

fn row(entry: &SessionEntry, current: &str, now: Timestamp) -> SessionRow {
    let moment = |at| Moment::new(at, now).unwrap_or_default();
    SessionRow {
        handle: entry.handle.clone(),
        device: entry
            .device
            .clone()
            .unwrap_or_else(|| "Unknown browser".to_owned()),
        current: entry.handle == current,
        first_seen: moment(entry.first_seen),
        last_seen: moment(entry.last_seen),
    }
}

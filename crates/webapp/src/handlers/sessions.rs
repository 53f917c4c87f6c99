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

use super::Desk;
use crate::{
    notices::notify,
    pages::{Moment, layout::Section},
};

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<Row>,
    others: bool,
}

#[derive(Serialize)]
struct Row {
    handle: String,
    device: String,
    current: bool,
    first_seen: Moment,
    last_seen: Moment,
}

/// Where the user is signed in.
pub async fn sessions(desk: Desk, user: User, auth: Data<Auth>) -> HttpResponse {
    let mut entries = match auth.sessions().list(user.key()).await {
        Ok(entries) => entries,
        Err(error) => return desk.store_down(error),
    };
    let now = desk.site.now();
    let handle = user.session_handle();
    // This one first, then the one used last.
    entries.sort_by_key(|entry| (entry.handle != handle, std::cmp::Reverse(entry.last_seen)));
    let rows = entries.iter().map(|entry| row(entry, handle, now));
    let page = Sessions {
        others: entries.iter().any(|entry| entry.handle != handle),
        sessions: rows.collect(),
    };
    let section = Some(Section::Sessions);
    desk.page("sessions.html", "Sessions", section, Some(&user), &page)
}

/// Which sessions the user wants to end: `all`, `others`, or the public name of one.
#[derive(Deserialize)]
pub struct Ending {
    end: String,
}

/// Ends sessions of the user, and goes back to the page or, without a session, home.
pub async fn end_sessions(
    desk: Desk,
    user: User,
    auth: Data<Auth>,
    session: Session,
    form: Form<Ending>,
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
                .insert_header((LOCATION, desk.site.href(path)))
                .finish()
        }
        Err(error) => desk.store_down(error),
    }
}

fn row(entry: &SessionEntry, current: &str, now: Timestamp) -> Row {
    let moment = |at| Moment::new(at, now).unwrap_or_default();
    Row {
        handle: entry.handle.clone(),
        device: entry
            .device
            .clone()
            .unwrap_or_else(|| "A browser".to_owned()),
        current: entry.handle == current,
        first_seen: moment(entry.first_seen),
        last_seen: moment(entry.last_seen),
    }
}

use aad_auth::{Auth, User, clock::Timestamp, session::SessionEntry};
use actix_session::Session;
use actix_web::{HttpResponse, http::header::LOCATION, web::Data};
use serde::Serialize;

use super::Desk;
use crate::{
    app_session::notify,
    pages::{Moment, layout::Section},
};

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    device: String,
    current: bool,
    first_seen: Moment,
    last_seen: Moment,
}

/// Where the user is signed in.
pub async fn sessions(desk: Desk, user: User, auth: Data<Auth>) -> HttpResponse {
    let mut entries = match auth.engine().sessions().list(user.key()).await {
        Ok(entries) => entries,
        Err(error) => return desk.store_down(error),
    };
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.last_seen));
    let now = desk.site.now();
    let handle = user.session().handle();
    let rows = entries.iter().map(|entry| row(entry, handle, now));
    let page = Sessions {
        sessions: rows.collect(),
    };
    let section = Some(Section::Sessions);
    desk.page("sessions.html", "Sessions", section, Some(&user), &page)
}

/// Ends all sessions of the user, this one too.
pub async fn end_sessions(
    desk: Desk,
    user: User,
    auth: Data<Auth>,
    session: Session,
) -> HttpResponse {
    match auth.engine().sessions().end_all_of(user.key()).await {
        Ok(_) => {
            notify(
                &session,
                "success",
                "You are signed out of this application everywhere.",
            );
            HttpResponse::SeeOther()
                .insert_header((LOCATION, desk.site.href("/")))
                .finish()
        }
        Err(error) => desk.store_down(error),
    }
}

fn row(entry: &SessionEntry, current: &str, now: Timestamp) -> Row {
    let moment = |at| Moment::new(at, now).unwrap_or_default();
    Row {
        device: entry
            .device
            .clone()
            .unwrap_or_else(|| "A browser".to_owned()),
        current: entry.handle == current,
        first_seen: moment(entry.first_seen),
        last_seen: moment(entry.last_seen),
    }
}

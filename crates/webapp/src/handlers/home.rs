use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};

use super::Desk;
use crate::pages::{
    Moment, Site,
    home::{Home, Session, Span},
    layout::Section,
};

/// The state in one sentence, and how the session came to be.
pub async fn home(desk: Desk, user: Option<User>, auth: Data<Auth>) -> HttpResponse {
    let page = Home {
        session: user.as_ref().map(|user| session(user, &auth, &desk.site)),
        provider: desk.site.provider.clone(),
    };
    let section = Some(Section::Status);
    desk.page("home.html", "Status", section, user.as_ref(), &page)
}

fn session(user: &User, auth: &Auth, site: &Site) -> Session {
    let now = site.now();
    let (start, end) = (user.signed_in_at(), user.session_ends_at());
    // This request has extended the idle timeout.
    let idle_ends = (now + auth.limits().idle).min(end);
    let moment = |at| Moment::new(at, now).unwrap_or_default();
    Session {
        name: user.name().to_string(),
        provider: site.provider.name.clone(),
        tenant_id: user.tid().map(str::to_owned),
        signed_in: moment(start),
        idle_ends: moment(idle_ends),
        ends: moment(end),
        span: Span::new(start, idle_ends, end, now),
        store: site.store.to_owned(),
        instance: site.instance.clone(),
    }
}

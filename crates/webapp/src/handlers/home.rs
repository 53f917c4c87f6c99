//! The home page.

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};

use super::PageContext;
use crate::pages::{
    Moment, Site,
    home::{HomePage, SessionDetails, SessionSpan},
    layout::Section,
};

/// Says whether the user is signed in, and shows the details of the session.
pub async fn home(context: PageContext, user: Option<User>, auth: Data<Auth>) -> HttpResponse {
    let page = HomePage {
        session: user
            .as_ref()
            .map(|user| session(user, &auth, &context.site)),
        provider: context.site.provider.clone(),
    };
    let section = Some(Section::Status);
    context.page("home.html", "Status", section, user.as_ref(), &page)
}

fn session(user: &User, auth: &Auth, site: &Site) -> SessionDetails {
    let now = site.now();
    let (start, end) = (user.signed_in_at(), user.session_ends_at());
    // This request has extended the idle timeout.
    let idle_ends = (now + auth.limits().idle).min(end);
    let moment = |at| Moment::new(at, now).unwrap_or_default();
    SessionDetails {
        name: user.name().to_string(),
        provider: site.provider.name.clone(),
        tenant_id: user.tid().map(str::to_owned),
        signed_in: moment(start),
        idle_ends: moment(idle_ends),
        ends: moment(end),
        span: SessionSpan::new(start, idle_ends, end, now),
        store: site.store.to_owned(),
        instance: site.instance.clone(),
    }
}

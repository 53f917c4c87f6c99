use aad_auth::User;
use actix_web::HttpResponse;
use serde::Serialize;

use super::Desk;
use crate::pages::layout::Section;

#[derive(Serialize)]
struct Groups<'a> {
    groups: &'a [Box<str>],
    overage: bool,
}

/// The groups that the token names.
pub async fn groups(desk: Desk, user: User) -> HttpResponse {
    let memberships = &user.snapshot().groups;
    let page = Groups {
        groups: &memberships.ids,
        overage: memberships.overage,
    };
    let section = Some(Section::Groups);
    desk.page("groups.html", "Groups", section, Some(&user), &page)
}

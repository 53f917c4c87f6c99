use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::Desk;
use crate::pages::layout::Section;

#[derive(Serialize)]
struct Groups<'a> {
    groups: &'a [Box<str>],
    overage: bool,
    /// Whether the provider is Entra ID, whose registration and Graph the page then speaks of.
    at_entra: bool,
    /// Whether groups count as roles (`AAD_ROLES_CLAIM`).
    count_as_roles: bool,
}

/// The groups that the token names.
pub async fn groups(desk: Desk, user: User, auth: Data<Auth>) -> HttpResponse {
    let page = Groups {
        groups: user.groups(),
        overage: user.groups_are_incomplete(),
        at_entra: desk.site.has_directory_claims,
        count_as_roles: auth.config().roles_claim.reads("groups"),
    };
    let section = Some(Section::Groups);
    desk.page("groups.html", "Groups", section, Some(&user), &page)
}

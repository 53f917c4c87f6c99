//! The page of the user's groups.

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::PageContext;
use crate::pages::layout::Section;

#[derive(Serialize)]
struct GroupsPage<'a> {
    groups: &'a [Box<str>],
    /// Whether the token has left the groups out.
    overage: bool,
    /// Whether the provider is Entra ID. The page then names its registration and Graph.
    at_entra: bool,
    /// Whether groups count as roles (`AAD_ROLES_CLAIM`).
    count_as_roles: bool,
}

/// Lists the groups in the token.
pub async fn groups(context: PageContext, user: User, auth: Data<Auth>) -> HttpResponse {
    let page = GroupsPage {
        groups: user.groups(),
        overage: user.groups_are_incomplete(),
        at_entra: context.site.has_directory_claims,
        count_as_roles: auth.config().roles_claim.reads("groups"),
    };
    let section = Some(Section::Groups);
    context.page("groups.html", "Groups", section, Some(&user), &page)
}

//! The page for administrators.

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::PageContext;

/// The app role that the page needs.
pub const ADMIN: &str = "Admin";

#[derive(Serialize)]
struct AdminPage<'a> {
    role: &'static str,
    roles: &'a [Box<str>],
    /// Whether the provider is Entra ID, where roles are assigned in the portal.
    at_entra: bool,
    settings: [SettingRow; 5],
}

#[derive(Serialize)]
struct SettingRow {
    name: &'static str,
    value: String,
}

/// Shows the user's app roles and the settings of the sign-in.
pub async fn admin(context: PageContext, user: User, auth: Data<Auth>) -> HttpResponse {
    let config = auth.config();
    let row = |name, value| SettingRow { name, value };
    let page = AdminPage {
        role: ADMIN,
        roles: user.roles(),
        at_entra: context.site.has_directory_claims,
        settings: [
            row("Authority", config.authority.id()),
            row("Client id", config.client_id.clone()),
            row("Redirect URI", config.redirect_uri()),
            row("Scopes", config.scopes.join(" ")),
            row("Roles from", config.roles_claim.to_string()),
        ],
    };
    context.page("admin.html", "Administration", None, Some(&user), &page)
}

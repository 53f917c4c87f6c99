use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};
use serde::Serialize;

use super::Desk;

/// The app role that opens the page.
pub const ADMIN: &str = "Admin";

#[derive(Serialize)]
struct Administration<'a> {
    role: &'static str,
    roles: &'a [Box<str>],
    /// Whether the provider is Entra ID, where roles are assigned in the portal.
    at_entra: bool,
    facts: [Fact; 5],
}

#[derive(Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

/// For those with the app role [`ADMIN`].
pub async fn admin(desk: Desk, user: User, auth: Data<Auth>) -> HttpResponse {
    let config = auth.config();
    let fact = |name, value| Fact { name, value };
    let page = Administration {
        role: ADMIN,
        roles: user.roles(),
        at_entra: desk.site.has_directory_claims,
        facts: [
            fact("Authority", config.authority.id()),
            fact("Client id", config.client_id.clone()),
            fact("Redirect URI", config.redirect_uri()),
            fact("Scopes", config.scopes.join(" ")),
            fact("Roles from", config.roles_claim.to_string()),
        ],
    };
    desk.page("admin.html", "Administration", None, Some(&user), &page)
}

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};

use super::Desk;
use crate::pages::{claims::TokenDetails, layout::Section};

/// All claims of the ID token, explained.
pub async fn token_details(desk: Desk, user: User, auth: Data<Auth>) -> HttpResponse {
    let claims = match auth.id_token_claims(&user).await {
        Ok(claims) => claims,
        Err(error) => return desk.store_down(error),
    };
    let site = &desk.site;
    let page = TokenDetails::new(
        &claims.unwrap_or_default(),
        site.has_directory_claims,
        &auth.config().roles_claim,
        site.now(),
    );
    let section = Some(Section::Token);
    desk.page(
        "token_details.html",
        "Token details",
        section,
        Some(&user),
        &page,
    )
}

//! The page of the claims.

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};

use super::PageContext;
use crate::pages::{claims::TokenDetails, layout::Section};

/// Explains all claims of the ID token.
pub async fn token_details(context: PageContext, user: User, auth: Data<Auth>) -> HttpResponse {
    let claims = match auth.id_token_claims(&user).await {
        Ok(claims) => claims,
        Err(error) => return context.store_down(error),
    };
    let site = &context.site;
    let page = TokenDetails::new(
        &claims.unwrap_or_default(),
        site.has_directory_claims,
        &auth.config().roles_claim,
        site.now(),
    );
    let section = Some(Section::Token);
    context.page(
        "token_details.html",
        "Token details",
        section,
        Some(&user),
        &page,
    )
}

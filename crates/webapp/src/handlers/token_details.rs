//! The page of the claims.

use aad_auth::{Auth, User};
use actix_web::{HttpResponse, web::Data};

use super::PageContext;
use crate::pages::{claims::TokenDetails, layout::Section};

/// Explains all claims of the ID token.
pub async fn token_details(context: PageContext, user: User, auth: Data<Auth>) -> HttpResponse {
    let vault = auth.engine().sessions().vault();
    let tokens = match vault.get(user.session()).await {
        Ok(tokens) => tokens,
        Err(error) => return context.store_down(error),
    };
    let claims = tokens.and_then(|vaulted| vaulted.tokens.id_token_claims());
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

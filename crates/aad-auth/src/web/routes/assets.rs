//! The files that the crate's pages load. Neither session nor store is asked.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::web::{answers::answer, instance::Auth};

/// Answers with a file by its name, which has the hash of its content. Any other hash is 404.
pub(super) async fn asset(auth: Auth, request: HttpRequest) -> HttpResponse {
    let name = request.match_info().query("name");
    auth.assets().find(name).map_or_else(
        || answer::strict(StatusCode::NOT_FOUND, "'none'").finish(),
        answer::asset,
    )
}

//! The files that the crate's pages load. Neither session nor store is asked.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use crate::web::{answers::answer, instance::Auth};

/// Answers with a file by its name, which has the hash of its content.
///
/// During a roll-out a page of another release asks for a hash that this one does not have. Its script or
/// style sheet is answered by ours, which no cache keeps. Any other name is 404.
pub(super) async fn asset(auth: Auth, request: HttpRequest) -> HttpResponse {
    let name = request.match_info().query("name");
    let assets = auth.assets();
    if let Some(asset) = assets.find(name) {
        return answer::asset(asset);
    }
    assets.stand_in_for(name).map_or_else(
        || answer::strict(StatusCode::NOT_FOUND, "'none'").finish(),
        answer::passing_asset,
    )
}

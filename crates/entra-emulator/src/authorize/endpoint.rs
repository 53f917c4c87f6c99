//! The authorization endpoint.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::authority::Authority;
use crate::http::Params;
use crate::state::State;
use crate::sync::read;

use super::account_pages::picker;
use super::prompt::{SignInDecision, decide};
use super::sign_in::{AccountOrigin, finish};
use super::step::Step;

/// Answers `GET` and `POST /{tenant}[/{policy}]/oauth2/v2.0/authorize`.
pub(crate) async fn authorize(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let params = Params::of(&request, &body);
    let authority = Authority::of(&request, &read(&state.directory));
    let step = match Step::new(&state, &request, authority, params) {
        Ok(step) => step,
        Err(response) => return *response,
    };
    match decide(&state, &step.request, &step.checked, &step.cookie) {
        SignInDecision::PickAccount => picker(&step),
        SignInDecision::Silent { user } => finish(step, &user, AccountOrigin::SignedIn),
        SignInDecision::Automatic { user } => finish(step, &user, AccountOrigin::Switched),
        SignInDecision::Refuse(refusal) => step.refuse(&refusal),
    }
}

//! To the user flow in which users edit their profile (Azure AD B2C).

use actix_web::{HttpRequest, HttpResponse};

use super::shared::{local_return_to, refused, to_provider};
use crate::{
    sign_in::{SignInRequest, UserFlow},
    web::{
        answers::forgotten::missing_middleware,
        instance::{Auth, RequestAuth, request_auth::browser},
        request::{RequestKind, request_kind},
    },
};

/// Starts the user flow for editing the profile, and returns to `return_to`. Without a session the user
/// signs in first.
pub(super) async fn edit_profile(auth: Auth, request: HttpRequest) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let headers = request.headers();
    let session = match state.session(headers).await {
        Ok(session) => session,
        Err(error) => return auth.store_down(&request, error),
    };
    let kind = request_kind(request.method(), headers);
    if session.is_none() || kind != RequestKind::Navigation {
        return auth.unauthenticated(&request, state.reason(headers));
    }
    let return_to = local_return_to(&auth, request.query_string().as_bytes())
        .unwrap_or_else(|| auth.config().base_url.home());
    let mut start = SignInRequest::new(browser(&auth, headers), return_to.clone());
    start.user_flow = Some(UserFlow::EditProfile);
    match auth.engine().start(start).await {
        Ok(start) => to_provider(&auth, &request, &start),
        Err(refusal) => refused(&auth, &request, &refusal, &return_to),
    }
}

//! The end-session endpoint.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::authorize::{SignInCookie, expired_cookie};
use crate::directory::Directory;
use crate::http::{Origin, Params};
use crate::state::State;
use crate::sync::read;

use super::account_page::{SignOutPageState, show};
use super::back_channel::notify_all;
use super::front_channel::{frames, origins};
use super::return_address::{is_registered, with_state};

/// Answers `GET` and `POST /{tenant}[/{policy}]/oauth2/v2.0/logout`.
pub(crate) async fn logout(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let params = Params::of(&request, &body);
    let authority = Authority::of(&request, &read(&state.directory));
    let authority = match authority {
        Ok(authority) => authority,
        Err(refusal) => return state.pages.error(&state.trace(&request), &refusal),
    };
    let session = SignInCookie::of(&state, &request);
    let hinted = hinted_user(&read(&state.directory), &params, &session);
    if hinted.is_some() || session.accounts.is_empty() {
        return sign_out(&state, &request, &params, session, hinted.as_deref());
    }
    show(&state, &authority, params, &session)
}

/// Answers `POST /{tenant}[/{policy}]/logout/account`: the user picked an account.
pub(crate) async fn account(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let Some(page) = SignOutPageState::open(&state, &form) else {
        let refusal =
            Refusal::invalid_request(50_061, "The sign-out request is not valid any more.");
        return state.pages.error(&state.trace(&request), &refusal);
    };
    let session = SignInCookie::of(&state, &request);
    sign_out(&state, &request, &page.params, session, form.get("account"))
}

/// Finds the signed-in user that `logout_hint` names.
fn hinted_user(directory: &Directory, params: &Params, session: &SignInCookie) -> Option<String> {
    let hint = params.get("logout_hint")?;
    let accounts = session.accounts.iter();
    let mut users = accounts.filter_map(|account| directory.user(&account.user));
    let found = users.find(|user| user.login_hint() == hint)?;
    Some(found.id.clone())
}

/// Ends the sign-in of an account (of all accounts without `user`) and notifies its applications.
fn sign_out(
    state: &State,
    request: &HttpRequest,
    params: &Params,
    mut session: SignInCookie,
    user: Option<&str>,
) -> HttpResponse {
    let origin = state.origin_for(request);
    let directory = read(&state.directory).clone();
    let applications = user
        .and_then(|user| session.account(user))
        .map(|account| account.applications.clone())
        .unwrap_or_default();
    session
        .accounts
        .retain(|account| user.is_some_and(|user| account.user != user));
    let user = user.and_then(|user| directory.user(user));
    let frames = frames(
        state,
        &origin,
        &directory,
        &session.sid,
        user,
        &applications,
    );
    if let Some(user) = user.filter(|_| read(&state.switches).back_channel_logout) {
        notify_all(
            state,
            &origin,
            &directory,
            user,
            &session.sid,
            &applications,
        );
    }
    let mut response = signed_out(state, &directory, params, &frames);
    set_cookie(state, &origin, &session, &mut response);
    state.trace(request).add_headers(&mut response);
    response
}

/// Answers with the page that loads the frames, or returns to the application at once when there are none.
fn signed_out(
    state: &State,
    directory: &Directory,
    params: &Params,
    frames: &[String],
) -> HttpResponse {
    let asked = params.get("post_logout_redirect_uri");
    let registered = asked.filter(|uri| is_registered(directory, params, uri));
    let return_to = registered.map(|uri| with_state(uri, params.get("state")));
    if let Some(address) = return_to.as_ref().filter(|_| frames.is_empty()) {
        return HttpResponse::Found()
            .insert_header(("Location", address.as_str()))
            .insert_header(("Cache-Control", "no-store, no-cache"))
            .finish();
    }
    let context = json!({
        "title": "You are signed out",
        "frames": frames,
        "return_to": return_to,
        "refused": asked.filter(|_| registered.is_none()),
    });
    let pages = &state.pages;
    pages.with_frames("signed_out.html", &context, &origins(frames))
}

fn set_cookie(state: &State, origin: &Origin, session: &SignInCookie, response: &mut HttpResponse) {
    let cookie = if session.accounts.is_empty() {
        expired_cookie(origin)
    } else {
        session.cookie(state, origin)
    };
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the sign-in cookie cannot be removed");
    }
}

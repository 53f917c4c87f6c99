//! Sign-out: asks first, ends the session here, then goes to the provider.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Bytes,
};
use url::form_urlencoded;

use super::shared::{local_return_to, refused};
use crate::{
    sign_in::{BindingCookie, SignOutScope},
    web::{
        access::own_session,
        answers::{answer, forgotten::missing_middleware, interstitial},
        instance::{Auth, RequestAuth},
        pages::{Action, PageKind, PageModel},
        request::{RequestKind, request_kind},
    },
};

/// Asks before signing out: a GET must not change anything.
pub(super) async fn confirm_sign_out(auth: Auth, request: HttpRequest) -> HttpResponse {
    // So that the page can show the signed-in user. It is shown without one too.
    if let Some(state) = RequestAuth::of_instance(&request, &auth) {
        drop(state.session(request.headers()).await);
    }
    let return_to = local_return_to(&auth, request.query_string().as_bytes());
    let target = |scope: Option<&str>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(scope.map(|scope| ("scope", scope)));
        query.extend_pairs(return_to.as_ref().map(|to| ("return_to", to.as_str())));
        let query = query.finish();
        let separator = if query.is_empty() { "" } else { "?" };
        format!("{}{separator}{query}", auth.path("/sign_out"))
    };
    let page = PageModel::new(
        PageKind::ConfirmSignOut,
        200,
        "Sign out?",
        "This ends your session here and asks your identity provider to end its own. You can also \
         end your sessions of this application in all other browsers.",
    )
    .action(Action::post("Sign out", target(None)))
    .action(Action::post(
        "Sign out everywhere",
        target(Some(EVERYWHERE)),
    ))
    .action(Action::link("Stay signed in", auth.home()));
    answer::page(&auth, &request, &page)
}

/// Ends the session here, then goes to the provider.
pub(super) async fn sign_out(auth: Auth, request: HttpRequest, body: Bytes) -> HttpResponse {
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let session = match state.session(request.headers()).await {
        Ok(session) => session,
        Err(error) => return auth.store_down(&request, error),
    };
    let return_to = local_return_to(&auth, &body)
        .or_else(|| local_return_to(&auth, request.query_string().as_bytes()));
    let everywhere = [&body[..], request.query_string().as_bytes()]
        .iter()
        .any(|form| asks_for_everywhere(form));
    let scope = if everywhere {
        SignOutScope::Everywhere
    } else {
        SignOutScope::ThisBrowser
    };
    let browser = BindingCookie::new(auth.engine().random());
    let end = auth
        .engine()
        .sign_out(session.as_ref(), return_to, scope, &browser)
        .await;
    match end {
        Ok(end) => {
            own_session::end(&auth, &request);
            leave(&auth, &request, &end.location, &browser)
        }
        Err(refusal) => refused(&auth, &request, &refusal, &auth.config().base_url.home()),
    }
}

/// Sends the browser to the provider by a page that navigates. Chromium applies the `form-action` of the
/// form's page to every redirect, and a provider may redirect over many hosts. Programs, which do not ask
/// for HTML, get a redirect.
fn leave(
    auth: &Auth,
    request: &HttpRequest,
    location: &str,
    browser: &BindingCookie,
) -> HttpResponse {
    let mut response = match request_kind(request.method(), request.headers()) {
        RequestKind::Script => answer::redirect(StatusCode::SEE_OTHER, location).finish(),
        RequestKind::Navigation | RequestKind::Document => interstitial::go_on(auth, location),
    };
    let cookies = &auth.config().cookies;
    answer::append_cookies(
        &mut response,
        [
            cookies.remove_session(),
            cookies.set_browser(&browser.to_cookie()),
        ],
    );
    response.headers_mut().insert(
        header::HeaderName::from_static("clear-site-data"),
        header::HeaderValue::from_static("\"cache\""),
    );
    response
}

fn asks_for_everywhere(form: &[u8]) -> bool {
    form_urlencoded::parse(form).any(|(name, value)| name == "scope" && value == EVERYWHERE)
}

/// The value of `scope` that ends all of the user's sessions.
const EVERYWHERE: &str = "everywhere";

//! Where the provider leads back to after sign-out.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use url::form_urlencoded;

use crate::{
    sign_in::SignedOut,
    web::{
        answers::{answer, forgotten::missing_middleware},
        instance::{Auth, RequestAuth, request_auth::browser},
        pages::{Action, PageKind, PageModel},
        request::kind::is_prefetch,
    },
};

/// The page at the end of a sign-out. It says that a session has ended only where the sealed `state`
/// says so and the browser has no live session: any site can link here, and the address stays in the
/// history.
pub(super) async fn signed_out(auth: Auth, request: HttpRequest) -> HttpResponse {
    if is_prefetch(request.headers()) {
        // A prefetched page would show an old state. Without content the browser asks again.
        return answer::strict(StatusCode::NO_CONTENT, "'none'").finish();
    }
    let Some(state) = RequestAuth::of_instance(&request, &auth) else {
        return missing_middleware(auth.name());
    };
    let page = match state.session(request.headers()).await {
        Ok(Some(_)) => still_signed_in(&auth),
        Ok(None) => match ended(&auth, &request) {
            Some(end) => has_ended(&auth, end),
            None => nothing_known(&auth),
        },
        Err(error) => return auth.store_down(&request, error),
    };
    answer::page(&auth, &request, &page)
}

fn ended(auth: &Auth, request: &HttpRequest) -> Option<SignedOut> {
    let state = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.into_owned());
    let browser = browser(auth, request.headers());
    auth.engine().signed_out(state.as_deref(), browser.as_ref())
}

fn still_signed_in(auth: &Auth) -> PageModel {
    let message = "This browser has a session of this application. Opening this page has not \
                   ended it: to end it, sign out.";
    PageModel::new(
        PageKind::StillSignedIn,
        200,
        "You are still signed in",
        message,
    )
    .action(Action::post("Sign out", auth.path("/sign_out")))
    .action(Action::link("Stay signed in", auth.home()))
}

fn has_ended(auth: &Auth, end: SignedOut) -> PageModel {
    let message = if end.others_left {
        "This browser had no session here any more. Your other sessions could not be found, and \
         they were not ended. Sign in again, then sign out everywhere."
    } else if end.at_provider {
        "Your session here has ended, and your identity provider was asked to end its own. On a \
         shared computer, also close the browser."
    } else {
        "Your session here has ended. Your identity provider could not be asked to end its \
         own: on a shared computer, sign out there too, or close the browser."
    };
    let mut page = PageModel::new(PageKind::SignedOut, 200, "You are signed out", message);
    if let Some(return_to) = end.return_to {
        page = page.action(Action::link("Go on", return_to.as_str()));
    }
    ways_on(auth, page, "Sign in again")
}

/// The page without a usable `state`. It does not say whether a session has ended.
fn nothing_known(auth: &Auth) -> PageModel {
    let message = "This browser has no session of this application. Whether you are signed in at \
                   your identity provider cannot be seen here: on a shared computer, sign out \
                   there too, or close the browser.";
    let page = PageModel::new(PageKind::NotSignedIn, 200, "You are not signed in", message);
    ways_on(auth, page, "Sign in")
}

fn ways_on(auth: &Auth, page: PageModel, sign_in: &str) -> PageModel {
    let again = auth.sign_in_path(&auth.config().base_url.home());
    page.action(Action::link(sign_in, again))
        .action(Action::link("Go to the home page", auth.home()))
}

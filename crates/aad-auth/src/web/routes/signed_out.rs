//! Where the provider leads back to after sign-out.

use actix_web::{HttpRequest, HttpResponse};
use url::form_urlencoded;

use crate::web::{
    Auth, answer,
    pages::{Action, PageKind, PageModel},
};

/// The signed-out page.
pub(super) async fn signed_out(auth: Auth, request: HttpRequest) -> HttpResponse {
    let state = form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "state")
        .map(|(_, value)| value.into_owned());
    let known = auth.engine().signed_out(state.as_deref());
    let message = match &known {
        Some(end) if end.others_left => {
            "This browser had no session here any more, so nobody could tell which other sessions \
             are yours: they were not ended. Sign in again, then sign out everywhere."
        }
        Some(end) if !end.at_provider => {
            "Your session here has ended. Your identity provider could not be asked to end its \
             own: on a shared computer, sign out there too, or close the browser."
        }
        _ => "Your session here has ended. If you use a shared computer, also close the browser.",
    };
    let mut page = PageModel::new(PageKind::SignedOut, 200, "You are signed out", message);
    if let Some(return_to) = known.and_then(|end| end.return_to) {
        page = page.action(Action::link("Go on", return_to.as_str()));
    }
    let again = auth.sign_in_path(&auth.config().base_url.home());
    let page = page
        .action(Action::link("Sign in again", again))
        .action(Action::link("Go to the home page", auth.home()));
    answer::page(&auth, &request, &page)
}

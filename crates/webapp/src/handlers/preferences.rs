//! The colour scheme of the pages.

use aad_auth::User;
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::LOCATION,
    web::{Data, Form},
};
use serde::Deserialize;

use crate::{
    notices::notify,
    pages::{Site, Theme},
};

/// The form in the footer.
#[derive(Deserialize)]
pub struct PreferencesForm {
    theme: String,
    #[serde(default)]
    return_to: String,
}

/// Keeps the colour scheme in a cookie of this browser, and goes back to the page.
///
/// There is no notice for the script, which shows the change at once, nor for users without a session.
pub async fn preferences(
    form: Form<PreferencesForm>,
    user: Option<User>,
    site: Data<Site>,
    session: Session,
    request: HttpRequest,
) -> HttpResponse {
    let by_script = request.headers().contains_key("x-requested-with");
    if user.is_some() && !by_script {
        let text = match Theme::parse(&form.theme) {
            Theme::Auto => "The pages have the colour scheme of your system.",
            Theme::Light => "The pages are light in this browser.",
            Theme::Dark => "The pages are dark in this browser.",
        };
        notify(&session, "success", text);
    }
    let return_to = site.base_url.return_to(&form.return_to);
    HttpResponse::SeeOther()
        .insert_header((LOCATION, return_to.as_str()))
        .cookie(theme_cookie(&site, Theme::parse(&form.theme)))
        .finish()
}

fn theme_cookie(site: &Site, theme: Theme) -> Cookie<'static> {
    let days = if theme == Theme::Auto { 0 } else { 365 };
    Cookie::build(Theme::COOKIE, theme.as_str())
        .path(site.href("/"))
        .max_age(Duration::days(days))
        .same_site(SameSite::Lax)
        .secure(site.base_url.is_https())
        .http_only(true)
        .finish()
}

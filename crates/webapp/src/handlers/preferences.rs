use actix_web::{
    HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::LOCATION,
    web::{Data, Form},
};
use serde::Deserialize;

use crate::pages::{Site, layout::Theme};

/// What the form in the footer sends.
#[derive(Deserialize)]
pub struct Preferences {
    theme: String,
    #[serde(default)]
    return_to: String,
}

/// Remembers how the pages look, in this browser, and goes back to the page.
pub async fn preferences(form: Form<Preferences>, site: Data<Site>) -> HttpResponse {
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

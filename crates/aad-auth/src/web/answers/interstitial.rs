//! Small pages on the way: they carry a browser on by an external script, or by a button without.
//! They are in nobody's look, since nobody is meant to see them.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};

use super::answer::strict;
use crate::{
    sign_in::HOP,
    web::{
        instance::Auth,
        pages::{escape, head},
    },
};

/// Posts a response on to the address it came to, so that it arrives there from our own site and
/// with our cookies: they are `SameSite=Lax`, and a form of the provider's site does not carry
/// them.
pub(in crate::web) fn post_on(auth: &Auth, fields: &[(&str, String)]) -> HttpResponse {
    let mut form = String::with_capacity(4096);
    form.push_str("<form id=\"aad-post-on\" method=\"post\" action=\"");
    let config = auth.config();
    escape(
        &mut form,
        &format!("{}{}", config.base_url.path(), config.redirect_path),
    );
    form.push_str("\">");
    let hop = (HOP, "1".to_owned());
    for (name, value) in fields.iter().chain([&hop]) {
        form.push_str("<input type=\"hidden\" name=\"");
        escape(&mut form, name);
        form.push_str("\" value=\"");
        escape(&mut form, value);
        form.push_str("\">");
    }
    form.push_str("<noscript><p>Scripts are off: please go on by hand.</p></noscript>");
    form.push_str("<button>Continue</button></form>");
    page(auth, StatusCode::OK, "", &form)
}

/// Goes on to `location` by itself, in a navigation of its own. A redirect would not do in answer
/// to a form: Chromium holds each address that follows against the `form-action` of the form's
/// page, and the provider's may be many.
pub(in crate::web) fn go_on(auth: &Auth, location: &str) -> HttpResponse {
    let mut refresh = String::from("<meta http-equiv=\"refresh\" content=\"0; url=");
    escape(&mut refresh, location);
    refresh.push_str("\">");
    let mut link = String::from("<p><a href=\"");
    escape(&mut link, location);
    link.push_str("\">Continue</a></p>");
    page(auth, StatusCode::OK, &refresh, &link)
}

/// Passes the fragment of the address on to sign-in, at `sign_in`. It is a 401 and not a 200: what
/// stands at this address is not this page.
pub(in crate::web) fn keep_fragment(auth: &Auth, sign_in: &str) -> HttpResponse {
    let mut link = String::from("<p><a id=\"aad-keep-fragment\" href=\"");
    escape(&mut link, sign_in);
    link.push_str("\">Sign in</a></p>");
    page(auth, StatusCode::UNAUTHORIZED, "", &link)
}

fn page(auth: &Auth, status: StatusCode, further_head: &str, content: &str) -> HttpResponse {
    let mut html = String::with_capacity(content.len() + 1024);
    head(&mut html, "One moment", &auth.path("/style.css"));
    html.push_str(further_head);
    html.push_str("</head><body><main><h1>One moment</h1>");
    html.push_str(content);
    html.push_str("</main><script src=\"");
    escape(&mut html, &auth.path(SCRIPT_ROUTE));
    html.push_str("\"></script></body></html>");
    strict(status, "'self'")
        .content_type("text/html; charset=utf-8")
        .body(html)
}

/// Where the script is.
pub(in crate::web) const SCRIPT_ROUTE: &str = "/onward.js";

/// The script of these pages.
pub(in crate::web) async fn script() -> HttpResponse {
    strict(StatusCode::OK, "'none'")
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(SCRIPT)
}

const SCRIPT: &str = include_str!("onward.js");

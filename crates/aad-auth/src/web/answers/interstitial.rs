//! Interstitials: pages that send the browser on by a script, or by a button without scripts.
//!
//! They are always in the crate's own design: a browser shows them for a moment only.

use actix_web::{HttpResponse, http::StatusCode};

use super::answer::strict;
use crate::{
    sign_in::HOP,
    web::{instance::Auth, pages::escape},
};

/// Posts an authorization response once more, to the redirect URI that it came to.
///
/// The second request comes from our own site and has our cookies. They are `SameSite=Lax`, so that a
/// form of the provider's site does not carry them.
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
    form.push_str(
        "<noscript><p>Your browser runs no scripts here. Please continue.</p></noscript>",
    );
    form.push_str(
        "<div class=\"actions\"><button class=\"button primary\">Continue</button></div></form>",
    );
    page(auth, StatusCode::OK, "", &form)
}

/// Sends the browser to `location` by a navigation of its own.
///
/// In answer to a form, a redirect is not enough. Chromium checks each address that follows against the
/// `form-action` of the form's page, and a provider may redirect over many hosts.
pub(in crate::web) fn go_on(auth: &Auth, location: &str) -> HttpResponse {
    let mut refresh = String::from("<meta http-equiv=\"refresh\" content=\"0; url=");
    escape(&mut refresh, location);
    refresh.push_str("\">");
    let link = "<p>Your browser opens the next page by itself. If it does not, choose Continue.</p>"
        .to_owned() + &button("href", location, "Continue");
    page(auth, StatusCode::OK, &refresh, &link)
}

/// Passes the fragment of the address on to sign-in, at `sign_in`.
///
/// The status is 401 and not 200: the resource at this address is another one.
pub(in crate::web) fn keep_fragment(auth: &Auth, sign_in: &str) -> HttpResponse {
    let link = "<p>You need to sign in to open this page.</p>".to_owned()
        + &button("id=\"aad-keep-fragment\" href", sign_in, "Sign in");
    page(auth, StatusCode::UNAUTHORIZED, "", &link)
}

/// A link that looks like a button. `attributes` ends in the name of the address's attribute.
fn button(attributes: &str, address: &str, label: &str) -> String {
    let mut html = format!("<div class=\"actions\"><a class=\"button primary\" {attributes}=\"");
    escape(&mut html, address);
    html.push_str("\">");
    html.push_str(label);
    html.push_str("</a></div>");
    html
}

fn page(auth: &Auth, status: StatusCode, further_head: &str, content: &str) -> HttpResponse {
    let html = auth.page_writer().interstitial(further_head, content);
    strict(status, "'self'")
        .content_type("text/html; charset=utf-8")
        .body(html)
}

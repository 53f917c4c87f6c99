//! Private parsers, open to the fuzz targets only (`--cfg fuzzing`).

use actix_web::http::header::{HeaderMap, HeaderValue};

use super::{
    access::application_session,
    request::{cookies, genuine_cookies},
    routes,
};

/// The longest `sid` that is read, in bytes.
pub const MAX_SID: usize = routes::MAX_SID;

/// The value of the cookie `name`, as everything in this crate reads it.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    cookies::find(headers, name).once()
}

/// `sid` and `iss` of a front-channel sign-out.
pub fn named_session(query: &[u8]) -> Option<(String, Option<String>)> {
    routes::named_session(query)
}

/// The token of a back-channel sign-out.
pub fn logout_token(content_type: Option<&HeaderValue>, body: &[u8]) -> Option<String> {
    routes::logout_token(content_type, body)
}

/// Removes the cookies that are not what a handler would take them for. `own` are the names of ours.
pub fn keep_genuine_cookies(headers: &mut HeaderMap, own: &[&str]) -> usize {
    genuine_cookies::keep_genuine(headers, own)
}

/// The application data that a sealed record holds.
pub fn application_data(json: &[u8]) -> Option<std::collections::HashMap<String, String>> {
    application_session::decode(json).ok()
}

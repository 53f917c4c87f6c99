//! The answer to a request whose head is too large.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};

use super::answer;
use crate::web::request::HeadTooLarge;

/// The answer to a head that is too large. Nothing in it depends on the request, whose connection is
/// closed.
pub(in crate::web) fn head_too_large(what: HeadTooLarge) -> HttpResponse {
    let (status, text) = match what {
        HeadTooLarge::Target => (
            StatusCode::URI_TOO_LONG,
            "The address of this request is too long.\n",
        ),
        HeadTooLarge::Fields => (
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The header of this request is too large. If this is a browser, delete the cookies of \
             this site, and try again.\n",
        ),
    };
    let mut response = answer::strict(status, "'none'");
    response.force_close();
    response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"));
    response.body(text)
}

//! Where the provider tells that a user has signed out elsewhere. Neither route reads a cookie.

use actix_web::{
    HttpRequest, HttpResponse,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::Serialize;
use url::form_urlencoded;

use super::form::{self, FormError};
use crate::{
    sign_in::LogoutRefusal,
    web::{answers::answer, instance::Auth},
};

/// Front-channel sign-out: loaded by the provider's page in a hidden frame. It always answers the
/// same, whether a session has ended or not; only an unavailable store has an answer of its own.
pub(super) async fn front_channel(auth: Auth, request: HttpRequest) -> HttpResponse {
    let query = request.query_string().as_bytes();
    if let Some((sid, iss)) = named_session(query) {
        match auth
            .engine()
            .front_channel_sign_out(&sid, iss.as_deref())
            .await
        {
            Ok(0) => tracing::debug!("a front-channel sign-out found no session"),
            Ok(ended) => tracing::info!(ended, "sessions were ended by a front-channel sign-out"),
            Err(error) => {
                tracing::error!(%error, "a front-channel sign-out could not be carried out");
                return answer::frame(&auth, StatusCode::SERVICE_UNAVAILABLE)
                    .insert_header((header::RETRY_AFTER, "5"))
                    .finish();
            }
        }
    }
    answer::frame(&auth, StatusCode::OK)
        .content_type("text/html; charset=utf-8")
        .body(EMPTY_PAGE)
}

/// `sid` once and `iss` at most once; anything else names nothing.
pub(crate) fn named_session(query: &[u8]) -> Option<(String, Option<String>)> {
    if query.len() > MAX_QUERY {
        return None;
    }
    let sid = single(query, "sid")??;
    let iss = single(query, "iss")?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = (1..=MAX_SID).contains(&sid.len()) && plain(&sid);
    fits.then_some((sid, iss))
}

/// Back-channel sign-out: the provider posts a logout token (Back-Channel Logout 1.0 section 2.5).
///
/// 200 also when the user has no session here (section 2.8), 400 when the token or the body is
/// refused, 408 for a body that is too slow, and 503 while keys or store cannot be had.
pub(super) async fn back_channel(
    auth: Auth,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let form = match form::read(&request, payload).await {
        Ok(form) => form,
        Err(unread) => {
            let status = match unread.error {
                FormError::TooSlow => StatusCode::REQUEST_TIMEOUT,
                FormError::TooLarge | FormError::Malformed => StatusCode::BAD_REQUEST,
            };
            let answer = failed(status, "invalid_request", unread.error.sentence());
            return unread.close_with(answer);
        }
    };
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let Some(token) = logout_token(content_type, &form) else {
        let sentence = "A form with one logout_token is expected.";
        return failed(StatusCode::BAD_REQUEST, "invalid_request", sentence);
    };
    match auth.engine().back_channel_sign_out(&token).await {
        Ok(ended) => {
            tracing::info!(ended, "sessions were ended by a back-channel sign-out");
            answer::strict(StatusCode::OK, "'none'").finish()
        }
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &LogoutRefusal) -> HttpResponse {
    let code = refusal.code();
    tracing::warn!(code, cause = %refusal, "a logout token ended no session");
    if let LogoutRefusal::Unavailable { retry_after } = refusal {
        let mut response = failed(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            code,
        );
        let seconds = retry_after.as_secs().max(1).into();
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
        return response;
    }
    failed(StatusCode::BAD_REQUEST, "invalid_request", code)
}

/// An error as section 2.8 has it.
fn failed(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    #[derive(Serialize)]
    struct Failed<'a> {
        error: &'a str,
        error_description: &'a str,
    }
    let failed = Failed {
        error,
        error_description: description,
    };
    answer::strict(status, "'none'").json(failed)
}

/// The one token of a form.
pub(crate) fn logout_token(content_type: Option<&HeaderValue>, body: &[u8]) -> Option<String> {
    if is_form(content_type) {
        single(body, "logout_token")?
    } else {
        None
    }
}

fn is_form(content_type: Option<&HeaderValue>) -> bool {
    let text = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let media_type = text.split(';').next().unwrap_or("").trim();
    media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The value of a parameter, where it is there; `None` when it is there more than once: then it is unclear
/// which one is meant (RFC 6749 section 3.1).
fn single(form: &[u8], name: &str) -> Option<Option<String>> {
    let mut found = form_urlencoded::parse(form).filter(|(found, _)| found == name);
    let first = found.next().map(|(_, value)| value.into_owned());
    found.next().is_none().then_some(first)
}

const EMPTY_PAGE: &str =
    "<!doctype html><html lang=\"en\"><head><title>Signed out</title></head><body></body></html>";
const MAX_QUERY: usize = 4096;
/// Entra's are GUIDs; other providers' are short too.
pub(crate) const MAX_SID: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_session_is_refused() {
        let long = format!("sid={}", "a".repeat(MAX_SID + 1));
        let padded = format!("sid=a&x={}", "a".repeat(MAX_QUERY));
        for query in [
            "",
            "sid",
            "sid=",
            "sid=a&sid=b",
            "sid=a&sid=a",
            "sid=a&iss=b&iss=b",
            "sid=%00",
            "sid=a%20b",
            "sid=%FF",
            "iss=a",
            &long,
            &padded,
        ] {
            assert_eq!(named_session(query.as_bytes()), None, "{query}");
        }
        let both = Some(("a".to_owned(), Some("https://b".to_owned())));
        assert_eq!(named_session(b"x=1&sid=a&iss=https%3A%2F%2Fb"), both);
        assert_eq!(named_session(b"sid=a"), Some(("a".to_owned(), None)));
    }
}

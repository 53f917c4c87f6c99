//! What may be repeated, and after which pause.
//!
//! A pooled connection that the provider closes in the moment we write to it leaves open whether
//! the request was acted upon. Reading again is harmless; a code or a rotating refresh token may
//! have been used up, and using it twice lets the provider revoke the whole grant (RFC 6749
//! section 4.1.2, RFC 9700 section 4.14.2). So a token request is repeated only when no
//! connection came about and not one byte was sent.

use std::time::{Duration, SystemTime};

use awc::http::header::HttpDate;
use http::{HeaderMap, Method, StatusCode, header};

use super::{CallPurpose, Response, TransportError, client::CallFailure};

/// Longest `Retry-After` that callers get to see.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// Longest `Retry-After` that is waited for inside one call.
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// The pause when the provider names none.
const PAUSE: Duration = Duration::from_millis(200);

/// The pause after which a request may be sent a second time, if it may.
pub(super) fn pause(
    purpose: CallPurpose,
    method: &Method,
    outcome: &Result<Response, CallFailure>,
) -> Option<Duration> {
    match outcome {
        Err(failure) if failure.nothing_sent => {
            (failure.error == TransportError::Unreachable).then_some(PAUSE)
        }
        _ if !is_repeatable(purpose, method) => None,
        Ok(response) if is_transient(response.status) => {
            let pause = response.retry_after().unwrap_or(PAUSE);
            (pause <= MAX_PAUSE).then_some(pause)
        }
        Ok(_) => None,
        Err(failure) => matches!(
            failure.error,
            TransportError::Unreachable | TransportError::Closed | TransportError::Broken
        )
        .then_some(PAUSE),
    }
}

fn is_repeatable(purpose: CallPurpose, method: &Method) -> bool {
    let reads = matches!(
        purpose,
        CallPurpose::Metadata | CallPurpose::Keys | CallPurpose::Userinfo
    );
    reads && method == Method::GET
}

fn is_transient(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

/// `Retry-After` in seconds or as a date, capped.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        let sent = headers.get(header::DATE)?.to_str().ok()?;
        date(value)?.duration_since(date(sent)?).unwrap_or_default()
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

fn date(value: &str) -> Option<SystemTime> {
    value.parse().map(|date: HttpDate| date.into()).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, retry_after: Option<&'static str>) -> Result<Response, CallFailure> {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
        }
        Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: Vec::new(),
        })
    }

    fn failure(error: TransportError, nothing_sent: bool) -> Result<Response, CallFailure> {
        Err(CallFailure {
            error,
            nothing_sent,
        })
    }

    #[test]
    fn a_token_request_is_never_repeated_after_it_was_sent() {
        for outcome in [
            answer(500, None),
            answer(503, Some("0")),
            answer(429, Some("1")),
            failure(TransportError::Closed, false),
            failure(TransportError::Broken, false),
            failure(TransportError::Unreachable, false),
        ] {
            for purpose in [CallPurpose::Token, CallPurpose::Refresh] {
                assert_eq!(pause(purpose, &Method::POST, &outcome), None);
            }
        }
    }

    #[test]
    fn a_refused_connection_is_tried_once_more_whatever_the_purpose() {
        let refused = failure(TransportError::Unreachable, true);
        for purpose in [
            CallPurpose::Token,
            CallPurpose::Refresh,
            CallPurpose::Revocation,
            CallPurpose::Api,
            CallPurpose::Keys,
        ] {
            assert!(pause(purpose, &Method::POST, &refused).is_some());
        }
    }

    #[test]
    fn a_refused_certificate_or_a_passed_deadline_is_not_tried_again() {
        for (error, nothing_sent) in [
            (TransportError::Tls, true),
            (TransportError::NoTrustedRoots, true),
            (TransportError::Timeout, false),
            (TransportError::TooLarge, false),
        ] {
            let outcome = failure(error, nothing_sent);
            assert_eq!(pause(CallPurpose::Keys, &Method::GET, &outcome), None);
        }
    }

    #[test]
    fn a_long_retry_after_is_left_to_the_caller() {
        let get = |outcome| pause(CallPurpose::Keys, &Method::GET, &outcome);
        assert_eq!(get(answer(429, Some("1"))), Some(Duration::from_secs(1)));
        assert_eq!(get(answer(503, None)), Some(PAUSE));
        assert_eq!(get(answer(429, Some("3"))), None);
        assert_eq!(get(answer(429, Some("99999999999999999999999999"))), None);
        assert_eq!(get(answer(404, None)), None);
        assert_eq!(get(answer(302, None)), None);
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::DATE,
                HeaderValue::from_static("Mon, 23 Nov 2026 10:00:00 GMT"),
            );
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(value));
            retry_after(&headers)
        };
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read("99999999"), Some(MAX_RETRY_AFTER));
        assert_eq!(
            read("Mon, 23 Nov 2026 10:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            read("Mon, 23 Nov 2026 09:00:00 GMT"),
            Some(Duration::ZERO),
            "a date in the past"
        );
        for value in ["", "-1", "1.5", "soon", "+3"] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_retry_after_panics_or_exceeds_the_cap(value in "[ -~]{0,40}", date in "[ -~]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(&value).unwrap());
            headers.insert(header::DATE, HeaderValue::from_str(&date).unwrap());
            prop_assert!(retry_after(&headers).unwrap_or_default() <= MAX_RETRY_AFTER);
        }
    }
}

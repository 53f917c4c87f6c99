//! Retries: which requests, and after which pause.
//!
//! When the provider closes a pooled connection during a write, the client does not know whether the
//! request was processed. A read may be repeated. A code or a rotating refresh token may be used up, and
//! the provider may revoke the whole grant after its second use (RFC 6749 section 4.1.2, RFC 9700 section
//! 4.14.2). So a token request is repeated only without a connection, when no byte was sent.

use std::time::Duration;

use http::{Method, StatusCode};

use super::{CallPurpose, Response, TransportError, call_failure::CallFailure};

/// The longest `Retry-After` for which one call waits.
const MAX_PAUSE: Duration = Duration::from_secs(2);
/// The pause without `Retry-After`.
const PAUSE: Duration = Duration::from_millis(200);

/// The pause before a retry. `None` where the request must not be repeated.
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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

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
}

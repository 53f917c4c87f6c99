//! The `Retry-After` header (RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

use awc::http::header::HttpDate;
use http::{HeaderMap, header};

/// The longest accepted `Retry-After`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Reads `Retry-After` in seconds or as a date, at most one hour. A date counts from the `Date` of the
/// answer.
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

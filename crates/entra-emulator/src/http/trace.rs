//! The identifiers of one request.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::Params;
use crate::aadsts::Refusal;
use crate::clock::{Clock, error_date};
use crate::encoding::is_guid;
use crate::random::Random;

/// The identifiers and the time of one request, which every answer carries.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// `x-ms-request-id`, and the Trace ID of error descriptions.
    pub(crate) trace_id: String,
    /// The caller's `client-request-id`, or a new GUID.
    pub(crate) correlation_id: String,
    /// Seconds since the Unix epoch.
    pub(crate) now: i64,
}

impl Trace {
    pub(crate) fn new(request: &HttpRequest, random: &Random, clock: &Clock) -> Self {
        let query = Params::parse(request.query_string().as_bytes());
        let header = request
            .headers()
            .get("client-request-id")
            .and_then(|value| value.to_str().ok());
        let given = header
            .or_else(|| query.get("client-request-id"))
            .filter(|id| is_guid(id))
            .map(str::to_owned);
        Self {
            trace_id: random.guid(),
            correlation_id: given.unwrap_or_else(|| random.guid()),
            now: clock.now(),
        }
    }

    /// Writes an error description with the identifiers, in lines that end with CR LF, as the platform does.
    pub(crate) fn describe(&self, refusal: &Refusal) -> String {
        format!(
            "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            refusal.code,
            refusal.message,
            self.trace_id,
            self.correlation_id,
            error_date(self.now)
        )
    }

    /// Adds the identifiers and the constant headers of the platform's answers.
    pub(crate) fn add_headers(&self, response: &mut HttpResponse) {
        let headers = response.headers_mut();
        for (name, value) in [
            ("x-ms-request-id", self.trace_id.as_str()),
            ("client-request-id", self.correlation_id.as_str()),
            ("x-ms-ests-server", "local-emulator"),
            ("x-ms-clitelem", "1,0,0,,"),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

//! Reads the forms that are posted to the crate's own routes: bounded in size and in time.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    dev::Payload,
    error::PayloadError,
    http::{StatusCode, header},
    web::{Bytes, BytesMut},
};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::web::{
    answers::answer,
    request::{BodyPace, paced_body::PacedBody},
};

/// Why a form could not be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum FormError {
    TooLarge,
    TooSlow,
    /// Bad framing, or the client has gone.
    Malformed,
}

impl FormError {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Malformed => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::TooLarge => "The form is too large.",
            Self::TooSlow => "The form did not arrive in time.",
            Self::Malformed => "The form could not be read.",
        }
    }
}

/// A form that was not read, with what is left of it.
pub(super) struct UnreadForm {
    pub(super) error: FormError,
    body: PacedBody,
}

impl UnreadForm {
    /// The answer for a person.
    pub(super) fn answer(self) -> HttpResponse {
        let text = format!("{} Go back and try again.\n", self.error.sentence());
        let response = answer::strict(self.error.status(), "'none'")
            .content_type("text/plain; charset=utf-8")
            .body(text);
        self.close_with(response)
    }

    /// Sends `response` and closes the connection: the rest of the form is not wanted.
    pub(super) fn close_with(self, response: HttpResponse) -> HttpResponse {
        self.body.close_with(response)
    }
}

/// Reads a form.
///
/// # Errors
/// A form of more than 64 KiB, or that takes more than 30 s or falls behind the default
/// [`BodyPace`], or whose framing is wrong.
pub(super) async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, UnreadForm> {
    let mut body = PacedBody::new(payload, BodyPace::default());
    let read = async {
        if announced(request).is_some_and(|length| length > MAX_FORM) {
            return Err(FormError::TooLarge);
        }
        match timeout(LONGEST, collect(&mut body)).await {
            Ok(read) => read,
            Err(_) => Err(FormError::TooSlow),
        }
    };
    read.await.map_err(|error| UnreadForm { error, body })
}

async fn collect(body: &mut PacedBody) -> Result<Bytes, FormError> {
    let mut form = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            // Also where the application itself has a `BodyPace`.
            Err(PayloadError::Io(error)) if error.kind() == std::io::ErrorKind::TimedOut => {
                return Err(FormError::TooSlow);
            }
            Err(PayloadError::Overflow) => return Err(FormError::TooLarge),
            Err(_) => return Err(FormError::Malformed),
        };
        if form.len().saturating_add(chunk.len()) > MAX_FORM {
            return Err(FormError::TooLarge);
        }
        form.extend_from_slice(&chunk);
    }
    Ok(form.freeze())
}

fn announced(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.trim().parse().ok()
}

/// Entra's form_post answers carry a code of some kilobytes.
const MAX_FORM: usize = 64 * 1024;
/// A form of the largest size at 2 KiB a second.
const LONGEST: Duration = Duration::from_secs(30);

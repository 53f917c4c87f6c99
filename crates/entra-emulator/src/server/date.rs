//! Middleware: the `Date` header.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{DATE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::clock::http_date;
use crate::state::State;
use crate::sync::read;

/// Sets `Date` to the emulator's time, or to the text of the switch; keeps the one that a fault has set.
pub(super) async fn set_date<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let switched = read(&state.switches).date.clone();
    let text = switched.unwrap_or_else(|| http_date(state.clock.now()));
    if let Ok(value) = HeaderValue::from_str(&text) {
        let headers = response.headers_mut();
        if !headers.contains_key(DATE) {
            headers.insert(DATE, value);
        }
    }
    Ok(response)
}

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{DATE, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::clock::http_date;
use crate::state::State;
use crate::sync::read;

/// Gives every answer the `Date` of the emulator's clock, or the text of the switch. A fault that names its own keeps it.
pub(crate) async fn date<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let set = read(&state.switches).date.clone();
    let text = set.unwrap_or_else(|| http_date(state.clock.now()));
    if let Ok(value) = HeaderValue::from_str(&text) {
        let headers = response.headers_mut();
        if !headers.contains_key(DATE) {
            headers.insert(DATE, value);
        }
    }
    Ok(response)
}

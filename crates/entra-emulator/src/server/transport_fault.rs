//! Middleware: faults of the connection and of the whole answer.

use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures_util::stream::{self, StreamExt as _};

use super::connection::LiveConnection;
use super::record::GrantType;
use crate::faults::{Answer, AnswerBody, Effect, Endpoint};
use crate::gzip;
use crate::http::Verdict;
use crate::state::State;

/// Applies delays, missing, slow, cut and replaced answers.
pub(super) async fn transport_faults<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let on = Endpoint::of_path(request.path());
    let grant = request.extensions().get::<GrantType>().cloned();
    let grant = grant.as_ref().map(|GrantType(grant)| grant.as_str());
    let effects = state.faults.transport(on, grant);
    let connection = request.conn_data::<LiveConnection>().cloned();
    for effect in &effects {
        if let Some(answer) = before_the_request(effect, connection.as_ref()).await {
            return Ok(request.into_response(answer));
        }
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    for effect in effects {
        response = after_the_request(effect, response, connection.clone()).await?;
    }
    Ok(response)
}

/// Applies an effect that precedes the request. `Some`: the answer that replaces the right one.
async fn before_the_request(
    effect: &Effect,
    connection: Option<&LiveConnection>,
) -> Option<HttpResponse> {
    match effect {
        Effect::Delay(milliseconds) => sleep(Duration::from_millis(*milliseconds)).await,
        Effect::Hang => std::future::pending::<()>().await,
        Effect::Close => {
            if let Some(connection) = connection {
                connection.close();
            }
            let answer = HttpResponse::InternalServerError().finish();
            return Some(with_verdict(answer, "fault: close"));
        }
        Effect::Answer(answer) => return Some(with_verdict(replacement(answer), "fault: answer")),
        _ => {}
    }
    None
}

/// Applies an effect on the right answer.
async fn after_the_request(
    effect: Effect,
    response: ServiceResponse,
    connection: Option<LiveConnection>,
) -> Result<ServiceResponse, Error> {
    match effect {
        Effect::Drip(milliseconds) => dripping(response, milliseconds).await,
        Effect::Cut => cut(response, connection).await,
        Effect::Wrapping {
            status,
            content_type,
        } => Ok(wrapped(response, status, content_type.as_deref())),
        _ => Ok(response),
    }
}

fn with_verdict(mut response: HttpResponse, text: &str) -> HttpResponse {
    Verdict(text.to_owned()).record(&mut response);
    response
}

fn replacement(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    for (name, value) in &answer.headers {
        builder.append_header((name.as_str(), value.as_str()));
    }
    match &answer.body {
        AnswerBody::Empty => builder.finish(),
        AnswerBody::Text(text) => builder.body(text.clone()),
        AnswerBody::Huge(bytes) => builder.body(format!(
            "{{\"filler\":\"{}\"}}",
            "x".repeat((*bytes).min(MAX_BODY))
        )),
        AnswerBody::Deep(depth) => {
            let depth = (*depth).min(MAX_BODY / 2);
            builder.body("[".repeat(depth) + &"]".repeat(depth))
        }
        AnswerBody::GzipBomb(bytes) => builder
            .insert_header(("Content-Encoding", "gzip"))
            .body(gzip::spaces((*bytes).min(MAX_UNPACKED))),
    }
}

/// Bytes.
const MAX_BODY: usize = 256 * 1024 * 1024;
/// Bytes.
const MAX_UNPACKED: usize = 1 << 31;

/// Sends the body one byte at a time, under its full length.
async fn dripping(response: ServiceResponse, milliseconds: u64) -> Result<ServiceResponse, Error> {
    let (response, bytes) = buffered(response).await?;
    let length = bytes.len() as u64;
    let drops = stream::iter(bytes).then(move |byte| async move {
        sleep(Duration::from_millis(milliseconds)).await;
        Ok::<_, Error>(Bytes::copy_from_slice(&[byte]))
    });
    Ok(response
        .map_body(|_, ()| SizedStream::new(length, Box::pin(drops)))
        .map_into_boxed_body())
}

/// Announces the full length, sends half the body and closes the connection.
async fn cut(
    response: ServiceResponse,
    connection: Option<LiveConnection>,
) -> Result<ServiceResponse, Error> {
    let (response, bytes) = buffered(response).await?;
    let half = bytes.slice(..bytes.len() / 2);
    let length = bytes.len() as u64;
    let first = stream::once(async move { Ok::<_, Error>(half) });
    let then = stream::once(async move {
        // The first half must leave the socket's buffer, or the client receives no body at all.
        sleep(Duration::from_millis(30)).await;
        if let Some(connection) = connection {
            connection.close();
        }
        Err(actix_web::error::ErrorInternalServerError("cut"))
    });
    Ok(response
        .map_body(|_, ()| SizedStream::new(length, Box::pin(first.chain(then))))
        .map_into_boxed_body())
}

async fn buffered(response: ServiceResponse) -> Result<(ServiceResponse<()>, Bytes), Error> {
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let bytes = match body.size() {
        BodySize::None => Bytes::new(),
        _ => to_bytes(body)
            .await
            .map_err(actix_web::error::ErrorInternalServerError)?,
    };
    Ok((ServiceResponse::new(request, response), bytes))
}

fn wrapped(
    mut response: ServiceResponse,
    status: u16,
    content_type: Option<&str>,
) -> ServiceResponse {
    *response.response_mut().status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    if let Some(value) = content_type.and_then(|value| value.parse().ok()) {
        response
            .headers_mut()
            .insert(actix_web::http::header::CONTENT_TYPE, value);
    }
    response
}

use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody, SizedStream, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpMessage as _, HttpResponse};
use futures_util::stream::{self, StreamExt as _};

use super::{GrantType, LiveConnection, Verdict};
use crate::faults::{Answer, AnswerBody, Effect, Endpoint};
use crate::gzip;
use crate::state::State;

/// Lets the faults of the transport act: late, never, by drops, cut, closed, or something else altogether.
pub(crate) async fn transport_faults<B: MessageBody + 'static>(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let on = Endpoint::of_path(request.path());
    let grant = request.extensions().get::<GrantType>().cloned();
    let grant = grant.as_ref().map(|GrantType(grant)| grant.as_str());
    let effects = state.faults.take_for(on, grant, |effect| {
        is_transport(effect).then(|| effect.clone())
    });
    let connection = request.conn_data::<LiveConnection>().cloned();
    for effect in &effects {
        match effect {
            Effect::Delay(milliseconds) => sleep(Duration::from_millis(*milliseconds)).await,
            Effect::Hang => std::future::pending::<()>().await,
            Effect::Close => {
                if let Some(connection) = connection {
                    connection.close();
                }
                return Ok(request.into_response(verdict(
                    HttpResponse::InternalServerError().finish(),
                    "fault: close",
                )));
            }
            Effect::Answer(answer) => {
                return Ok(request.into_response(verdict(made_up(answer), "fault: answer")));
            }
            _ => {}
        }
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    for effect in effects {
        response = match effect {
            Effect::Drip(milliseconds) => dripping(response, milliseconds).await?,
            Effect::Cut => cut(response, connection.clone()).await?,
            Effect::Wrapping {
                status,
                content_type,
            } => wrapped(response, status, content_type.as_deref()),
            _ => response,
        };
    }
    Ok(response)
}

fn is_transport(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Delay(_)
            | Effect::Hang
            | Effect::Drip(_)
            | Effect::Close
            | Effect::Cut
            | Effect::Answer(_)
            | Effect::Wrapping { .. }
    )
}

fn verdict(mut response: HttpResponse, text: &str) -> HttpResponse {
    response.extensions_mut().insert(Verdict(text.to_owned()));
    response
}

fn made_up(answer: &Answer) -> HttpResponse {
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
            .body(gzip::blanks((*bytes).min(MAX_UNPACKED))),
    }
}

const MAX_BODY: usize = 256 * 1024 * 1024;
const MAX_UNPACKED: usize = 1 << 31;

/// One byte at a time, under the announced length.
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

/// The right length announced, half of it sent, the connection closed.
async fn cut(
    response: ServiceResponse,
    connection: Option<LiveConnection>,
) -> Result<ServiceResponse, Error> {
    let (response, bytes) = buffered(response).await?;
    let half = bytes.slice(..bytes.len() / 2);
    let length = bytes.len() as u64;
    let first = stream::once(async move { Ok::<_, Error>(half) });
    let then = stream::once(async move {
        // What was sent before must have left the socket's buffer, or the caller sees no body at all.
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

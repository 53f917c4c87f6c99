//! The control API: the methods of [`Control`] as JSON under `/control/`, for bearers of the control token.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{Error, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, ControlError};
use crate::faults::{Fault, FaultId};
use crate::jwt::Mutation;
use crate::keys::KeyRoll;
use crate::state::State;
use crate::switches::Switches;

/// Adds the routes of the control API.
pub(crate) fn control_routes(config: &mut ServiceConfig) {
    // The scope's middleware also runs for paths without a route, so that all of them require the token.
    config.service(
        web::scope("")
            .wrap(from_fn(require_control_token))
            .route("/directory", web::get().to(directory))
            .route("/calls", web::get().to(calls))
            .route("/calls", web::delete().to(forget_calls))
            .route("/counters", web::get().to(counters))
            .route("/faults", web::get().to(faults))
            .route("/faults", web::post().to(set_fault))
            .route("/faults", web::delete().to(clear_faults))
            .route("/faults/{id}", web::delete().to(remove_fault))
            .route("/keys", web::post().to(roll_keys))
            .route("/switches", web::get().to(switches))
            .route("/switches", web::put().to(set_switches))
            .route("/clock", web::put().to(set_clock))
            .route("/users/{id}", web::patch().to(edit_user))
            .route("/users/{id}/revoke", web::post().to(revoke))
            .route("/consents", web::delete().to(withdraw_consents))
            .route("/redirect-uris", web::post().to(register_redirect_uri))
            .route("/mint", web::post().to(mint)),
    );
}

/// Refuses requests without the control token.
async fn require_control_token<B: MessageBody + 'static>(
    state: Data<State>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let header = request
        .headers()
        .get("authorization")
        .map(|value| value.as_bytes().to_vec())
        .unwrap_or_default();
    let expected = format!("Bearer {}", state.control_token);
    if aws_lc_rs::constant_time::verify_slices_are_equal(&header, expected.as_bytes()).is_err() {
        let body = json!({ "error": "The control API requires 'Authorization: Bearer <token>'. The start log shows the token." });
        let answer = HttpResponse::Unauthorized()
            .insert_header(("WWW-Authenticate", "Bearer"))
            .json(body);
        return Ok(request.into_response(answer).map_into_right_body());
    }
    next.call(request)
        .await
        .map(ServiceResponse::map_into_left_body)
}

fn control(state: &Data<State>) -> Control {
    Control::new(state.clone().into_inner())
}

fn done(result: Result<(), ControlError>) -> HttpResponse {
    match result {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ControlError) -> HttpResponse {
    HttpResponse::NotFound().json(json!({ "error": error.to_string() }))
}

async fn directory(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).directory())
}

async fn calls(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).calls())
}

async fn forget_calls(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).take_calls())
}

async fn counters(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).counters())
}

async fn faults(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).faults().list())
}

async fn set_fault(state: Data<State>, fault: Json<Fault>) -> HttpResponse {
    HttpResponse::Created().json(json!({ "id": control(&state).faults().set(fault.into_inner()) }))
}

async fn clear_faults(state: Data<State>) -> HttpResponse {
    control(&state).faults().clear();
    HttpResponse::NoContent().finish()
}

async fn remove_fault(state: Data<State>, id: Path<FaultId>) -> HttpResponse {
    control(&state).faults().remove(id.into_inner());
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct KeyRollBody {
    roll: KeyRoll,
}

async fn roll_keys(state: Data<State>, roll: Json<KeyRollBody>) -> HttpResponse {
    match control(&state).rotate_keys(roll.roll) {
        Ok(()) => HttpResponse::Ok().json(json!({ "signing_kid": control(&state).signing_kid() })),
        Err(error) => refused(&error),
    }
}

async fn switches(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(control(&state).switches())
}

async fn set_switches(state: Data<State>, switches: Json<Switches>) -> HttpResponse {
    control(&state).set_switches(|current| *current = switches.into_inner());
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct ClockBody {
    offset_seconds: i64,
}

async fn set_clock(state: Data<State>, offset: Json<ClockBody>) -> HttpResponse {
    control(&state).set_clock_offset(offset.offset_seconds);
    HttpResponse::Ok().json(json!({ "now": control(&state).now() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserBody {
    account_enabled: Option<bool>,
    member_of: Option<Vec<String>>,
    generated_groups: Option<u32>,
}

async fn edit_user(state: Data<State>, name: Path<String>, edit: Json<UserBody>) -> HttpResponse {
    let edit = edit.into_inner();
    done(control(&state).edit_user(&name, |user| {
        user.account_enabled = edit.account_enabled.unwrap_or(user.account_enabled);
        user.generated_groups = edit.generated_groups.unwrap_or(user.generated_groups);
        if let Some(groups) = edit.member_of {
            user.member_of = groups;
        }
    }))
}

async fn revoke(state: Data<State>, name: Path<String>) -> HttpResponse {
    done(control(&state).revoke_sessions(&name))
}

async fn withdraw_consents(state: Data<State>) -> HttpResponse {
    control(&state).withdraw_consents();
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedirectUriBody {
    app_id: String,
    uri: String,
}

async fn register_redirect_uri(
    state: Data<State>,
    redirect: Json<RedirectUriBody>,
) -> HttpResponse {
    done(control(&state).register_redirect_uri(&redirect.app_id, &redirect.uri))
}

/// A right token to start with, and its changes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MintBody {
    user: Option<String>,
    api: Option<String>,
    #[serde(default)]
    scopes: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    claims: serde_json::Map<String, Value>,
    #[serde(default)]
    mutation: Mutation,
}

async fn mint(state: Data<State>, body: Json<MintBody>) -> HttpResponse {
    match minted(&control(&state), body.into_inner()) {
        Ok(token) => HttpResponse::Ok().json(json!({ "token": token })),
        Err(error) => refused(&error),
    }
}

fn minted(control: &Control, body: MintBody) -> Result<String, ControlError> {
    let mint = control.mint();
    let roles: Vec<&str> = body.roles.iter().map(String::as_str).collect();
    let mint = match (&body.user, &body.api) {
        (Some(user), Some(api)) => mint.user_token(user, api, &body.scopes)?,
        (None, Some(api)) => mint.application_token(api, &roles)?,
        (_, None) => mint,
    };
    let mint = body
        .claims
        .into_iter()
        .fold(mint, |mint, (name, value)| mint.claim(&name, value));
    mint.mutate(body.mutation).sign()
}

//! The emulator's start page: what it serves, recent requests, and a few faults.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aadsts::Refusal;
use crate::clock::iso;
use crate::directory::{Application, Directory, Tenant, TenantKind};
use crate::faults::{ActiveFault, Endpoint, Fault};
use crate::http::{Origin, Params};
use crate::jwt::Mutation;
use crate::seal::Purpose;
use crate::state::State;
use crate::sync::read;

/// The sealed proof that a form comes from the start page.
#[derive(Deserialize, Serialize)]
struct StartPageState {
    /// Seconds since the Unix epoch.
    expires_at: i64,
}

const SHOWN_CALLS: usize = 40;
/// The time for which the page may stay open, seconds.
const PAGE_LIFETIME: i64 = 12 * 3600;

/// Answers `GET /`: what the emulator serves, and the recent requests.
pub(crate) async fn start_page(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let origin = state.origin_for(&request);
    let directory = read(&state.directory).clone();
    let mut calls = state.journal.calls();
    calls.reverse();
    calls.truncate(SHOWN_CALLS);
    let calls: Vec<Value> = calls
        .iter()
        .map(|call| json!({ "time": iso(call.at), "method": call.method, "path": call.path, "status": call.status, "verdict": call.verdict }))
        .collect();
    let form = StartPageState {
        expires_at: state.clock.now().saturating_add(PAGE_LIFETIME),
    };
    let context = json!({
        "title": "What this emulator serves",
        "origin": origin.url(),
        "tenants": tenants(&directory, &origin),
        "users": users(&directory),
        "applications": directory.applications.iter().map(application).collect::<Vec<_>>(),
        "calls": calls,
        "faults": state.faults.list().iter().map(active_fault).collect::<Vec<_>>(),
        "offered": OFFERED.iter().map(|offer| offer.0).collect::<Vec<_>>(),
        "form": state.sealer.seal(Purpose::StartPage, &form, 0),
        "environment": directory.ready_env(&origin.url(), None).unwrap_or_default(),
    });
    state.pages.page("start_page.html", &context)
}

/// Answers `POST /faults`: sets a fault of the page, or clears all.
pub(crate) async fn set_fault(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let form = Params::parse(&body);
    let opened = state
        .sealer
        .open::<StartPageState>(Purpose::StartPage, form.get("form").unwrap_or_default());
    let now = state.clock.now();
    if opened.is_none_or(|form| form.expires_at < now) {
        let refusal = Refusal::invalid_request(
            165_000,
            "The page was open for too long, or the form does not come from this emulator.",
        );
        return state.pages.error(&state.trace(&request), &refusal);
    }
    match form.get("fault") {
        Some("clear") => state.faults.clear(),
        Some(name) => {
            if let Some((_, make)) = OFFERED.iter().find(|(known, _)| *known == name) {
                state.faults.set(make());
            }
        }
        None => {}
    }
    HttpResponse::SeeOther()
        .insert_header(("Location", "/#faults"))
        .finish()
}

/// Answers `GET /error?code=…`, the address in `error_uri`.
pub(crate) async fn explain_error(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let query = Params::parse(request.query_string().as_bytes());
    let code = query
        .get("code")
        .and_then(|code| code.parse().ok())
        .unwrap_or_default();
    let refusal =
        Refusal::invalid_request(code, "An application received an error with this number.");
    state.pages.error(&state.trace(&request), &refusal)
}

fn active_fault(active: &ActiveFault) -> Value {
    let effect = serde_json::to_string(&active.fault.effect).unwrap_or_default();
    let effect: String = effect.chars().take(200).collect();
    json!({ "on": active.fault.on, "effect": effect, "times": active.fault.times })
}

/// The name of a button, and its fault.
type Offer = (&'static str, fn() -> Fault);

/// The faults that the page offers.
const OFFERED: [Offer; 10] = [
    ("Token endpoint: 500", || {
        Fault::status(Endpoint::Token, 500)
    }),
    ("Token endpoint: 429, retry after 2 s", || {
        Fault::throttled(Endpoint::Token, "2")
    }),
    ("Token endpoint: never answers", || {
        Fault::hang(Endpoint::Token)
    }),
    ("Token endpoint: one byte a second", || {
        Fault::drip(Endpoint::Token)
    }),
    ("Discovery: 503", || Fault::status(Endpoint::Discovery, 503)),
    ("Keys: 503", || Fault::status(Endpoint::Keys, 503)),
    ("ID token: wrong nonce", || {
        Fault::id_token(Mutation::nonce("wrong"))
    }),
    ("ID token: expired", || Fault::id_token(Mutation::expired())),
    ("ID token: bad signature", || {
        Fault::id_token(Mutation::flipped_signature())
    }),
    ("Graph: 429, retry after 2 s", || {
        Fault::throttled(Endpoint::Graph, "2")
    }),
];

fn tenants(directory: &Directory, origin: &Origin) -> Vec<Value> {
    let url = origin.url();
    let authority =
        |tenant: &Tenant| match (tenant.kind, tenant.policies.first(), tenant.domains.first()) {
            (TenantKind::B2c, Some(policy), Some(domain)) => {
                format!("{url}/{domain}/{policy}/v2.0")
            }
            _ => format!("{url}/{}/v2.0", tenant.id),
        };
    let tenants = directory.tenants.iter();
    tenants
        .map(|tenant| json!({ "name": tenant.display_name, "id": tenant.id, "domains": tenant.domains, "authority": authority(tenant) }))
        .collect()
}

fn users(directory: &Directory) -> Vec<Value> {
    let tenant = |id: &str| {
        directory
            .tenant(id)
            .map(|tenant| tenant.display_name.clone())
    };
    let users = directory.users.iter();
    users
        .map(|user| json!({ "name": user.display_name, "username": user.user_principal_name, "id": user.id, "tenant": tenant(&user.tenant), "note": user.note, "initials": user.initials() }))
        .collect()
}

fn application(application: &Application) -> Value {
    json!({
        "name": application.display_name,
        "id": application.app_id,
        "audience": application.sign_in_audience,
        "redirect_uris": application.redirect_uris().map(|(platform, uri)| format!("{platform}: {uri}")).collect::<Vec<_>>(),
        "identifier_uris": application.identifier_uris,
    })
}

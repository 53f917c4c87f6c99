use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::discovery::document_edits;
use crate::faults::Endpoint;
use crate::http::{Origin, Params, Trace, error_json, json_text, trace_headers};
use crate::members::Members;
use crate::state::State;
use crate::sync::read;

use super::authorization_code::redeem;
use super::client_auth::{authenticate, client, fold_basic};
use super::client_credentials::client_credentials;
use super::cross_origin::{Sender, allow};
use super::refresh_token::refresh;

/// `POST /{tenant}[/{policy}]/oauth2/v2.0/token`
pub(crate) async fn token(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let trace = Trace::new(&state, &request);
    let asked = TokenRequest::read(&state, &request, &body);
    let (sender, grant) = match &asked {
        Ok(asked) => (Some(asked.sender.clone()), asked.grant.clone()),
        Err(_) => (None, String::new()),
    };
    let answer = asked.and_then(|asked| asked.answer(&state, &request));
    let mut response = match answer {
        Ok(mut answer) => {
            for edits in state.faults.take(Endpoint::Token, document_edits) {
                edits.iter().for_each(|edit| edit.apply(&mut answer));
            }
            let mut response = json_text(200, answer.to_text());
            trace_headers(&mut response, &trace);
            response
        }
        Err(refusal) => error_json(&state, &trace, &refusal),
    };
    allow(sender.as_ref(), &grant, response.headers_mut());
    response
}

/// Any other method.
pub(crate) async fn not_post(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let refusal = Refusal::invalid_request(
        900_561,
        "The endpoint only accepts POST, OPTIONS requests. Received a GET request.",
    );
    error_json(&state, &Trace::new(&state, &request), &refusal)
}

/// A token request of a known application.
struct TokenRequest {
    authority: Authority,
    application: Application,
    params: Params,
    grant: String,
    sender: Sender,
}

impl TokenRequest {
    fn read(state: &State, request: &HttpRequest, body: &[u8]) -> Result<Self, Refusal> {
        let form = request
            .content_type()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let mut params = Params::parse(if form { body } else { b"" });
        if let Some(name) = params.repeated() {
            return Err(Refusal::invalid_request(
                9_002_313,
                format!(
                    "Invalid request. Request is malformed or invalid: the parameter '{name}' stands twice."
                ),
            ));
        }
        let directory = read(&state.directory);
        let authority = Authority::of(request, &directory)?;
        let grant = params
            .get("grant_type")
            .ok_or_else(|| Refusal::missing("grant_type"))?
            .to_owned();
        fold_basic(request, &mut params)?;
        let application = client(&authority, &params, &directory)?;
        Ok(Self {
            sender: Sender::of(request, &application),
            authority,
            application,
            params,
            grant,
        })
    }

    fn answer(self, state: &State, request: &HttpRequest) -> Result<Members, Refusal> {
        let Self {
            authority,
            application,
            params,
            grant,
            sender,
        } = self;
        if params.has("resource") {
            return Err(Refusal::invalid_request(
                901_002,
                "The 'resource' request parameter is not supported.",
            ));
        }
        let origin = Origin::of(state, request);
        match grant.as_str() {
            "authorization_code" => {
                redeem(state, (origin, &sender), &authority, application, &params)
            }
            "refresh_token" => {
                let public =
                    application.web.redirect_uris.is_empty() || matches!(sender, Sender::Page(_));
                let client_auth = authenticate(state, &application, &authority, &params, public)?;
                let from = (origin, &sender);
                refresh(state, from, &authority, application, client_auth, &params)
            }
            "client_credentials" => {
                sender.may_redeem(false, true)?;
                let client_auth = authenticate(state, &application, &authority, &params, false)?;
                client_credentials(state, origin, &authority, application, client_auth, &params)
            }
            other => Err(Refusal::new(
                "unsupported_grant_type",
                70_003,
                format!("The app requested an unsupported grant type '{other}'."),
            )),
        }
    }
}

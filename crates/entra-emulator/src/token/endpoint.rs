//! The token endpoint: reads a request and dispatches it to its grant.

use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::Application;
use crate::faults::Endpoint;
use crate::http::{Params, error_json, json_text};
use crate::members::Members;
use crate::state::State;
use crate::sync::read;

use super::client_auth::{authenticate, copy_basic_credentials};
use super::client_credentials_grant::client_credentials;
use super::code_grant::redeem;
use super::cross_origin::{Sender, allow};
use super::refresh_grant::refresh;

/// Answers `POST /{tenant}[/{policy}]/oauth2/v2.0/token`.
pub(crate) async fn token(
    state: web::Data<State>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    let trace = state.trace(&request);
    let asked = TokenRequest::read(&state, &request, &body);
    let (sender, grant) = match &asked {
        Ok(asked) => (Some(asked.sender.clone()), asked.grant.clone()),
        Err(_) => (None, String::new()),
    };
    let answer = asked.and_then(|asked| asked.answer(&state, &request));
    let mut response = match answer {
        Ok(mut answer) => {
            state.faults.edit_document(Endpoint::Token, &mut answer);
            let mut response = json_text(200, answer.to_text());
            trace.add_headers(&mut response);
            response
        }
        Err(refusal) => error_json(&state.origin, &trace, &refusal),
    };
    allow(sender.as_ref(), &grant, response.headers_mut());
    response
}

/// Refuses any other method.
pub(crate) async fn not_post(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let refusal = Refusal::invalid_request(
        900_561,
        "The endpoint only accepts POST, OPTIONS requests. Received a GET request.",
    );
    error_json(&state.origin, &state.trace(&request), &refusal)
}

/// A token request of a registered client.
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
        params.refuse_repeated()?;
        let directory = read(&state.directory);
        let authority = Authority::of(request, &directory)?;
        let grant = params.require("grant_type")?.to_owned();
        copy_basic_credentials(request, &mut params)?;
        let application = authority.client(&params, &directory)?;
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
            return Err(Refusal::resource_parameter());
        }
        let origin = state.origin_for(request);
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

//! The remaining parameters of an authorization request, checked.

use crate::aadsts::Refusal;
use crate::directory::{Directory, Platform};
use crate::http::Params;
use crate::pkce::Challenge;
use crate::scope::Scopes;

use super::request::AuthorizeRequest;

/// The checked parameters of an authorization request.
#[derive(Clone, Debug)]
pub(crate) struct CheckedParameters {
    pub(crate) response_type: ResponseType,
    pub(crate) scopes: Scopes,
    pub(crate) prompt: Prompt,
    /// Seconds.
    pub(crate) max_age: Option<i64>,
    pub(crate) challenge: Option<Challenge>,
}

/// The parts of the authorization response that `response_type` requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ResponseType {
    pub(crate) code: bool,
    pub(crate) id_token: bool,
    pub(crate) access_token: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// The request has no `prompt`.
    Default,
    None,
    Login,
    SelectAccount,
    Consent,
}

impl CheckedParameters {
    /// Checks the parameters. A refusal is sent to the redirect URI.
    pub(super) fn check(
        request: &AuthorizeRequest,
        directory: &Directory,
    ) -> Result<Self, Refusal> {
        let params = &request.params;
        let response_type = ResponseType::check(request)?;
        if params.has("resource") {
            return Err(Refusal::resource_parameter());
        }
        let scopes = Scopes::parse(params.require("scope")?, directory)?;
        if response_type.id_token && !params.has("nonce") {
            return Err(Refusal::missing("nonce"));
        }
        Ok(Self {
            response_type,
            scopes,
            prompt: Prompt::check(params)?,
            max_age: max_age(params)?,
            challenge: challenge(request)?,
        })
    }
}

impl ResponseType {
    fn check(request: &AuthorizeRequest) -> Result<Self, Refusal> {
        let asked = request.params.require("response_type")?;
        let response_type = Self::parse(asked)?;
        let issuance = request.application.web.implicit_grant_settings;
        if (response_type.id_token && !issuance.enable_id_token_issuance)
            || (response_type.access_token && !issuance.enable_access_token_issuance)
        {
            return Err(Refusal::new(
                "unsupported_response_type",
                700_054,
                "Response_type 'id_token' is not enabled for the application.",
            ));
        }
        response_type.check_mode(&request.params)?;
        Ok(response_type)
    }

    fn parse(asked: &str) -> Result<Self, Refusal> {
        let mut kinds: Vec<&str> = asked.split_ascii_whitespace().collect();
        kinds.sort_unstable();
        let (code, id_token, access_token) = match kinds.as_slice() {
            ["code"] => (true, false, false),
            ["id_token"] => (false, true, false),
            ["code", "id_token"] => (true, true, false),
            ["id_token", "token"] => (false, true, true),
            _ => {
                return Err(Refusal::new(
                    "unsupported_response_type",
                    70_005,
                    format!("The response type '{asked}' is not supported for the application."),
                ));
            }
        };
        Ok(Self {
            code,
            id_token,
            access_token,
        })
    }

    /// Refuses tokens in a query.
    fn check_mode(self, params: &Params) -> Result<(), Refusal> {
        let has_tokens = self.id_token || self.access_token;
        match params.get("response_mode") {
            None | Some("fragment" | "form_post") => Ok(()),
            Some("query") if !has_tokens => Ok(()),
            Some(mode) => Err(Refusal::invalid_request(
                70_007,
                format!(
                    "'{mode}' is not a supported value of 'response_mode' for this response type."
                ),
            )),
        }
    }
}

impl Prompt {
    fn check(params: &Params) -> Result<Self, Refusal> {
        match params.get("prompt") {
            None => Ok(Self::Default),
            Some("none") => Ok(Self::None),
            Some("login") => Ok(Self::Login),
            Some("select_account") => Ok(Self::SelectAccount),
            Some("consent") => Ok(Self::Consent),
            Some(other) => Err(Refusal::invalid_request(
                90_023,
                format!("Unsupported 'prompt' value '{other}'."),
            )),
        }
    }
}

fn max_age(params: &Params) -> Result<Option<i64>, Refusal> {
    let Some(text) = params.get("max_age") else {
        return Ok(None);
    };
    match text.parse() {
        Ok(age) if age >= 0 => Ok(Some(age)),
        _ => Err(Refusal::invalid_request(
            90_100,
            "max_age is not a valid number of seconds.",
        )),
    }
}

/// Reads the PKCE challenge, which is required of single-page applications.
fn challenge(request: &AuthorizeRequest) -> Result<Option<Challenge>, Refusal> {
    match request.params.get("code_challenge") {
        Some(value) => {
            let method = request.params.get("code_challenge_method");
            Challenge::new(value, method).map(Some)
        }
        None if request.platform == Platform::SinglePage => Err(Refusal::invalid_request(
            9_002_325,
            "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
        )),
        None => Ok(None),
    }
}

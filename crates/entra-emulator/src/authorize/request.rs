use crate::aadsts::Refusal;
use crate::authority::{Authority, unknown_application};
use crate::directory::{Application, Directory};
use crate::http::Params;
use crate::scope::Scopes;

use super::{Platform, first_difference, registered_platform};

/// An authorization request whose client and redirect URI are known: from here on, refusals go back to the client.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizeRequest {
    pub(crate) authority: Authority,
    pub(crate) application: Application,
    pub(crate) redirect_uri: String,
    pub(crate) platform: Platform,
    pub(crate) params: Params,
}

/// What the request asks for, checked.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) scopes: Scopes,
    pub(crate) code: bool,
    pub(crate) id_token: bool,
    pub(crate) access_token: bool,
    pub(crate) prompt: Prompt,
    pub(crate) max_age: Option<i64>,
    pub(crate) challenge: Option<Challenge>,
}

/// A PKCE challenge (RFC 7636).
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) plain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    Default,
    None,
    Login,
    SelectAccount,
    Consent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl AuthorizeRequest {
    /// Checks client and redirect URI. A refusal here is a page, never a redirect (`entra.md` 2.3).
    pub(crate) fn new(
        authority: Authority,
        params: Params,
        directory: &Directory,
    ) -> Result<Self, Refusal> {
        if let Some(name) = params.repeated() {
            return Err(Refusal::invalid_request(
                9_002_313,
                format!(
                    "Invalid request. Request is malformed or invalid: the parameter '{name}' stands twice."
                ),
            ));
        }
        let client_id = params
            .get("client_id")
            .ok_or_else(|| Refusal::missing("client_id"))?;
        let known = directory.application(client_id);
        let application = known
            .ok_or_else(|| unknown_application(client_id, &authority.segment))?
            .clone();
        authority.check_application(&application)?;
        let (redirect_uri, platform) = redirect_uri(&application, params.get("redirect_uri"))?;
        Ok(Self {
            authority,
            application,
            redirect_uri,
            platform,
            params,
        })
    }

    /// Where the response goes: as asked, else by the response type.
    pub(crate) fn response_mode(&self) -> ResponseMode {
        match self.params.get("response_mode") {
            Some("fragment") => ResponseMode::Fragment,
            Some("form_post") => ResponseMode::FormPost,
            Some("query") => ResponseMode::Query,
            _ if self
                .params
                .get("response_type")
                .is_some_and(|kinds| kinds.contains("token")) =>
            {
                ResponseMode::Fragment
            }
            _ => ResponseMode::Query,
        }
    }

    /// Checks the rest. A refusal here is sent to the redirect URI.
    pub(crate) fn wanted(&self, directory: &Directory) -> Result<Wanted, Refusal> {
        let (code, id_token, access_token) = self.response_type()?;
        self.check_response_mode(id_token || access_token)?;
        if self.params.has("resource") {
            return Err(Refusal::invalid_request(
                901_002,
                "The 'resource' request parameter is not supported.",
            ));
        }
        let scope = self
            .params
            .get("scope")
            .ok_or_else(|| Refusal::missing("scope"))?;
        let scopes = Scopes::parse(scope, directory)?;
        if id_token && !self.params.has("nonce") {
            return Err(Refusal::missing("nonce"));
        }
        let max_age = self.params.get("max_age").map(|age| {
            let valid = age.parse::<i64>().ok().filter(|age| *age >= 0);
            valid.ok_or_else(|| {
                Refusal::invalid_request(90_100, "max_age is not a valid number of seconds.")
            })
        });
        Ok(Wanted {
            scopes,
            code,
            id_token,
            access_token,
            prompt: self.prompt()?,
            max_age: max_age.transpose()?,
            challenge: self.challenge()?,
        })
    }

    fn response_type(&self) -> Result<(bool, bool, bool), Refusal> {
        let asked = self
            .params
            .get("response_type")
            .ok_or_else(|| Refusal::missing("response_type"))?;
        let mut kinds: Vec<&str> = asked.split_ascii_whitespace().collect();
        kinds.sort_unstable();
        let (code, id_token, token) = match kinds.as_slice() {
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
        let switches = self.application.web.implicit_grant_settings;
        if (id_token && !switches.enable_id_token_issuance)
            || (token && !switches.enable_access_token_issuance)
        {
            return Err(Refusal::new(
                "unsupported_response_type",
                700_054,
                "Response_type 'id_token' is not enabled for the application.",
            ));
        }
        Ok((code, id_token, token))
    }

    fn check_response_mode(&self, tokens: bool) -> Result<(), Refusal> {
        match self.params.get("response_mode") {
            None | Some("fragment" | "form_post") => Ok(()),
            Some("query") if !tokens => Ok(()),
            Some(mode) => Err(Refusal::invalid_request(
                70_007,
                format!(
                    "'{mode}' is not a supported value of 'response_mode' for this response type."
                ),
            )),
        }
    }

    fn prompt(&self) -> Result<Prompt, Refusal> {
        match self.params.get("prompt") {
            None => Ok(Prompt::Default),
            Some("none") => Ok(Prompt::None),
            Some("login") => Ok(Prompt::Login),
            Some("select_account") => Ok(Prompt::SelectAccount),
            Some("consent") => Ok(Prompt::Consent),
            Some(other) => Err(Refusal::invalid_request(
                90_023,
                format!("Unsupported 'prompt' value '{other}'."),
            )),
        }
    }

    /// PKCE: `plain` where the method is missing; required where there is no client that could keep a secret.
    fn challenge(&self) -> Result<Option<Challenge>, Refusal> {
        let Some(value) = self.params.get("code_challenge") else {
            return match self.platform {
                Platform::SinglePage => Err(Refusal::invalid_request(
                    9_002_325,
                    "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
                )),
                Platform::Web | Platform::Public => Ok(None),
            };
        };
        let plain = match self.params.get("code_challenge_method") {
            None | Some("plain") => true,
            Some("S256") => false,
            Some(other) => {
                return Err(Refusal::invalid_request(
                    501_491,
                    format!("Invalid code_challenge_method '{other}'."),
                ));
            }
        };
        if !(43..=128).contains(&value.len()) {
            return Err(Refusal::invalid_request(
                501_491,
                "Invalid size of code_challenge parameter: 43 to 128 characters are allowed.",
            ));
        }
        Ok(Some(Challenge {
            value: value.to_owned(),
            plain,
        }))
    }
}

fn redirect_uri(
    application: &Application,
    sent: Option<&str>,
) -> Result<(String, Platform), Refusal> {
    let Some(sent) = sent else {
        let first = application
            .redirect_uris()
            .next()
            .map(|(_, uri)| uri.to_owned())
            .ok_or_else(|| {
                Refusal::invalid_request(900_971, "No reply address provided.")
                    .advise("Register a redirect URI.")
            })?;
        let platform = registered_platform(application, &first).unwrap_or(Platform::Web);
        return Ok((first, platform));
    };
    let platform = registered_platform(application, sent).ok_or_else(|| {
        let message = format!(
            "The redirect URI '{sent}' specified in the request does not match the redirect URIs configured for the application '{}'.",
            application.app_id
        );
        Refusal::invalid_request(50_011, message)
            .advise("Register exactly the address that was sent (scheme, host, path, letter case, slash), or send one that is registered. The port counts everywhere but on http://localhost; 127.0.0.1 is another host than localhost.")
            .compare(sent, application.redirect_uris(), |platform, registered| {
                first_difference(platform, registered, sent)
            })
    })?;
    Ok((sent.to_owned(), platform))
}

//! An authorization request whose client and redirect URI are valid.

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::directory::{Application, Directory, Platform, first_difference, registered_platform};
use crate::http::Params;

/// An authorization request with a known client and redirect URI: all later refusals are sent to the client.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizeRequest {
    pub(crate) authority: Authority,
    pub(crate) application: Application,
    pub(crate) redirect_uri: String,
    pub(crate) platform: Platform,
    pub(crate) params: Params,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl AuthorizeRequest {
    /// Checks client and redirect URI. A refusal is shown as a page and never sent to the redirect URI.
    pub(crate) fn new(
        authority: Authority,
        params: Params,
        directory: &Directory,
    ) -> Result<Self, Refusal> {
        params.refuse_repeated()?;
        let application = authority.client(&params, directory)?;
        let (redirect_uri, platform) = match params.get("redirect_uri") {
            Some(sent) => (sent.to_owned(), platform_of(&application, sent)?),
            None => first_redirect_uri(&application)?,
        };
        Ok(Self {
            authority,
            application,
            redirect_uri,
            platform,
            params,
        })
    }

    /// Returns the requested response mode, or that of the response type.
    pub(crate) fn response_mode(&self) -> ResponseMode {
        let has_tokens = || {
            let response_type = self.params.get("response_type");
            response_type.is_some_and(|kinds| kinds.contains("token"))
        };
        match self.params.get("response_mode") {
            Some("fragment") => ResponseMode::Fragment,
            Some("form_post") => ResponseMode::FormPost,
            Some("query") => ResponseMode::Query,
            _ if has_tokens() => ResponseMode::Fragment,
            _ => ResponseMode::Query,
        }
    }
}

/// Chooses the first registered redirect URI for a request that names none.
fn first_redirect_uri(application: &Application) -> Result<(String, Platform), Refusal> {
    let first = application.redirect_uris().next();
    let (_, uri) = first.ok_or_else(|| {
        Refusal::invalid_request(900_971, "No reply address provided.")
            .advise("Register a redirect URI.")
    })?;
    let platform = registered_platform(application, uri).unwrap_or(Platform::Web);
    Ok((uri.to_owned(), platform))
}

fn platform_of(application: &Application, sent: &str) -> Result<Platform, Refusal> {
    registered_platform(application, sent).ok_or_else(|| {
        let message = format!(
            "The redirect URI '{sent}' specified in the request does not match the redirect URIs configured for the application '{}'.",
            application.app_id
        );
        Refusal::invalid_request(50_011, message)
            .advise("Register exactly the address that was sent (scheme, host, path, letter case, slash), or send one that is registered. The port is compared everywhere but on http://localhost; 127.0.0.1 is another host than localhost.")
            .compare(sent, application.redirect_uris(), |platform, registered| {
                first_difference(platform, registered, sent)
            })
    })
}

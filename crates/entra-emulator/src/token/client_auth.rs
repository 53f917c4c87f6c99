//! Client authentication: secret, client assertion or none.

use actix_web::HttpRequest;

use crate::aadsts::Refusal;
use crate::authority::Authority;
use crate::clock::parse_iso;
use crate::directory::Application;
use crate::encoding::from_base64;
use crate::http::Params;
use crate::state::State;

use super::assertion;

/// How the client authenticated, which the claim `azpacr` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    Public,
    Secret,
    Certificate,
}

impl ClientAuth {
    pub(crate) fn azpacr(self) -> &'static str {
        match self {
            Self::Public => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// Copies HTTP Basic credentials into form fields; both parts are form-encoded (RFC 6749 section 2.3.1).
pub(super) fn copy_basic_credentials(
    request: &HttpRequest,
    params: &mut Params,
) -> Result<(), Refusal> {
    let Some(header) = request
        .headers()
        .get("authorization")
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(());
    };
    let malformed = || {
        Refusal::invalid_client(
            7_000_215,
            "The Authorization header holds no valid Basic credentials.",
        )
    };
    let (scheme, value) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(malformed());
    }
    let decoded = from_base64(value.trim())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(malformed)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    let id = form_decoded(id);
    if params.get("client_id").is_some_and(|given| given != id) || params.has("client_secret") {
        return Err(Refusal::invalid_request(
            90_023,
            "Client credentials were sent twice and differ.",
        ));
    }
    params.set("client_id", &id);
    params.set("client_secret", &form_decoded(secret));
    Ok(())
}

fn form_decoded(text: &str) -> String {
    // Decoded as the value of a pair, so that '=' and '&' in it are kept.
    let escaped = text.replace('&', "%26");
    let pair = format!("v={escaped}");
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Checks the client's credential. `public`: the redirect URI belongs to a client that cannot keep a secret.
pub(super) fn authenticate(
    state: &State,
    application: &Application,
    authority: &Authority,
    params: &Params,
    public: bool,
) -> Result<ClientAuth, Refusal> {
    let credential =
        params.get("client_secret").is_some() || params.get("client_assertion").is_some();
    if public || application.is_fallback_public_client || !application.has_credential() {
        return match credential {
            false => Ok(ClientAuth::Public),
            true => Err(Refusal::invalid_client(
                700_025,
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
            )),
        };
    }
    match (params.get("client_assertion"), params.get("client_secret")) {
        (Some(text), _) => {
            assertion::check(state, application, authority, params, text)?;
            Ok(ClientAuth::Certificate)
        }
        (None, Some(secret)) => {
            check_secret(state, application, secret)?;
            Ok(ClientAuth::Secret)
        }
        (None, None) => Err(Refusal::credential_missing()),
    }
}

fn check_secret(state: &State, application: &Application, secret: &str) -> Result<(), Refusal> {
    let same = |known: &str| {
        aws_lc_rs::constant_time::verify_slices_are_equal(known.as_bytes(), secret.as_bytes())
            .is_ok()
    };
    let mut known = application.password_credentials.iter();
    let found = known.find(|known| known.secret_text.as_deref().is_some_and(same)).ok_or_else(|| {
        Refusal::invalid_client(
            7_000_215,
            format!("Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.", application.app_id),
        )
    })?;
    let expiry = found.end_date_time.as_deref().and_then(parse_iso);
    if expiry.is_some_and(|expiry| expiry < state.clock.now()) {
        return Err(Refusal::invalid_client(
            7_000_222,
            format!(
                "The provided client secret keys for app '{}' are expired.",
                application.app_id
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_decodes_basic_credentials() {
        assert_eq!(form_decoded("a%2Bb+c%3D%26%25"), "a+b c=&%");
        assert_eq!(form_decoded("plain~secret=1"), "plain~secret=1");
    }
}

//! The authorization request.

use crate::config_room::{
    Authority, ResponseMode, domain_hints::check_domain_hints, settings_reader::SettingsReader,
};

/// The settings of the group `SignIn`.
pub(super) struct SignInSettings {
    pub(super) scopes: Vec<String>,
    pub(super) domain_hints: Vec<String>,
    pub(super) response_mode: ResponseMode,
    pub(super) userinfo: bool,
}

impl SignInSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>, authority: Option<&Authority>) -> Self {
        let scopes = scopes(reader, authority);
        let hints = reader.list("AAD_DOMAIN_HINTS");
        let hints = reader.accept(check_domain_hints(hints));
        let response_mode = reader.parsed("AAD_RESPONSE_MODE", response_mode);
        Self {
            scopes,
            domain_hints: hints.unwrap_or_default(),
            response_mode: response_mode.unwrap_or(ResponseMode::Query),
            userinfo: reader.flag("AAD_USERINFO"),
        }
    }
}

/// The scopes of the authorization request. By default only Microsoft is asked for a refresh token.
///
/// At other providers `offline_access` means a grant that outlives the user's session there (OpenID
/// Connect Core 1.0 section 11). It needs a permission of its own, and many providers issue a refresh
/// token without it.
fn scopes(reader: &mut SettingsReader<'_>, authority: Option<&Authority>) -> Vec<String> {
    let is_microsoft = authority.is_none_or(|authority| authority.tenant().is_some());
    let default = if is_microsoft {
        "openid profile email offline_access"
    } else {
        "openid profile email"
    };
    let scopes = reader.parsed("AAD_SCOPES", |value| {
        let scopes: Vec<_> = value.split([' ', ',']).filter(|s| !s.is_empty()).collect();
        // RFC 6749 appendix A.4 (scope-token).
        let valid = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if !scopes.contains(&"openid") {
            Err("must contain openid: without it there is no ID token")
        } else if !scopes.iter().all(|scope| scope.bytes().all(valid)) {
            Err("must be scope names separated by spaces")
        } else {
            Ok(scopes)
        }
    });
    let scopes = scopes.unwrap_or_else(|| default.split(' ').collect());
    scopes.into_iter().map(str::to_owned).collect()
}

fn response_mode(value: &str) -> Result<ResponseMode, &'static str> {
    match value {
        "query" => Ok(ResponseMode::Query),
        "form_post" => Ok(ResponseMode::FormPost),
        _ => Err("must be query or form_post"),
    }
}

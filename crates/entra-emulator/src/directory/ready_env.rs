//! The environment variables with which an application signs in at the emulator.

use url::Url;

use super::{Directory, registered_platform};

impl Directory {
    /// Writes the lines of a `.env` file for an application at this emulator.
    ///
    /// The application is the one that registers `redirect_uri`, or the first with a redirect URI of the platform "Web".
    /// `None` when there is no such application.
    pub(crate) fn ready_env(&self, emulator: &str, redirect_uri: Option<&str>) -> Option<String> {
        let application = self.applications.iter().find(|known| match redirect_uri {
            Some(uri) => registered_platform(known, uri).is_some(),
            None => !known.web.redirect_uris.is_empty(),
        })?;
        let redirect =
            redirect_uri.or_else(|| application.web.redirect_uris.first().map(String::as_str))?;
        let redirect = Url::parse(redirect).ok()?;
        let secret = application
            .first_secret()
            .map(|secret| format!("AAD_CLIENT_SECRET={secret}"));
        let before = [
            "# A local emulator, not Microsoft: for development on this machine only.".to_owned(),
            format!("AAD_AUTHORITY_HOST={emulator}"),
            format!("AAD_TENANT_ID={}", application.tenant),
            format!("AAD_CLIENT_ID={}", application.app_id),
        ];
        let after = [
            format!("AAD_BASE_URL={}", redirect.origin().ascii_serialization()),
            format!("AAD_REDIRECT_PATH={}", redirect.path()),
            format!("AAD_GRAPH_URL={emulator}"),
        ];
        let lines: Vec<String> = before.into_iter().chain(secret).chain(after).collect();
        Some(lines.join("\n") + "\n")
    }
}

use url::Url;

use crate::directory::{Application, Directory};

/// The lines of a `.env` for the first application with a redirect URI, or for the one that registers the given URI.
pub(crate) fn ready_env(
    directory: &Directory,
    origin: &str,
    redirect_uri: Option<&str>,
) -> Option<String> {
    let registers = |application: &&Application| match redirect_uri {
        Some(uri) => crate::authorize::registered_platform(application, uri).is_some(),
        None => !application.web.redirect_uris.is_empty(),
    };
    let application = directory.applications.iter().find(registers)?;
    let redirect =
        redirect_uri.or_else(|| application.web.redirect_uris.first().map(String::as_str))?;
    let redirect = Url::parse(redirect).ok()?;
    let mut lines = vec![
        "# A local emulator, not Microsoft: for development on this machine only.".to_owned(),
        format!("AAD_AUTHORITY_HOST={origin}"),
        format!("AAD_TENANT_ID={}", application.tenant),
        format!("AAD_CLIENT_ID={}", application.app_id),
    ];
    if let Some(secret) = application.first_secret() {
        lines.push(format!("AAD_CLIENT_SECRET={secret}"));
    }
    lines.push(format!(
        "AAD_BASE_URL={}",
        redirect.origin().ascii_serialization()
    ));
    lines.push(format!("AAD_REDIRECT_PATH={}", redirect.path()));
    lines.push(format!("AAD_GRAPH_URL={origin}"));
    Some(lines.join("\n") + "\n")
}

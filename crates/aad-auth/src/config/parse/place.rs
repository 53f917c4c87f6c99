//! Where the application runs, and under which addresses browsers reach it.

use std::path::PathBuf;

use url::Url;

use crate::config::{
    BaseUrl, Problem, Source, instance::is_plain_path, is_loopback, source::Reader,
};

/// `AAD_STATE_DIR`, else the user's own state folder (XDG Base Directory specification).
pub(super) fn state_dir(reader: &mut Reader<'_>) -> Option<PathBuf> {
    if let Some(folder) = reader.text("AAD_STATE_DIR") {
        return Some(PathBuf::from(folder));
    }
    default_state_dir(reader.source())
}

/// The folder for what has to outlive the process, where `AAD_STATE_DIR` is not set: in the user's
/// own state folder (XDG Base Directory specification).
pub fn default_state_dir(source: &Source) -> Option<PathBuf> {
    let state = source.get("XDG_STATE_HOME").map(PathBuf::from);
    let home = source
        .get("HOME")
        .map(|home| PathBuf::from(home).join(".local/state"));
    Some(state.or(home)?.join("aad-auth"))
}

/// Variables that hosting platforms set: with one of them, "the listener is on loopback" says
/// nothing about who reaches it.
const HOSTED: [&str; 3] = [
    "WEBSITE_SITE_NAME",
    "CONTAINER_APP_NAME",
    "KUBERNETES_SERVICE_HOST",
];

/// Whether the settings describe a developer's own machine: the listener is on loopback and no
/// hosting platform has set its variables.
pub fn is_local(source: &Source) -> bool {
    let host = source.get("HOST").unwrap_or("localhost");
    let loopback = Url::parse(&format!("http://{host}/"))
        .or_else(|_| Url::parse(&format!("http://[{host}]/")))
        .is_ok_and(|url| is_loopback(&url));
    loopback && HOSTED.iter().all(|name| source.get(name).is_none())
}

pub(super) fn base_url(reader: &mut Reader<'_>) -> Option<BaseUrl> {
    if let Some(value) = reader.text("AAD_BASE_URL") {
        return reader.parsed("AAD_BASE_URL", |_| BaseUrl::parse(value));
    }
    if !is_local(reader.source()) {
        reader.problem(
            "AAD_BASE_URL",
            "must be the address under which browsers reach the application: it can be guessed \
             only while the listener is on loopback",
        );
        return None;
    }
    let tls = reader.source().get("TLS_CERT_FILE").is_some();
    let scheme = if tls { "https" } else { "http" };
    let port = reader.source().get("PORT").unwrap_or("5000");
    BaseUrl::parse(&format!("{scheme}://localhost:{port}"))
        .ok()
        .or_else(|| {
            reader.add(Problem::new("PORT", "must be a port number", "5000"));
            None
        })
}

pub(super) fn path(reader: &mut Reader<'_>, name: &'static str, default: &'static str) -> String {
    reader
        .parsed(name, |value| {
            if is_plain_path(value) {
                Ok(value.to_owned())
            } else {
                Err("must be a path of plain characters that starts with / and does not end with /")
            }
        })
        .unwrap_or_else(|| default.to_owned())
}

pub(super) fn cors_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let origins = reader.list("AAD_CORS_ORIGINS");
    for origin in &origins {
        let exact =
            Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
        if !exact {
            reader.problem(
                "AAD_CORS_ORIGINS",
                "must be origins (scheme, host and port, without a slash at the end) separated by \
                 commas; * is not possible with credentials",
            );
            return Vec::new();
        }
    }
    origins.into_iter().map(str::to_owned).collect()
}

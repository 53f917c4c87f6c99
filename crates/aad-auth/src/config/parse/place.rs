//! Where the application runs, and under which addresses browsers reach it.

use std::path::PathBuf;

use url::Url;

use crate::config_room::{
    BaseUrl, Problem, Source, instance::is_plain_path, is_loopback, source::Reader, table::example,
};

/// `AAD_STATE_DIR`, else the user's own state folder.
pub(super) fn state_dir(reader: &mut Reader<'_>) -> Option<PathBuf> {
    if let Some(folder) = reader.text("AAD_STATE_DIR") {
        return Some(PathBuf::from(folder));
    }
    default_state_dir(reader.source())
}

/// The folder for what has to outlive the process, where `AAD_STATE_DIR` is not set. The user's own:
/// `$XDG_STATE_HOME/aad-auth` (XDG Base Directory specification), else `~/.local/state/aad-auth`, on
/// macOS `~/Library/Application Support/aad-auth`, on Windows `%LOCALAPPDATA%\aad-auth`. `None` where
/// the variables of all of them are missing.
pub fn default_state_dir(source: &Source) -> Option<PathBuf> {
    state_dir_on(System::CURRENT, source)
}

/// Whether there is a folder for what the settings want to keep there: a secret that is generated, or
/// the file of the sessions. For applications that bring no store of their own.
///
/// # Errors
/// `AAD_STATE_DIR`, where no variable names a folder.
pub fn check_state_dir(source: &Source) -> Result<(), Problem> {
    let is_needed = ["AAD_SESSION_SECRET", "AAD_SESSION_STORE"]
        .iter()
        .any(|name| source.get(name).is_none() && source.get(&format!("{name}_FILE")).is_none());
    let is_named = source.get("AAD_STATE_DIR").is_some() || default_state_dir(source).is_some();
    if is_needed && !is_named {
        return Err(no_state_dir());
    }
    Ok(())
}

/// No folder is named by any variable.
pub(crate) fn no_state_dir() -> Problem {
    let variables = match System::CURRENT {
        System::Unix => "neither XDG_STATE_HOME nor HOME is set",
        System::MacOs => "HOME is not set",
        System::Windows => "LOCALAPPDATA is not set",
    };
    let rule = format!("must name a folder for sessions and keys, since {variables}");
    Problem::new("AAD_STATE_DIR", rule, example("AAD_STATE_DIR"))
}

/// How a family of systems names a user's folders.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum System {
    Unix,
    MacOs,
    Windows,
}

impl System {
    const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Unix
    };
}

fn state_dir_on(system: System, source: &Source) -> Option<PathBuf> {
    let below = |name, folders: &[&str]| {
        let folder = PathBuf::from(source.get(name)?);
        Some(
            folders
                .iter()
                .fold(folder, |folder, name| folder.join(name)),
        )
    };
    let own = match system {
        System::Unix => below("HOME", &[".local", "state"]),
        System::MacOs => below("HOME", &["Library", "Application Support"]),
        System::Windows => below("LOCALAPPDATA", &[]),
    };
    Some(below("XDG_STATE_HOME", &[]).or(own)?.join("aad-auth"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_own_default_folder() {
        let all = Source::new()
            .with("HOME", "/home/ada")
            .with("LOCALAPPDATA", "/local");
        for (system, expected) in [
            (System::Unix, "/home/ada/.local/state/aad-auth"),
            (
                System::MacOs,
                "/home/ada/Library/Application Support/aad-auth",
            ),
            (System::Windows, "/local/aad-auth"),
        ] {
            let folder = state_dir_on(system, &all);
            assert_eq!(folder, Some(PathBuf::from(expected)));
            // An explicit setting wins on every system.
            let xdg = all.clone().with("XDG_STATE_HOME", "/state");
            let folder = state_dir_on(system, &xdg);
            assert_eq!(folder, Some(PathBuf::from("/state/aad-auth")));
            assert_eq!(state_dir_on(system, &Source::new()), None);
        }
        assert!(check_state_dir(&Source::new().with("AAD_SESSION_STORE", "memory")).is_err());
        let unix = Source::new().with("LOCALAPPDATA", "/local");
        assert_eq!(state_dir_on(System::Unix, &unix), None);
        let windows = Source::new().with("HOME", "/home/ada");
        assert_eq!(state_dir_on(System::Windows, &windows), None);
    }
}

//! The only reader of the environment.

use std::{env, fs};

use super::{Problem, Source};

/// The secrets: variables whose value may stand in a file that `<variable>_FILE` names.
const SECRETS: [&str; 5] = [
    "AAD_CLIENT_SECRET",
    "AAD_CLIENT_CERTIFICATE_PASSWORD",
    "AAD_SESSION_SECRET",
    "AAD_SESSION_STORE",
    "METRICS_TOKEN",
];
const FILES: [&str; 5] = [
    "AAD_CLIENT_SECRET_FILE",
    "AAD_CLIENT_CERTIFICATE_PASSWORD_FILE",
    "AAD_SESSION_SECRET_FILE",
    "AAD_SESSION_STORE_FILE",
    "METRICS_TOKEN_FILE",
];

/// Further variables that are read, beside all that start with `AAD_`.
const OTHERS: [&str; 13] = [
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "CONTAINER_APP_NAME",
    "HOME",
    "HOST",
    "KUBERNETES_SERVICE_HOST",
    "LOCALAPPDATA",
    "METRICS_TOKEN",
    "METRICS_TOKEN_FILE",
    "PORT",
    "TLS_CERT_FILE",
    "WEBSITE_SITE_NAME",
    "XDG_STATE_HOME",
];

/// Reads the variables of the crate, and the files of secrets (`<variable>_FILE`).
///
/// A file that cannot be used and a secret that is set twice are problems, which
/// [`Config::parse`](super::Config::parse) reports with all others.
///
/// See [`default_state_dir`](super::default_state_dir) for an example.
pub fn read() -> Source {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let is_read = name.starts_with("AAD_") || OTHERS.contains(&name.as_str());
        is_read.then(|| (name, value.to_string_lossy().into_owned()))
    });
    let mut source: Source = variables.collect();
    add_folder_of_system(&mut source);
    add_files(&mut source);
    source
}

/// The user's folder by the system, where no variable names it, as in a service.
#[cfg(windows)]
fn add_folder_of_system(source: &mut Source) {
    use etcetera::BaseStrategy;
    let folder = etcetera::base_strategy::Windows::new().map(|folders| folders.cache_dir());
    set_unless_set(source, "LOCALAPPDATA", folder.ok());
}

/// The home folder of the user database, where `HOME` is not set (launchd).
#[cfg(target_os = "macos")]
fn add_folder_of_system(source: &mut Source) {
    set_unless_set(source, "HOME", etcetera::home_dir().ok());
}

#[cfg(not(any(windows, target_os = "macos")))]
const fn add_folder_of_system(_: &mut Source) {}

#[cfg(any(windows, target_os = "macos"))]
fn set_unless_set(source: &mut Source, name: &str, folder: Option<std::path::PathBuf>) {
    let text = folder.and_then(|folder| folder.into_os_string().into_string().ok());
    if let (None, Some(text)) = (source.get(name), text) {
        source.set(name, text);
    }
}

fn add_files(source: &mut Source) {
    for (name, file) in SECRETS.iter().zip(FILES) {
        if let Err(problem) = from_file(source, name, file) {
            source.add_problem(problem);
        }
    }
}

/// Sets a secret to the content of the file that `file` names.
fn from_file(source: &mut Source, name: &str, file: &'static str) -> Result<(), Problem> {
    let Some(path) = source.get(file).map(str::to_owned) else {
        return Ok(());
    };
    if source.get(name).is_some() {
        let rule = format!("says the same as {name}: set one of the two");
        return Err(Problem::new(file, rule, "/run/secrets/value"));
    }
    match fs::read_to_string(&path) {
        Ok(value) if !value.trim().is_empty() => {
            source.set(name, value.trim());
            Ok(())
        }
        Ok(_) => Err(Problem::new(
            file,
            "names an empty file",
            "/run/secrets/value",
        )),
        Err(error) => {
            let rule = format!("names a file that cannot be read ({})", error.kind());
            Err(Problem::new(file, rule, "/run/secrets/value"))
        }
    }
}

#[cfg(test)]
#[path = "env_tests.rs"]
mod tests;

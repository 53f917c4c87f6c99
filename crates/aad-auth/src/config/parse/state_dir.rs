//! The state folder: the setting, and the default of each platform.

use std::path::PathBuf;

use crate::config_room::{Problem, Source, settings_reader::SettingsReader, table::example};

/// `AAD_STATE_DIR`, else the user's own state folder.
pub(super) fn state_dir(reader: &mut SettingsReader<'_>) -> Option<PathBuf> {
    if let Some(folder) = reader.text("AAD_STATE_DIR") {
        return Some(PathBuf::from(folder));
    }
    default_state_dir(reader.source())
}

/// The default of `AAD_STATE_DIR`, the folder of all that outlives the process.
///
/// It is `$XDG_STATE_HOME/aad-auth` (XDG Base Directory specification), else
/// `~/.local/state/aad-auth`; on macOS `~/Library/Application Support/aad-auth`, on Windows
/// `%LOCALAPPDATA%\aad-auth`. `None` where none of these variables is set.
///
/// ```
/// use aad_auth::config::{default_state_dir, env};
///
/// match default_state_dir(&env::read()) {
///     Some(folder) => println!("The state is in {}", folder.display()),
///     None => println!("Set AAD_STATE_DIR"),
/// }
/// ```
pub fn default_state_dir(source: &Source) -> Option<PathBuf> {
    state_dir_on(Platform::CURRENT, source)
}

/// Checks that there is a state folder, if the settings need one: for a generated secret, or for the
/// file of the sessions.
///
/// An application that brings a store of its own does not need this check.
///
/// ```
/// use aad_auth::config::{Source, check_state_dir};
///
/// assert!(check_state_dir(&Source::new()).is_err());
/// assert!(check_state_dir(&Source::new().with("AAD_STATE_DIR", "/var/lib/shop")).is_ok());
/// ```
///
/// # Errors
/// A problem of `AAD_STATE_DIR`: no variable names a folder.
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

/// The problem of a missing state folder.
pub(crate) fn no_state_dir() -> Problem {
    let variables = match Platform::CURRENT {
        Platform::Unix => "XDG_STATE_HOME or HOME",
        Platform::MacOs => "HOME",
        Platform::Windows => "LOCALAPPDATA",
    };
    let rule = format!(
        "must name a folder for sessions and keys: the default needs {variables} in the environment"
    );
    Problem::new("AAD_STATE_DIR", rule, example("AAD_STATE_DIR"))
}

/// The platforms, which name a user's folders differently.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Platform {
    Unix,
    MacOs,
    Windows,
}

impl Platform {
    const CURRENT: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Unix
    };
}

fn state_dir_on(platform: Platform, source: &Source) -> Option<PathBuf> {
    let below = |name, folders: &[&str]| {
        let folder = PathBuf::from(source.get(name)?);
        Some(
            folders
                .iter()
                .fold(folder, |folder, name| folder.join(name)),
        )
    };
    let own = match platform {
        Platform::Unix => below("HOME", &[".local", "state"]),
        Platform::MacOs => below("HOME", &["Library", "Application Support"]),
        Platform::Windows => below("LOCALAPPDATA", &[]),
    };
    Some(below("XDG_STATE_HOME", &[]).or(own)?.join("aad-auth"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_platform_has_its_own_default_folder() {
        let all = Source::new()
            .with("HOME", "/home/ada")
            .with("LOCALAPPDATA", "/local");
        for (platform, expected) in [
            (Platform::Unix, "/home/ada/.local/state/aad-auth"),
            (
                Platform::MacOs,
                "/home/ada/Library/Application Support/aad-auth",
            ),
            (Platform::Windows, "/local/aad-auth"),
        ] {
            let folder = state_dir_on(platform, &all);
            assert_eq!(folder, Some(PathBuf::from(expected)));
            // An explicit setting wins on every system.
            let xdg = all.clone().with("XDG_STATE_HOME", "/state");
            let folder = state_dir_on(platform, &xdg);
            assert_eq!(folder, Some(PathBuf::from("/state/aad-auth")));
            assert_eq!(state_dir_on(platform, &Source::new()), None);
        }
        assert!(check_state_dir(&Source::new().with("AAD_SESSION_STORE", "memory")).is_err());
        let unix = Source::new().with("LOCALAPPDATA", "/local");
        assert_eq!(state_dir_on(Platform::Unix, &unix), None);
        let windows = Source::new().with("HOME", "/home/ada");
        assert_eq!(state_dir_on(Platform::Windows, &windows), None);
    }
}

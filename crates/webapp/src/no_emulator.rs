//! Stands in for the emulator in builds without the feature `emulator`.

use aad_auth::config::{Config, Source};
use url::Url;

/// Has no value: no emulator runs.
pub enum LocalEmulator {}

impl LocalEmulator {
    /// Refuses to start.
    ///
    /// # Errors
    /// Always.
    pub fn start(_: &mut Source, _: &Config) -> Result<Self, String> {
        Err(ABSENT.to_owned())
    }

    /// Never called.
    pub fn url(&self) -> Url {
        match *self {}
    }
}

/// Always `false`.
pub const fn is_wanted(_: &Source, _: bool) -> bool {
    false
}

/// The reason why the emulator is not started, as a clause.
pub fn obstacle(_: &Source) -> Option<String> {
    Some(ABSENT.to_owned())
}

/// The remark on the emulator in a message about a missing provider.
pub fn remark(_: &Source) -> String {
    format!("There is no local emulator (--emulator) to try it with: {ABSENT}")
}

/// The settings, unchanged.
pub fn planned(source: &Source) -> Source {
    source.clone()
}

const ABSENT: &str = "this build does not have the feature `emulator`";

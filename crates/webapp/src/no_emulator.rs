//! A build without the emulator (feature `emulator`): nothing of it is there.

use aad_auth::config::{Config, Source};
use url::Url;

/// There is none.
pub enum LocalEmulator {}

impl LocalEmulator {
    /// There is none to start.
    ///
    /// # Errors
    /// Always.
    pub fn start(_: &mut Source, _: &Config) -> Result<Self, String> {
        Err(ABSENT.to_owned())
    }

    /// Its address.
    pub fn url(&self) -> Url {
        match *self {}
    }
}

/// Never.
pub const fn is_wanted(_: &Source, _: bool) -> bool {
    false
}

/// That it is not there.
pub fn obstacle(_: &Source) -> Option<String> {
    Some(ABSENT.to_owned())
}

/// What a message about a missing provider says of the emulator.
pub fn remark(_: &Source) -> String {
    format!("There is no local emulator (--emulator) to try it with: {ABSENT}")
}

/// The settings as they are.
pub fn planned(source: &Source) -> Source {
    source.clone()
}

const ABSENT: &str = "this build does not have the feature `emulator`";

//! Sessions in memory, where no folder outlives the process.

use aad_auth::config::{self, Source};

/// Whether no variable names a state folder.
pub(super) fn is_only_place(source: &Source) -> bool {
    source.get("AAD_STATE_DIR").is_none() && config::default_state_dir(source).is_none()
}

/// Sets a store in memory and a random secret, where the settings have none.
pub(super) fn keep(source: &mut Source) {
    if source.get("AAD_SESSION_STORE").is_none() {
        source.set("AAD_SESSION_STORE", "memory");
    }
    if source.get("AAD_SESSION_SECRET").is_none() {
        source.set("AAD_SESSION_SECRET", config::new_session_secret());
    }
}

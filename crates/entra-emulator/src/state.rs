//! What the requests of one emulator share.

use std::sync::{Mutex, RwLock};

use crate::authorize::CodeStore;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::emulator::StateDir;
use crate::faults::Registry;
use crate::http::{Journal, Origin};
use crate::keys::KeyRing;
use crate::pages::Pages;
use crate::random::Random;
use crate::seal::Sealer;
use crate::switches::Switches;
use crate::sync::{lock, read};
use crate::token::{Assertions, Grants};

pub(crate) struct State {
    /// The address in the start log and in tokens made without a request.
    pub(crate) origin: Origin,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) directory: RwLock<Directory>,
    pub(crate) keys: RwLock<KeyRing>,
    pub(crate) sealer: Sealer,
    pub(crate) codes: Mutex<CodeStore>,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) assertions: Mutex<Assertions>,
    pub(crate) faults: Registry,
    pub(crate) journal: Journal,
    pub(crate) switches: RwLock<Switches>,
    pub(crate) pages: Pages,
    pub(crate) control_token: String,
    pub(crate) state_dir: Option<StateDir>,
}

impl State {
    /// How often the user's sessions were revoked.
    pub(crate) fn epoch(&self, user: &str) -> u64 {
        lock(&self.grants).epoch(user)
    }

    /// Whether something issued at that epoch still counts: the user exists, is enabled, and was not revoked since.
    pub(crate) fn is_current(&self, user: &str, epoch: u64) -> bool {
        let enabled = read(&self.directory)
            .user(user)
            .is_some_and(|user| user.account_enabled);
        enabled && self.epoch(user) == epoch
    }

    /// Ends everything that was issued to the user.
    pub(crate) fn revoke(&self, user: &str) {
        let revocations = lock(&self.grants).revoke_user(user);
        if let Some(folder) = &self.state_dir
            && let Err(error) = folder.save_revocations(&revocations)
        {
            tracing::error!(%error, "a revocation cannot be written to the state folder: it is lost at the next start");
        }
    }
}

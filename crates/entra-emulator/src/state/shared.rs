//! The state of one emulator.

use std::sync::{Mutex, RwLock};

use actix_web::HttpRequest;

use crate::clock::Clock;
use crate::directory::Directory;
use crate::faults::FaultRegistry;
use crate::http::{Journal, Origin, Trace};
use crate::keys::KeyRing;
use crate::pages::Pages;
use crate::random::Random;
use crate::seal::Sealer;
use crate::switches::Switches;
use crate::sync::{lock, read};

use super::{Assertions, CodeStore, Grants, StateDir};

/// What the requests of one emulator share.
pub(crate) struct State {
    /// The origin at 127.0.0.1; tokens that are minted without a request name it.
    pub(crate) origin: Origin,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) directory: RwLock<Directory>,
    pub(crate) keys: RwLock<KeyRing>,
    pub(crate) sealer: Sealer,
    pub(crate) codes: Mutex<CodeStore>,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) assertions: Mutex<Assertions>,
    pub(crate) faults: FaultRegistry,
    pub(crate) journal: Journal,
    pub(crate) switches: RwLock<Switches>,
    pub(crate) pages: Pages,
    pub(crate) control_token: String,
    pub(crate) state_dir: Option<StateDir>,
}

impl State {
    /// Returns the origin by which a request addresses the emulator.
    pub(crate) fn origin_for(&self, request: &HttpRequest) -> Origin {
        self.origin.as_addressed_by(request)
    }

    /// Makes the identifiers of a request.
    pub(crate) fn trace(&self, request: &HttpRequest) -> Trace {
        Trace::new(request, &self.random, &self.clock)
    }

    /// Returns the number of revocations of the user's sessions.
    pub(crate) fn epoch(&self, user: &str) -> u64 {
        lock(&self.grants).epoch(user)
    }

    /// Tells whether a value issued at this epoch is valid: the user is enabled, and was not revoked since.
    pub(crate) fn is_current(&self, user: &str, epoch: u64) -> bool {
        let enabled = read(&self.directory)
            .user(user)
            .is_some_and(|user| user.account_enabled);
        enabled && self.epoch(user) == epoch
    }

    /// Ends all sessions of the user: refresh tokens, sign-in cookies and Graph tokens.
    pub(crate) fn revoke(&self, user: &str) {
        let revocations = lock(&self.grants).revoke_user(user);
        if let Some(folder) = &self.state_dir
            && let Err(error) = folder.save_revocations(&revocations)
        {
            tracing::error!(%error, "a revocation cannot be written to the state folder; the next start will not know it");
        }
    }
}

//! The faults of a running emulator.

use std::sync::Arc;

use crate::faults::{ActiveFault, AuthorizeEdit, Endpoint, Fault, FaultId, KeyEdit};
use crate::jwt::Mutation;
use crate::state::State;

/// The faults of a running emulator; see [`Control::faults`](super::Control::faults).
///
/// ```
/// use entra_emulator::{Emulator, Endpoint, Fault, Mutation};
///
/// let emulator = Emulator::builder().start()?;
/// let faults = emulator.control().faults();
/// faults.id_token(Mutation::without_nonce());
/// faults.set(Fault::delay(Endpoint::Keys, 500).once());
/// faults.clear();
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[derive(Clone)]
pub struct Faults {
    state: Arc<State>,
}

impl Faults {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Sets a fault. All faults of an endpoint act together.
    pub fn set(&self, fault: Fault) -> FaultId {
        self.state.faults.set(fault)
    }

    /// Removes one fault.
    pub fn remove(&self, id: FaultId) {
        self.state.faults.remove(id);
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.state.faults.clear();
    }

    /// Lists the faults that are set.
    #[must_use]
    pub fn list(&self) -> Vec<ActiveFault> {
        self.state.faults.list()
    }

    /// Makes every ID token wrong, until it is cleared.
    pub fn id_token(&self, mutation: Mutation) -> FaultId {
        self.set(Fault::id_token(mutation))
    }

    /// Makes every access token wrong, until it is cleared.
    pub fn access_token(&self, mutation: Mutation) -> FaultId {
        self.set(Fault::access_token(mutation))
    }

    /// Makes the key set wrong, until it is cleared.
    pub fn keys(&self, edit: KeyEdit) -> FaultId {
        self.set(Fault::keys(edit))
    }

    /// Makes every authorization response wrong, until it is cleared.
    pub fn authorization_response(&self, edit: AuthorizeEdit) -> FaultId {
        self.set(Fault::authorization_response(edit))
    }

    /// Answers with this status on an endpoint, until it is cleared.
    pub fn status(&self, on: Endpoint, status: u16) -> FaultId {
        self.set(Fault::status(on, status))
    }
}

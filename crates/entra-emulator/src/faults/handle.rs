use std::sync::Arc;

use super::{ActiveFault, AuthorizeEdit, Endpoint, Fault, FaultId, KeyEdit};
use crate::jwt::Mutation;
use crate::state::State;

/// The fault switches of an emulator.
#[derive(Clone)]
pub struct Faults {
    state: Arc<State>,
}

impl Faults {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Sets a fault; several on one endpoint act together.
    pub fn set(&self, fault: Fault) -> FaultId {
        self.state.faults.set(fault)
    }

    /// Ends one fault.
    pub fn remove(&self, id: FaultId) {
        self.state.faults.remove(id);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.state.faults.clear();
    }

    /// The faults that are set.
    #[must_use]
    pub fn list(&self) -> Vec<ActiveFault> {
        self.state.faults.list()
    }

    /// Every ID token is wrong in this way, until cleared.
    pub fn id_token(&self, mutation: Mutation) -> FaultId {
        self.set(Fault::id_token(mutation))
    }

    /// Every access token is wrong in this way, until cleared.
    pub fn access_token(&self, mutation: Mutation) -> FaultId {
        self.set(Fault::access_token(mutation))
    }

    /// The key set is wrong in this way, until cleared.
    pub fn keys(&self, edit: KeyEdit) -> FaultId {
        self.set(Fault::keys(edit))
    }

    /// The authorization response is wrong in this way, until cleared.
    pub fn authorization_response(&self, edit: AuthorizeEdit) -> FaultId {
        self.set(Fault::authorization_response(edit))
    }

    /// An endpoint answers with this status, until cleared.
    pub fn status(&self, on: Endpoint, status: u16) -> FaultId {
        self.set(Fault::status(on, status))
    }
}

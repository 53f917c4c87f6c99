//! The faults that are set on one emulator.

use std::sync::Mutex;

use serde::Serialize;

use super::{AuthorizeEdit, Effect, Endpoint, Fault, KeyList};
use crate::jwt::Mutation;
use crate::members::Members;
use crate::sync::lock;

/// The number of a fault that is set.
pub type FaultId = u64;

/// A fault that is set, and its number.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ActiveFault {
    /// Identifies the fault for [`Faults::remove`](crate::Faults::remove).
    pub id: FaultId,
    /// The fault; its `times` counts down.
    pub fault: Fault,
}

/// The faults that are set, and their uses.
#[derive(Debug, Default)]
pub(crate) struct FaultRegistry {
    faults: Mutex<Vec<ActiveFault>>,
}

/// The oldest faults are removed above this number: a test forgot to clear them.
const MAX_FAULTS: usize = 200;

impl FaultRegistry {
    pub(crate) fn set(&self, fault: Fault) -> FaultId {
        let mut faults = lock(&self.faults);
        let id = faults.last().map_or(1, |last| last.id.saturating_add(1));
        faults.push(ActiveFault { id, fault });
        let too_many = faults.len().saturating_sub(MAX_FAULTS);
        faults.drain(..too_many);
        id
    }

    pub(crate) fn remove(&self, id: FaultId) {
        lock(&self.faults).retain(|active| active.id != id);
    }

    pub(crate) fn clear(&self) {
        lock(&self.faults).clear();
    }

    pub(crate) fn list(&self) -> Vec<ActiveFault> {
        lock(&self.faults).clone()
    }

    /// Uses the faults of an endpoint whose effect `select` accepts: returns the selections and counts each fault down.
    fn take<T>(&self, on: Endpoint, select: impl Fn(&Effect) -> Option<T>) -> Vec<T> {
        self.take_for(on, None, select)
    }

    /// As [`FaultRegistry::take`], for a request with this `grant_type`.
    fn take_for<T>(
        &self,
        on: Endpoint,
        grant_type: Option<&str>,
        select: impl Fn(&Effect) -> Option<T>,
    ) -> Vec<T> {
        let applies = |fault: &Fault| {
            let only = fault.grant_type.as_deref();
            fault.on == on && fault.times != Some(0) && (only.is_none() || only == grant_type)
        };
        let mut faults = lock(&self.faults);
        let mut taken = Vec::new();
        for active in faults.iter_mut().filter(|active| applies(&active.fault)) {
            if let Some(effect) = select(&active.fault.effect) {
                taken.push(effect);
                active.fault.times = active.fault.times.map(|times| times.saturating_sub(1));
            }
        }
        faults.retain(|active| active.fault.times != Some(0));
        taken
    }

    /// Uses the effects on the connection and the whole answer.
    pub(crate) fn transport(&self, on: Endpoint, grant_type: Option<&str>) -> Vec<Effect> {
        self.take_for(on, grant_type, |effect| {
            effect.is_transport().then(|| effect.clone())
        })
    }

    /// Changes a JSON answer as the faults of the endpoint say.
    pub(crate) fn edit_document(&self, on: Endpoint, document: &mut Members) {
        let edits = self.take(on, |effect| match effect {
            Effect::Document(edits) => Some(edits.clone()),
            _ => None,
        });
        edits.iter().flatten().for_each(|edit| edit.apply(document));
    }

    /// Changes the key set as the faults say; `signing` is the `kid` of the signing key.
    pub(crate) fn edit_keys(&self, list: &mut KeyList, signing: &str) {
        let edits = self.take(Endpoint::Keys, |effect| match effect {
            Effect::KeySet(edits) => Some(edits.clone()),
            _ => None,
        });
        edits
            .iter()
            .flatten()
            .for_each(|edit| edit.apply(list, signing));
    }

    /// Uses the changes of an authorization response.
    pub(crate) fn authorization_response(&self) -> Vec<AuthorizeEdit> {
        let edits = self.take(Endpoint::Authorize, |effect| match effect {
            Effect::AuthorizationResponse(edits) => Some(edits.clone()),
            _ => None,
        });
        edits.into_iter().flatten().collect()
    }

    /// Uses the changes of an ID token.
    pub(crate) fn id_token(&self) -> Mutation {
        self.mutation(Endpoint::Token, |effect| match effect {
            Effect::IdToken(mutation) => Some(mutation.clone()),
            _ => None,
        })
    }

    /// Uses the changes of an access token.
    pub(crate) fn access_token(&self) -> Mutation {
        self.mutation(Endpoint::Token, |effect| match effect {
            Effect::AccessToken(mutation) => Some(mutation.clone()),
            _ => None,
        })
    }

    /// Uses the changes of a back-channel logout token.
    pub(crate) fn logout_token(&self) -> Mutation {
        self.mutation(Endpoint::Logout, |effect| match effect {
            Effect::LogoutToken(mutation) => Some(mutation.clone()),
            _ => None,
        })
    }

    fn mutation(&self, on: Endpoint, select: fn(&Effect) -> Option<Mutation>) -> Mutation {
        self.take(on, select)
            .into_iter()
            .fold(Mutation::none(), Mutation::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_affects_that_number_of_requests() {
        let registry = FaultRegistry::default();
        registry.set(Fault::delay(Endpoint::Token, 5).times(2));
        let affected = |on| {
            registry
                .take(on, |effect| {
                    matches!(effect, Effect::Delay(_)).then_some(())
                })
                .len()
        };
        assert_eq!(affected(Endpoint::Keys), 0);
        assert_eq!(
            (
                affected(Endpoint::Token),
                affected(Endpoint::Token),
                affected(Endpoint::Token)
            ),
            (1, 1, 0)
        );
    }

    #[test]
    fn a_fault_for_one_grant_affects_no_other_request() {
        let registry = FaultRegistry::default();
        registry.set(Fault::hang(Endpoint::Token).for_grant("refresh_token"));
        let affects = |grant_type| {
            let hang = |effect: &Effect| matches!(effect, Effect::Hang).then_some(());
            !registry
                .take_for(Endpoint::Token, grant_type, hang)
                .is_empty()
        };
        assert!(!affects(None) && !affects(Some("authorization_code")));
        assert!(affects(Some("refresh_token")));
    }
}

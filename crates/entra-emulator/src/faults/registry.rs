use std::sync::Mutex;

use serde::Serialize;

use super::{Effect, Endpoint, Fault};
use crate::jwt::Mutation;
use crate::sync::lock;

/// The number of a fault that was set.
pub type FaultId = u64;

/// A fault that is set.
#[derive(Clone, Debug, Serialize)]
pub struct ActiveFault {
    /// Its number.
    pub id: FaultId,
    /// The fault; `times` counts down.
    pub fault: Fault,
}

/// The faults of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    faults: Mutex<Vec<ActiveFault>>,
}

/// More faults at once are a test that forgot to clear; the oldest go.
const MAX_FAULTS: usize = 200;

impl Registry {
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

    /// The effects of this kind that strike now; each counts down by one.
    pub(crate) fn take<T>(&self, on: Endpoint, wanted: impl Fn(&Effect) -> Option<T>) -> Vec<T> {
        self.take_for(on, None, wanted)
    }

    /// The same for a token request with this `grant_type`.
    pub(crate) fn take_for<T>(
        &self,
        on: Endpoint,
        grant_type: Option<&str>,
        wanted: impl Fn(&Effect) -> Option<T>,
    ) -> Vec<T> {
        let strikes = |fault: &Fault| {
            let only = fault.grant_type.as_deref();
            fault.on == on && fault.times != Some(0) && (only.is_none() || only == grant_type)
        };
        let mut faults = lock(&self.faults);
        let mut struck = Vec::new();
        for active in faults.iter_mut().filter(|active| strikes(&active.fault)) {
            if let Some(effect) = wanted(&active.fault.effect) {
                struck.push(effect);
                active.fault.times = active.fault.times.map(|times| times.saturating_sub(1));
            }
        }
        faults.retain(|active| active.fault.times != Some(0));
        struck
    }

    pub(crate) fn id_token(&self) -> Mutation {
        let struck = self.take(Endpoint::Token, |effect| match effect {
            Effect::IdToken(mutation) => Some(mutation.clone()),
            _ => None,
        });
        struck.into_iter().fold(Mutation::none(), Mutation::and)
    }

    pub(crate) fn logout_token(&self) -> Mutation {
        let struck = self.take(Endpoint::Logout, |effect| match effect {
            Effect::LogoutToken(mutation) => Some(mutation.clone()),
            _ => None,
        });
        struck.into_iter().fold(Mutation::none(), Mutation::and)
    }

    pub(crate) fn access_token(&self) -> Mutation {
        let struck = self.take(Endpoint::Token, |effect| match effect {
            Effect::AccessToken(mutation) => Some(mutation.clone()),
            _ => None,
        });
        struck.into_iter().fold(Mutation::none(), Mutation::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_strikes_so_often_and_no_more() {
        let registry = Registry::default();
        registry.set(Fault::delay(Endpoint::Token, 5).times(2));
        let strike = |on| {
            registry
                .take(on, |effect| {
                    matches!(effect, Effect::Delay(_)).then_some(())
                })
                .len()
        };
        assert_eq!(strike(Endpoint::Keys), 0);
        assert_eq!(
            (
                strike(Endpoint::Token),
                strike(Endpoint::Token),
                strike(Endpoint::Token)
            ),
            (1, 1, 0)
        );
    }

    #[test]
    fn a_fault_for_one_grant_strikes_no_other_request() {
        let registry = Registry::default();
        registry.set(Fault::hang(Endpoint::Token).for_grant("refresh_token"));
        let strikes = |grant_type| {
            let hang = |effect: &Effect| matches!(effect, Effect::Hang).then_some(());
            !registry
                .take_for(Endpoint::Token, grant_type, hang)
                .is_empty()
        };
        assert!(!strikes(None) && !strikes(Some("authorization_code")));
        assert!(strikes(Some("refresh_token")));
    }
}

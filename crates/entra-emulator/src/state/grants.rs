//! Consents, revocations and refresh-token families.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// What users have granted: consents, revocations of it, and the families of refresh tokens.
#[derive(Default)]
pub(crate) struct Grants {
    /// User and client id.
    consents: HashSet<(String, String)>,
    revoked: Revocations,
    families: HashMap<String, Family>,
    refreshes: u64,
    reuses: u64,
}

/// The number of revocations of each user's sessions, which the state folder keeps.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Revocations {
    epochs: HashMap<String, u64>,
}

/// All refresh tokens of one sign-in.
#[derive(Default)]
struct Family {
    /// The only generation that strict mode accepts.
    generation: u64,
    revoked: bool,
}

const MAX_REMEMBERED: usize = 100_000;

impl Grants {
    pub(crate) fn with(revoked: Revocations) -> Self {
        Self {
            revoked,
            ..Self::default()
        }
    }

    pub(crate) fn has_consented(&self, user: &str, app_id: &str) -> bool {
        self.consents
            .contains(&(user.to_owned(), app_id.to_owned()))
    }

    pub(crate) fn consent(&mut self, user: &str, app_id: &str) {
        if self.consents.len() < MAX_REMEMBERED {
            self.consents.insert((user.to_owned(), app_id.to_owned()));
        }
    }

    pub(crate) fn withdraw_consents(&mut self) {
        self.consents.clear();
    }

    /// Returns the number of revocations of the user's sessions. Tokens and cookies carry the number at their issue.
    pub(crate) fn epoch(&self, user: &str) -> u64 {
        self.revoked.epochs.get(user).copied().unwrap_or_default()
    }

    /// Counts a revocation of the user's sessions; returns all revocations, to be saved.
    pub(crate) fn revoke_user(&mut self, user: &str) -> Revocations {
        let epoch = self.revoked.epochs.entry(user.to_owned()).or_default();
        *epoch = epoch.saturating_add(1);
        self.revoked.clone()
    }

    /// Counts a use of a refresh token; `false` when its family is revoked, or is revoked by this reuse.
    pub(crate) fn use_refresh_token(
        &mut self,
        family: &str,
        generation: u64,
        strict: bool,
    ) -> bool {
        self.refreshes = self.refreshes.saturating_add(1);
        if self.families.len() >= MAX_REMEMBERED {
            self.families.clear();
        }
        let known = self.families.entry(family.to_owned()).or_default();
        if known.revoked {
            return false;
        }
        if strict && generation < known.generation {
            known.revoked = true;
            self.reuses = self.reuses.saturating_add(1);
            return false;
        }
        known.generation = known.generation.max(generation.saturating_add(1));
        true
    }

    /// Revokes all refresh tokens of one sign-in.
    pub(crate) fn revoke_family(&mut self, family: &str) {
        if self.families.len() < MAX_REMEMBERED {
            self.families.entry(family.to_owned()).or_default().revoked = true;
        }
    }

    pub(crate) fn refreshes(&self) -> u64 {
        self.refreshes
    }

    pub(crate) fn reuses(&self) -> u64 {
        self.reuses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_an_old_refresh_token_except_in_strict_mode() {
        let mut grants = Grants::default();
        assert!(grants.use_refresh_token("f", 0, false));
        assert!(grants.use_refresh_token("f", 0, false));
        assert!(!grants.use_refresh_token("f", 0, true));
        assert!(
            !grants.use_refresh_token("f", 1, true),
            "the whole family is revoked"
        );
        assert_eq!(grants.reuses(), 1);
    }
}

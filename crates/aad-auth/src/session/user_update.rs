//! Updates the user of a session from a later ID token: roles and groups change during a session.

use std::sync::Arc;

use super::{Session, Sessions, UserSnapshot};
use crate::{
    secret::Pii,
    store::{StoreError, Updated},
};

impl UserSnapshot {
    /// Whether `other` is the same user, by key, issuer and subject (OpenID Connect Core 1.0 section
    /// 12.2).
    pub(crate) fn is_same_user(&self, other: &Self) -> bool {
        self.key == other.key && self.iss == other.iss && self.sub == other.sub
    }

    /// This snapshot with the roles, groups and names of `later`; `None` if nothing has changed. A
    /// missing role was withdrawn. A missing name was not sent, so the old one is kept.
    fn updated_from(&self, later: &Self) -> Option<Self> {
        let mut user = self.clone();
        user.roles.clone_from(&later.roles);
        user.roles_incomplete = later.roles_incomplete;
        user.groups.clone_from(&later.groups);
        let mut changed = user.roles != self.roles
            || user.roles_incomplete != self.roles_incomplete
            || user.groups != self.groups;
        for (held, new) in [
            (&mut user.name, &later.name),
            (&mut user.preferred_username, &later.preferred_username),
            (&mut user.email, &later.email),
        ] {
            if let Some(new) = new
                && held.as_ref().map(Pii::expose) != Some(new.expose())
            {
                *held = Some(new.clone());
                changed = true;
            }
        }
        changed.then_some(user)
    }
}

impl Sessions {
    /// Updates the stored session with a later snapshot of the same user. Requests that are under way
    /// keep the old snapshot. A session that has ended is not restored.
    pub(crate) async fn update_user(
        &self,
        session: &Session,
        later: &UserSnapshot,
    ) -> Result<(), StoreError> {
        if !session.user().is_same_user(later) || session.user().updated_from(later).is_none() {
            return Ok(());
        }
        let key = self.record_key(&session.digest)?;
        for _ in 0..TRIES {
            let Some(record) = self.store.get(&key).await? else {
                return Ok(());
            };
            let Some(held) = Session::open(&self.keys, session.id.clone(), &record.value) else {
                return Ok(());
            };
            let now = self.clock.now();
            let Some(user) = held.user().updated_from(later) else {
                // Another writer has stored the update already, but the cache may be older.
                if let Some(cache) = &self.cache {
                    let touched = self.extended_at(&held, &record, now);
                    held.set_recheck_at(session.recheck_at());
                    cache.insert(&Arc::new(held), touched, now);
                }
                return Ok(());
            };
            let mut state = held.state;
            state.user = user;
            let written = self
                .write_state(&session.id, state, record.version, now)
                .await?;
            match written.outcome {
                Updated::Written(_) => {
                    if let Some(cache) = &self.cache {
                        written.session.set_recheck_at(session.recheck_at());
                        cache.insert(&written.session, now, now);
                    }
                    return Ok(());
                }
                Updated::Missing => return Ok(()),
                Updated::Conflict => {}
            }
        }
        Ok(())
    }
}

/// A concurrent writer stores an update as well. A lost update comes with the next recheck.
const TRIES: usize = 3;

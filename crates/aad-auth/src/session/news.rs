//! What a later ID token says of the same user: roles and groups change while a session lives.

use std::sync::Arc;

use super::{Session, Sessions, UserSnapshot};
use crate::{
    secret::Pii,
    store::{StoreError, Updated},
};

impl UserSnapshot {
    /// Whether `other` speaks of the same user, in every way in which we know users
    /// (OpenID Connect Core 1.0 section 12.2).
    pub(crate) fn is_same_user(&self, other: &Self) -> bool {
        self.key == other.key && self.iss == other.iss && self.sub == other.sub
    }

    /// This snapshot with what `later` says about roles, groups and names; `None` when it says
    /// nothing new. A role that is not there any more has been taken away; a name that is not
    /// there was not sent.
    fn with_news(&self, later: &Self) -> Option<Self> {
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
    /// Takes over what a later ID token of the same user says. Requests that are under way keep
    /// what they have seen. A session that has ended does not come back.
    pub(crate) async fn take_over(
        &self,
        session: &Session,
        later: &UserSnapshot,
    ) -> Result<(), StoreError> {
        if !session.user().is_same_user(later) || session.user().with_news(later).is_none() {
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
            let Some(user) = held.user().with_news(later) else {
                // Another writer was first; what is decoded here may be older than that.
                if let Some(cache) = &self.cache {
                    let touched = self.extended_at(&held, &record, now);
                    held.set_recheck_at(session.recheck_at());
                    cache.insert(&Arc::new(held), touched, now);
                }
                return Ok(());
            };
            let mut state = held.state;
            state.user = user;
            let renewed = Arc::new(Session::new(session.id.clone(), state));
            let sealed = renewed.seal(&self.keys, &*self.random)?;
            let life = self.life(&renewed, now);
            let updated = self.store.update(&key, record.version, &sealed, life);
            match updated.await? {
                Updated::Written(_) => {
                    if let Some(cache) = &self.cache {
                        renewed.set_recheck_at(session.recheck_at());
                        cache.insert(&renewed, now, now);
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

/// Whoever writes in between has news too; the next recheck comes in any case.
const TRIES: usize = 3;

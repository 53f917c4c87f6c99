//! Retires a session that a new sign-in of the same user replaces.

use super::{Session, Sessions, limits::RETIREMENT};
use crate::store::{StoreError, Updated};

/// The outcome of a retirement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Retired {
    /// The session ends within a minute, or has expired.
    Yes,
    /// A sign-out or revocation has ended it since the caller read it. It ends the new sign-in too.
    Ended,
}

impl Sessions {
    /// Shortens the life of a replaced session, its tokens and its data to 60 s. It stays in the indexes,
    /// so that an end of all sessions ends it too. After repeated conflicts with other writers it ends
    /// at once: it must not stay live without being listed.
    pub(super) async fn retire(&self, old: &Session) -> Result<Retired, StoreError> {
        for _ in 0..TRIES {
            if let Some(retired) = self.try_to_retire(old).await? {
                return Ok(retired);
            }
        }
        self.end(old).await?;
        Ok(Retired::Yes)
    }

    /// `None` after a conflict with another writer.
    async fn try_to_retire(&self, old: &Session) -> Result<Option<Retired>, StoreError> {
        let now = self.clock.now();
        let key = self.record_key(&old.digest)?;
        let record = self.store.get(&key).await?;
        let held = record.and_then(|record| {
            let held = Session::open(&self.keys, old.id.clone(), &record.value)?;
            Some((held, record.version))
        });
        let Some((held, version)) = held else {
            let expired = old.state.retired || now >= old.ends_at();
            return Ok(Some(if expired {
                Retired::Yes
            } else {
                Retired::Ended
            }));
        };
        if held.state.retired {
            return Ok(Some(Retired::Yes));
        }
        let mut state = held.state;
        state.ends_at = state.ends_at.min(now + RETIREMENT);
        state.retired = true;
        let written = self.write_state(&old.id, state, version, now).await?;
        match written.outcome {
            // If it is missing, the next try finds out why.
            Updated::Conflict | Updated::Missing => return Ok(None),
            Updated::Written(_) => {}
        }
        let (retired, life) = (written.session, written.life);
        if let Some(cache) = &self.cache {
            cache.insert(&retired, now, now);
        }
        let (tokens, data, indexed) = futures_util::join!(
            self.vault.keep_for(&retired, life),
            self.keep_app_data_for(&retired, life),
            self.write_indexes(&retired, life),
        );
        tokens.and(data).and(indexed)?;
        Ok(Some(Retired::Yes))
    }
}

/// Concurrent writers are a refresh and other tabs. Neither writes often.
const TRIES: usize = 3;

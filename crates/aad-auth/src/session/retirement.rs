//! What becomes of a session that a new sign-in of the same user replaces.

use std::sync::Arc;

use super::{Session, Sessions, limits::RETIREMENT};
use crate::store::{StoreError, Updated};

/// What was found of the session that is being replaced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Retired {
    /// It answers a little longer, or has run out by itself.
    Yes,
    /// Somebody has ended it since the caller has seen it alive: with the sign-out that asked for
    /// that, the sign-in that is under way is over too.
    Ended,
}

impl Sessions {
    /// Lets a replaced session answer a little longer, then end, with its tokens. It stays in the
    /// indexes, so that an end of all sessions ends it too. Where other writers are always faster
    /// it ends at once: it must never live on and be listed no more.
    pub(super) async fn retire(&self, old: &Session) -> Result<Retired, StoreError> {
        for _ in 0..TRIES {
            if let Some(retired) = self.try_to_retire(old).await? {
                return Ok(retired);
            }
        }
        self.end(old).await?;
        Ok(Retired::Yes)
    }

    /// `None`: another writer was first.
    async fn try_to_retire(&self, old: &Session) -> Result<Option<Retired>, StoreError> {
        let now = self.clock.now();
        let key = self.record_key(&old.digest)?;
        let record = self.store.get(&key).await?;
        let held = record.and_then(|record| {
            let held = Session::open(&self.keys, old.id.clone(), &record.value)?;
            Some((held, record.version))
        });
        let Some((held, version)) = held else {
            let by_itself = old.state.retired || now >= old.ends_at();
            return Ok(Some(if by_itself {
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
        let retired = Arc::new(Session::new(old.id.clone(), state));
        let sealed = retired.seal(&self.keys, &*self.random)?;
        let life = self.life(&retired, now);
        match self.store.update(&key, version, &sealed, life).await? {
            // Where it is gone, the next look tells what that means.
            Updated::Conflict | Updated::Missing => return Ok(None),
            Updated::Written(_) => {}
        }
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

/// Writers beside us are a refresh that brings news and another tab: neither writes often.
const TRIES: usize = 3;

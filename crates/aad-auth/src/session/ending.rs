//! The end of sessions: one, those of a user, those of a session at the provider.

use super::{
    Session, SessionEntry, Sessions,
    id::SessionDigest,
    index::{IndexBy, member_name},
};
use crate::{
    store::StoreError,
    validation::{Sub, UserKey},
};

/// Which sessions a sign-out at the provider means. `iss` and `sub` only narrow what `sid` names:
/// a sign-out of somebody else, or of another provider, ends nothing.
#[derive(Clone, Copy)]
pub struct ProviderSession<'a> {
    /// The session at the provider.
    pub sid: &'a str,
    /// The issuer, where the sign-out names it. Entra ID's front channel does not.
    pub iss: Option<&'a str>,
    /// The subject, where the sign-out names it.
    pub sub: Option<&'a Sub>,
}

impl ProviderSession<'_> {
    fn means(&self, entry: &SessionEntry) -> bool {
        let sub = self.sub.map(Sub::as_str);
        self.iss.is_none_or(|iss| *iss == *entry.iss) && sub.is_none_or(|sub| *sub == *entry.sub)
    }
}

impl Sessions {
    /// Ends a session and the one it has replaced, with their tokens. The record goes first.
    pub async fn end(&self, session: &Session) -> Result<(), StoreError> {
        let own = self.end_by_digest(&session.digest).await;
        let replaced = session.state.replaced.as_deref();
        if let Some(replaced) = replaced.and_then(SessionDigest::from_text) {
            // Also after a failure: a next attempt may not find this session any more.
            self.end_by_digest(&replaced).await?;
        }
        own?;
        self.remove_from_indexes(session).await
    }

    /// Ends the session that has this public name, whoever's it is. False when there is none. One
    /// that it has replaced answers for the rest of its minute: the name does not lead to it.
    /// A page that lets users end their own uses [`Self::end_one_of`].
    pub async fn end_by_handle(&self, handle: &str) -> Result<bool, StoreError> {
        match SessionDigest::from_text(handle) {
            Some(digest) => self.end_by_digest(&digest).await,
            None => Ok(false),
        }
    }

    /// Ends one session of a user, by its public name, and those that answer a moment longer because
    /// a new sign-in has replaced them. False when the user has no such session.
    pub async fn end_one_of(&self, user: &UserKey, handle: &str) -> Result<bool, StoreError> {
        let entries = self.list(user).await?;
        if !entries.iter().any(|entry| entry.handle == handle) {
            return Ok(false);
        }
        let meant = |entry: &SessionEntry| entry.retired || entry.handle == handle;
        Ok(self.end_indexed(&IndexBy::User(user), meant).await? > 0)
    }

    /// Ends all sessions of a user, also one that is just being created.
    pub async fn end_all_of(&self, user: &UserKey) -> Result<usize, StoreError> {
        self.end_of_user(user, |_| true).await
    }

    /// Ends all sessions of the session's user but itself. Those that are just being created end
    /// too.
    pub async fn end_others_of(&self, kept: &Session) -> Result<usize, StoreError> {
        let user = &kept.user().key;
        let kept = kept.digest;
        self.end_of_user(user, |entry| entry.digest != *kept.as_bytes())
            .await
    }

    /// The mark comes first, then the enumeration: what is being created meanwhile meets one of
    /// them. Without room for the mark what can be found ends all the same, which makes room.
    async fn end_of_user(
        &self,
        user: &UserKey,
        means: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, StoreError> {
        let by = IndexBy::User(user);
        let marked = self.revoke_user(user).await;
        let mut ended = self.end_indexed(&by, &means).await?;
        if marked.is_err() {
            self.revoke_user(user).await?;
            ended += self.end_indexed(&by, &means).await?;
        }
        Ok(ended)
    }

    /// Ends the sessions that belong to one session at the provider.
    pub async fn end_provider_session(
        &self,
        named: &ProviderSession<'_>,
    ) -> Result<usize, StoreError> {
        let by = IndexBy::ProviderSession { sid: named.sid };
        self.end_indexed(&by, |entry| named.means(entry)).await
    }

    async fn end_indexed(
        &self,
        by: &IndexBy<'_>,
        means: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, StoreError> {
        let mut ended = 0;
        for set in by.all_keys(&self.keys)? {
            for member in self.store.index_list(&set).await? {
                let Some(entry) = self.open_entry(&member) else {
                    // Sealed under a key that is gone: so is its session.
                    self.store.index_remove(&set, &member.name).await?;
                    continue;
                };
                if !means(&entry) {
                    continue;
                }
                let digest = SessionDigest::new(entry.digest);
                ended += usize::from(self.end_by_digest(&digest).await?);
                self.store.index_remove(&set, &member.name).await?;
                // Whoever is just creating it looks whether its entry is still there, after
                // writing the record: either it sees that the entry is gone, or this finds the
                // record.
                ended += usize::from(self.end_by_digest(&digest).await?);
            }
        }
        Ok(ended)
    }

    /// False when there was no such session any more.
    pub(super) async fn end_by_digest(&self, digest: &SessionDigest) -> Result<bool, StoreError> {
        if let Some(cache) = &self.cache {
            cache.ending(digest, self.clock.now());
        }
        let ended = self.store.delete(&self.record_key(digest)?).await?;
        let tokens = digest.key(self.keys.label(), "v")?;
        let data = self.session_data_key(digest)?;
        // Begun together, so that a store that flushes to disk shares the flush.
        let (tokens, data) =
            futures_util::join!(self.store.delete(&tokens), self.store.delete(&data));
        tokens.and(data)?;
        if let Some(cache) = &self.cache {
            cache.ended(digest, self.clock.now());
        }
        self.watchers.end(digest);
        Ok(ended)
    }

    /// Whether nobody has taken the session out of the index of the provider's sessions.
    pub(super) async fn is_indexed(&self, session: &Session) -> Result<bool, StoreError> {
        let Some(sid) = &session.user().sid else {
            return Ok(true);
        };
        let set = IndexBy::ProviderSession { sid }.key(&self.keys)?;
        let name = member_name(session.digest.as_bytes());
        let members = self.store.index_list(&set).await?;
        Ok(members.iter().any(|member| member.name == name))
    }
}

//! Ends sessions: one, those of a user, those of a session at the provider.

use super::{
    Session, SessionEntry, Sessions,
    id::SessionDigest,
    index::{IndexBy, member_name},
};
use crate::{
    store::StoreError,
    validation::{Sub, UserKey},
};

/// The sessions that a sign-out at the provider ends: those of `sid`. `iss` and `sub` only narrow
/// them, so a sign-out of another user or provider ends nothing.
#[derive(Clone, Copy)]
pub struct ProviderSession<'a> {
    /// The id of the session at the provider (`sid`).
    pub sid: &'a str,
    /// The issuer. `None` if the sign-out names none, as Entra ID's front channel.
    pub iss: Option<&'a str>,
    /// The subject. `None` if the sign-out names none.
    pub sub: Option<&'a Sub>,
}

impl ProviderSession<'_> {
    /// Whether the sign-out covers this session.
    fn covers(&self, entry: &SessionEntry) -> bool {
        let sub = self.sub.map(Sub::as_str);
        self.iss.is_none_or(|iss| *iss == *entry.iss) && sub.is_none_or(|sub| *sub == *entry.sub)
    }
}

impl Sessions {
    /// Ends a session and the one that it has replaced, with their tokens and application data.
    ///
    /// # Errors
    /// Those of the store. The session may still be live then.
    pub async fn end(&self, session: &Session) -> Result<(), StoreError> {
        let own = self.end_by_digest(&session.digest).await;
        let replaced = session.state.replaced.as_deref();
        if let Some(replaced) = replaced.and_then(SessionDigest::from_text) {
            // Even after a failure: a retry may not find this session, and with it the replaced one.
            self.end_by_digest(&replaced).await?;
        }
        own?;
        self.remove_from_indexes(session).await
    }

    /// Ends the session with this public name, of any user. Returns false if there is none.
    ///
    /// The session that it has replaced lasts for the rest of its minute, because the name does not
    /// lead to it. Pages on which users end their own sessions use [`Self::end_one_of`].
    pub async fn end_by_handle(&self, handle: &str) -> Result<bool, StoreError> {
        match SessionDigest::from_text(handle) {
            Some(digest) => self.end_by_digest(&digest).await,
            None => Ok(false),
        }
    }

    /// Ends one session of a user, by its public name, and the retired sessions of the user. Returns
    /// false if the user has no such session.
    pub async fn end_one_of(&self, user: &UserKey, handle: &str) -> Result<bool, StoreError> {
        let entries = self.list(user).await?;
        if !entries.iter().any(|entry| entry.handle == handle) {
            return Ok(false);
        }
        let selected = |entry: &SessionEntry| entry.retired || entry.handle == handle;
        Ok(self.end_indexed(&IndexBy::User(user), selected).await? > 0)
    }

    /// Ends all sessions of a user, including those that are being created. Returns their number.
    pub async fn end_all_of(&self, user: &UserKey) -> Result<usize, StoreError> {
        self.end_of_user(user, |_| true).await
    }

    /// Ends all other sessions of the session's user, including those that are being created. Returns
    /// their number.
    pub async fn end_others_of(&self, kept: &Session) -> Result<usize, StoreError> {
        let user = &kept.user().key;
        let kept = kept.digest;
        self.end_of_user(user, |entry| entry.digest != *kept.as_bytes())
            .await
    }

    /// Writes the mark first, then ends the listed sessions: a session that is being created is caught
    /// by one of the two. If the store has no room for the mark, ending the listed sessions makes room,
    /// and the mark is tried again.
    async fn end_of_user(
        &self,
        user: &UserKey,
        selects: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, StoreError> {
        let by = IndexBy::User(user);
        let marked = self.revoke_user(user).await;
        let mut ended = self.end_indexed(&by, &selects).await?;
        if marked.is_err() {
            self.revoke_user(user).await?;
            ended += self.end_indexed(&by, &selects).await?;
        }
        Ok(ended)
    }

    /// Ends the sessions that belong to one session at the provider. Returns their number.
    pub async fn end_provider_session(
        &self,
        named: &ProviderSession<'_>,
    ) -> Result<usize, StoreError> {
        let by = IndexBy::ProviderSession { sid: named.sid };
        self.end_indexed(&by, |entry| named.covers(entry)).await
    }

    async fn end_indexed(
        &self,
        by: &IndexBy<'_>,
        selects: impl Fn(&SessionEntry) -> bool,
    ) -> Result<usize, StoreError> {
        let mut ended = 0;
        for set in by.all_keys(&self.keys)? {
            for member in self.store.index_list(&set).await? {
                let Some(entry) = self.open_entry(&member) else {
                    // Sealed under a removed key: its session has ended with the key.
                    self.store.index_remove(&set, &member.name).await?;
                    continue;
                };
                if !selects(&entry) {
                    continue;
                }
                let digest = SessionDigest::new(entry.digest);
                ended += usize::from(self.end_by_digest(&digest).await?);
                self.store.index_remove(&set, &member.name).await?;
                // `create` checks its entry after it has written the record. So either `create` sees
                // that the entry is gone, or this second deletion finds the record.
                ended += usize::from(self.end_by_digest(&digest).await?);
            }
        }
        Ok(ended)
    }

    /// Ends a session: record first, then tokens and application data. Returns false if it had ended.
    pub(super) async fn end_by_digest(&self, digest: &SessionDigest) -> Result<bool, StoreError> {
        if let Some(cache) = &self.cache {
            cache.ending(digest, self.clock.now());
        }
        let ended = self.store.delete(&self.record_key(digest)?).await?;
        let tokens = digest.key(self.keys.label(), "v")?;
        let data = self.session_data_key(digest)?;
        // Concurrently, so that a store that flushes to disk needs one flush.
        let (tokens, data) =
            futures_util::join!(self.store.delete(&tokens), self.store.delete(&data));
        tokens.and(data)?;
        if let Some(cache) = &self.cache {
            cache.ended(digest, self.clock.now());
        }
        self.watchers.end(digest);
        Ok(ended)
    }

    /// Whether the session is still in the index of the provider's sessions. True without a `sid`.
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

//! A session as requests see it, and the sealed record that the store keeps of it.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use super::{SessionId, UserSnapshot, id::SessionDigest, index};
use crate::{
    clock::Timestamp,
    random::Random,
    seal::{Keys, SealPurpose},
    store::StoreError,
    transport::CallOwner,
};

/// A signed-in session. Requests share it as an `Arc`; what it says of the user never changes.
pub struct Session {
    pub(super) id: SessionId,
    pub(super) digest: SessionDigest,
    pub(super) state: SessionState,
    /// When the user is to be rechecked; 0 until somebody has found out. Not part of the record.
    recheck_at: AtomicU64,
    handle: String,
}

impl Session {
    pub(super) fn new(id: SessionId, state: SessionState) -> Self {
        let digest = id.digest();
        Self {
            handle: digest.to_text(),
            id,
            digest,
            state,
            recheck_at: AtomicU64::new(0),
        }
    }

    /// The signed-in user.
    pub const fn user(&self) -> &UserSnapshot {
        &self.state.user
    }

    /// When the user came back from the provider.
    pub const fn signed_in_at(&self) -> Timestamp {
        self.state.signed_in_at
    }

    /// When the session ends in any case.
    pub const fn ends_at(&self) -> Timestamp {
        self.state.ends_at
    }

    /// The public name of the session: shows which one is meant, opens nothing. It is the digest of
    /// the id, so that a session can be ended by its name alone.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// When the sign-in began that led to the session: what was revoked after that moment is void.
    pub(super) const fn began(&self) -> Timestamp {
        match self.state.began {
            Some(began) => began,
            None => self.state.signed_in_at,
        }
    }

    /// The session's id: for the cookie.
    pub const fn id(&self) -> &SessionId {
        &self.id
    }

    /// The digest of the session's id.
    pub const fn digest(&self) -> &SessionDigest {
        &self.digest
    }

    /// What bounds of downstream calls know the session and its user by.
    pub(crate) fn caller(&self) -> CallOwner {
        let (kind, first, second) = index::parts(&self.state.user.key);
        let key = [kind, first, second].join("\0");
        let mut user = [0; 32];
        user.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
        CallOwner {
            user,
            session: *self.digest.as_bytes(),
        }
    }

    /// When the user is to be rechecked, as far as this process has found out.
    pub fn recheck_at(&self) -> Timestamp {
        Timestamp::from_millis(self.recheck_at.load(Ordering::Relaxed))
    }

    /// Notes when the user is to be rechecked.
    pub(crate) fn set_recheck_at(&self, at: Timestamp) {
        self.recheck_at.store(at.millis(), Ordering::Relaxed);
    }

    /// Seals the state for the store, under keys that only this session's id can derive.
    pub(super) fn seal(&self, keys: &Keys, random: &dyn Random) -> Result<Vec<u8>, StoreError> {
        let mut plaintext = vec![VERSION];
        serde_json::to_writer(&mut plaintext, &self.state).map_err(|_| StoreError::Corrupt)?;
        let sealer = keys.sealer(SealPurpose::Session, self.id.as_bytes());
        Ok(sealer.seal(random, keys.label().as_bytes(), &plaintext))
    }

    /// Opens what [`Self::seal`] made. `None` for a record under a key that is no longer held:
    /// its session has ended with the key.
    pub(super) fn open(keys: &Keys, id: SessionId, sealed: &[u8]) -> Option<Self> {
        let sealer = keys.sealer(SealPurpose::Session, id.as_bytes());
        let opened = sealer.open(keys.label().as_bytes(), sealed).ok()?;
        let (version, json) = opened.plaintext.split_first()?;
        if *version != VERSION {
            return None;
        }
        let state = serde_json::from_slice(json).ok()?;
        Some(Self::new(id, state))
    }

    /// About how many bytes it takes in memory.
    pub(super) fn weight(&self) -> usize {
        let user = &self.state.user;
        let lists = [&user.roles, &user.groups.ids, &user.scopes, &user.acrs];
        let members = lists.into_iter().flatten().map(|text| text.len() + 24);
        size_of::<Self>() + 640 + members.sum::<usize>()
    }
}

/// What the record holds. A new field needs `#[serde(default)]`, so that an older record opens.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct SessionState {
    pub(super) user: UserSnapshot,
    pub(super) signed_in_at: Timestamp,
    pub(super) ends_at: Timestamp,
    /// When the attempt began.
    #[serde(default)]
    pub(super) began: Option<Timestamp>,
    /// Browser and system, as far as they could be told.
    #[serde(default)]
    pub(super) device: Option<String>,
    /// A new sign-in has replaced it; it answers a moment longer.
    #[serde(default)]
    pub(super) retired: bool,
    /// The session that this one has replaced and that ends together with it.
    #[serde(default)]
    pub(super) replaced: Option<String>,
}

const VERSION: u8 = 1;

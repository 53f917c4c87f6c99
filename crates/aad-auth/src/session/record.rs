//! A decoded session, and its sealed record in the store.

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

/// A signed-in session. Requests share it as an `Arc`. Its user snapshot never changes.
pub struct Session {
    pub(super) id: SessionId,
    pub(super) digest: SessionDigest,
    pub(super) state: SessionState,
    /// When the next recheck is due, in milliseconds; 0 while unknown. Not part of the record.
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

    /// When the sign-in was completed.
    pub const fn signed_in_at(&self) -> Timestamp {
        self.state.signed_in_at
    }

    /// The absolute timeout: when the session ends in any case.
    pub const fn ends_at(&self) -> Timestamp {
        self.state.ends_at
    }

    /// The public name of the session: the digest of its id. It identifies the session in lists and for
    /// ending it, and gives no access.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// When the sign-in attempt began: a revocation after this moment covers the session.
    pub(super) const fn began(&self) -> Timestamp {
        match self.state.began {
            Some(began) => began,
            None => self.state.signed_in_at,
        }
    }

    /// The session's id, for the cookie.
    pub const fn id(&self) -> &SessionId {
        &self.id
    }

    /// The digest of the session's id.
    pub const fn digest(&self) -> &SessionDigest {
        &self.digest
    }

    /// Identifies session and user in the limits of downstream calls.
    pub(crate) fn caller(&self) -> CallOwner {
        let (kind, first, second) = index::user_key_parts(&self.state.user.key);
        let key = [kind, first, second].join("\0");
        let mut user = [0; 32];
        user.copy_from_slice(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
        CallOwner {
            user,
            session: *self.digest.as_bytes(),
        }
    }

    /// When the next recheck of the user is due. The epoch while this process does not know.
    pub fn recheck_at(&self) -> Timestamp {
        Timestamp::from_millis(self.recheck_at.load(Ordering::Relaxed))
    }

    /// Sets when the next recheck of the user is due.
    pub(crate) fn set_recheck_at(&self, at: Timestamp) {
        self.recheck_at.store(at.millis(), Ordering::Relaxed);
    }

    /// Seals the state for the store, under a key derived from the session id.
    pub(super) fn seal(&self, keys: &Keys, random: &dyn Random) -> Result<Vec<u8>, StoreError> {
        let mut plaintext = vec![VERSION];
        serde_json::to_writer(&mut plaintext, &self.state).map_err(|_| StoreError::Corrupt)?;
        let sealer = keys.sealer(SealPurpose::Session, self.id.as_bytes());
        Ok(sealer.seal(random, keys.label().as_bytes(), &plaintext))
    }

    /// Opens a record that [`Self::seal`] made. `None` if its key was removed: the session has ended
    /// with the key.
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

    /// An estimate of its bytes in memory.
    pub(super) fn weight(&self) -> usize {
        let user = &self.state.user;
        let lists = [&user.roles, &user.groups.ids, &user.scopes, &user.acrs];
        let members = lists.into_iter().flatten().map(|text| text.len() + 24);
        size_of::<Self>() + 640 + members.sum::<usize>()
    }
}

/// The content of a record. New fields need `#[serde(default)]`, so that older records open.
#[derive(Clone, Deserialize, Serialize)]
pub(super) struct SessionState {
    pub(super) user: UserSnapshot,
    pub(super) signed_in_at: Timestamp,
    pub(super) ends_at: Timestamp,
    /// When the sign-in attempt began.
    #[serde(default)]
    pub(super) began: Option<Timestamp>,
    /// Browser and operating system, from `User-Agent`.
    #[serde(default)]
    pub(super) device: Option<String>,
    /// Whether a new sign-in has replaced the session.
    #[serde(default)]
    pub(super) retired: bool,
    /// The digest of the session that this one has replaced, and that ends together with it.
    #[serde(default)]
    pub(super) replaced: Option<String>,
}

const VERSION: u8 = 1;

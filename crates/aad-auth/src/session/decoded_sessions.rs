//! The last decoded version of each session, for stores with several writers.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Session, id::SessionDigest};
use crate::store::Version;

/// Saves unsealing and parsing the same record at each request. It is no cache of the store: each
/// request reads the record, and uses the decoded session only if the version is the same. A version
/// never recurs for a key, so an end or a change takes effect at once.
pub(super) struct DecodedSessions {
    shards: Vec<Mutex<DecodedShard>>,
    shard_capacity: usize,
}

#[derive(Default)]
struct DecodedShard {
    sessions: HashMap<SessionDigest, (Version, Arc<Session>)>,
    weight: usize,
}

impl DecodedSessions {
    /// Holds at most about `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            shard_capacity: capacity / SHARDS,
        }
    }

    /// The decoded session of this version; decodes it with `open` if there is none.
    pub(super) fn get_or_open(
        &self,
        digest: &SessionDigest,
        version: Version,
        open: impl FnOnce() -> Option<Session>,
    ) -> Option<Arc<Session>> {
        if let Some((known, session)) = self.shard(digest).sessions.get(digest)
            && *known == version
        {
            return Some(Arc::clone(session));
        }
        let session = Arc::new(open()?);
        self.keep(digest, version, &session);
        Some(session)
    }

    /// Forgets a session whose record is gone.
    pub(super) fn forget(&self, digest: &SessionDigest) {
        self.shard(digest).remove(digest);
    }

    fn keep(&self, digest: &SessionDigest, version: Version, session: &Arc<Session>) {
        let weight = session.weight();
        let mut shard = self.shard(digest);
        shard.remove(digest);
        // Any victim will do: a dropped session is only decoded again.
        while shard.weight + weight > self.shard_capacity {
            let Some(victim) = shard.sessions.keys().next().copied() else {
                return;
            };
            shard.remove(&victim);
        }
        shard.weight += weight;
        let entry = (version, Arc::clone(session));
        shard.sessions.insert(*digest, entry);
    }

    fn shard(&self, digest: &SessionDigest) -> MutexGuard<'_, DecodedShard> {
        let shard = &self.shards[usize::from(digest.as_bytes()[0]) % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DecodedShard {
    fn remove(&mut self, digest: &SessionDigest) {
        if let Some((_, session)) = self.sessions.remove(digest) {
            self.weight -= session.weight();
        }
    }
}

const SHARDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        random::SystemRandom,
        session_room::{
            SessionId,
            record::SessionState,
            tests::{HOUR, START, user},
        },
    };

    fn session() -> Session {
        let state = SessionState {
            user: user("ada"),
            signed_in_at: START,
            began: Some(START),
            ends_at: START + HOUR,
            device: None,
            retired: false,
            replaced: None,
        };
        Session::new(SessionId::new(&SystemRandom), state)
    }

    #[test]
    fn a_record_of_another_version_is_opened_again() {
        let decoded = DecodedSessions::new(1 << 20);
        let digest = SessionId::new(&SystemRandom).digest();
        let first = decoded
            .get_or_open(&digest, Version(1), || Some(session()))
            .unwrap();
        let again = decoded.get_or_open(&digest, Version(1), || None).unwrap();
        assert!(Arc::ptr_eq(&first, &again));
        // A record that cannot be unsealed is no session.
        assert!(decoded.get_or_open(&digest, Version(2), || None).is_none());
        let changed = decoded
            .get_or_open(&digest, Version(2), || Some(session()))
            .unwrap();
        assert!(!Arc::ptr_eq(&first, &changed));
        decoded.forget(&digest);
        assert!(decoded.get_or_open(&digest, Version(2), || None).is_none());
    }

    #[test]
    fn what_is_held_is_bounded() {
        let decoded = DecodedSessions::new(SHARDS * 4 * session().weight());
        for _ in 0..10_000 {
            let digest = SessionId::new(&SystemRandom).digest();
            decoded.get_or_open(&digest, Version(1), || Some(session()));
        }
        let held = decoded.shards.iter().map(|shard| {
            let shard = shard.lock().unwrap();
            assert!(shard.weight <= decoded.shard_capacity);
            shard.sessions.len()
        });
        assert!(held.sum::<usize>() <= SHARDS * 4);
    }
}

//! The cache of verified access tokens. A repeated token costs a digest and a look-up.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::digest::{SHA256, digest};
use foldhash::fast::RandomState;

use super::AccessToken;
use crate::{
    clock::Timestamp,
    provider::{Metadata, Provider, VerificationKey},
};

/// The digest of the whole token, with its signature. It identifies an entry.
pub(super) type Digest = [u8; 32];

/// A bounded cache. It takes verified tokens only, so that a flood of forged tokens cannot displace genuine
/// ones.
pub(super) struct VerifiedCache {
    shards: Vec<Mutex<Shard>>,
    shard_bytes: usize,
}

#[derive(Default)]
struct Shard {
    /// A fast hash with a random seed suffices: the digests are random already.
    entries: HashMap<Digest, Entry, RandomState>,
    /// Oldest first.
    order: VecDeque<Digest>,
    bytes: usize,
}

struct Entry {
    token: Arc<AccessToken>,
    key: Arc<VerificationKey>,
    metadata: Arc<Metadata>,
    usable_until: Timestamp,
    bytes: usize,
}

const SHARDS: usize = 16;
/// The entry, its digest in map and order, and about the same for their unused capacity.
const ENTRY_OVERHEAD: usize = size_of::<(Entry, [Digest; 3])>();

impl VerifiedCache {
    /// Creates a cache of at most `bytes`. `None` for a cache without capacity.
    pub(super) fn new(bytes: usize) -> Option<Self> {
        let shard_bytes = bytes / SHARDS;
        (shard_bytes > 0).then(|| Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            shard_bytes,
        })
    }

    pub(super) fn digest(token: &str) -> Digest {
        let mut bytes = Digest::default();
        let digest = digest(&SHA256, token.as_bytes());
        bytes.copy_from_slice(digest.as_ref());
        bytes
    }

    /// The token, while it is not expired and its key and metadata are still held.
    pub(super) fn get(
        &self,
        digest: &Digest,
        provider: &Provider,
        now: Timestamp,
    ) -> Option<Arc<AccessToken>> {
        let mut shard = self.shard(digest)?;
        let entry = shard.entries.get(digest)?;
        let good = now < entry.usable_until && provider.holds(&entry.metadata, &entry.key, now);
        if good {
            return Some(Arc::clone(&entry.token));
        }
        shard.remove(digest);
        None
    }

    pub(super) fn insert(
        &self,
        digest: Digest,
        token: Arc<AccessToken>,
        key: Arc<VerificationKey>,
        metadata: Arc<Metadata>,
        usable_until: Timestamp,
    ) {
        let bytes = token.verified().size() + ENTRY_OVERHEAD;
        if bytes > self.shard_bytes {
            return;
        }
        let Some(mut shard) = self.shard(&digest) else {
            return;
        };
        shard.remove(&digest);
        while shard.bytes + bytes > self.shard_bytes && shard.remove_oldest() {}
        shard.bytes += bytes;
        shard.order.push_back(digest);
        let entry = Entry {
            token,
            key,
            metadata,
            usable_until,
            bytes,
        };
        shard.entries.insert(digest, entry);
    }

    /// The number of tokens, and their approximate size in bytes.
    pub(super) fn usage(&self) -> (usize, usize) {
        self.shards.iter().fold((0, 0), |(tokens, bytes), shard| {
            let shard = lock(shard);
            (tokens + shard.entries.len(), bytes + shard.bytes)
        })
    }

    fn shard(&self, digest: &Digest) -> Option<MutexGuard<'_, Shard>> {
        let [first, ..] = digest;
        self.shards.get(usize::from(*first) % SHARDS).map(lock)
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shard {
    fn remove(&mut self, digest: &Digest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
            self.order.retain(|other| other != digest);
        }
    }

    fn remove_oldest(&mut self) -> bool {
        let Some(oldest) = self.order.pop_front() else {
            return false;
        };
        if let Some(entry) = self.entries.remove(&oldest) {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
        }
        true
    }
}

#[cfg(test)]
#[path = "verified_cache_tests.rs"]
mod tests;

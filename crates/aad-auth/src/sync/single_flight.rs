//! Single flight: concurrent callers of one key share one run of the work.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

/// The runs that are under way, by key. The first caller of a key becomes the [`Leader`] and does the
/// work. All callers get the outcome through their [`Waiter`].
pub(crate) struct SingleFlight<K, T>(Mutex<Runs<K, T>>);

type Runs<K, T> = HashMap<K, watch::Receiver<Option<T>>>;

/// Waits for the outcome of a run.
pub(crate) struct Waiter<T>(watch::Receiver<Option<T>>);

/// Obliges its owner to do the work and to [`finish`](Self::finish) the run. Dropping it unfinished
/// ends the run without an outcome.
pub(crate) struct Leader<K: Eq + Hash, T> {
    runs: Arc<SingleFlight<K, T>>,
    key: K,
    sender: watch::Sender<Option<T>>,
}

/// A place in a run, and the duty to do its work for the caller that started it.
pub(crate) type Joined<K, T> = (Waiter<T>, Option<Leader<K, T>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash, T> SingleFlight<K, T> {
    /// Joins the run of `key`. `None` when there is no run.
    pub(crate) fn join(&self, key: &K) -> Option<Waiter<T>> {
        self.lock().get(key).cloned().map(Waiter)
    }

    /// Joins the run of `key`, or starts one. The caller that starts a run gets its [`Leader`].
    pub(crate) fn join_or_start(self: &Arc<Self>, key: K) -> Joined<K, T> {
        self.enter(&mut self.lock(), key)
    }

    /// As [`Self::join_or_start`], but starts no run while `limit` runs are under way. `None` then.
    pub(crate) fn join_or_start_within(
        self: &Arc<Self>,
        key: K,
        limit: usize,
    ) -> Option<Joined<K, T>> {
        let mut runs = self.lock();
        let is_new = !runs.contains_key(&key);
        (!is_new || runs.len() < limit).then(|| self.enter(&mut runs, key))
    }

    fn enter(self: &Arc<Self>, runs: &mut Runs<K, T>, key: K) -> Joined<K, T> {
        if let Some(receiver) = runs.get(&key) {
            return (Waiter(receiver.clone()), None);
        }
        let (sender, receiver) = watch::channel(None);
        runs.insert(key, receiver.clone());
        let leader = Leader {
            runs: Arc::clone(self),
            key,
            sender,
        };
        (Waiter(receiver), Some(leader))
    }
}

impl<K, T> SingleFlight<K, T> {
    fn lock(&self) -> MutexGuard<'_, Runs<K, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Waiter<T> {
    /// Waits for the outcome. `None` when the leader was dropped without one.
    pub(crate) async fn wait(mut self) -> Option<T> {
        let outcome = self.0.wait_for(Option::is_some).await;
        outcome.ok().and_then(|outcome| outcome.clone())
    }
}

impl<K: Eq + Hash, T> Leader<K, T> {
    /// Ends the run and gives `outcome` to all waiters. A later caller starts a new run.
    pub(crate) fn finish(self, outcome: T) {
        let mut runs = self.runs.lock();
        runs.remove(&self.key);
        self.sender.send_replace(Some(outcome));
    }
}

impl<K: Eq + Hash, T> Drop for Leader<K, T> {
    fn drop(&mut self) {
        // After `finish`, another run may have this key already.
        if self.sender.borrow().is_none() {
            self.runs.lock().remove(&self.key);
        }
    }
}

#[cfg(test)]
#[path = "single_flight_tests.rs"]
mod tests;

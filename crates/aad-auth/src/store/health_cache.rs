//! Caches the health of a store for a second.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::Shared};

use super::{Store, StoreHealth};

/// Asks a store for its health on behalf of all callers. The readiness route is public, and each request
/// costs a remote store two round trips and a write.
///
/// One request is under way at a time. All callers that arrive meanwhile, and within a second after its
/// start, get its answer. If a caller is dropped, the next one continues its request.
pub(crate) struct HealthCache {
    store: Arc<dyn Store>,
    last: Mutex<Option<HealthRequest>>,
}

struct HealthRequest {
    at: Instant,
    answer: Answer,
}

type Answer = Shared<Pin<Box<dyn Future<Output = StoreHealth> + Send>>>;

impl HealthCache {
    pub(crate) const fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            last: Mutex::new(None),
        }
    }

    /// The health of the store, at most a second old.
    pub(crate) async fn get(&self) -> StoreHealth {
        self.answer().await
    }

    fn answer(&self) -> Answer {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = last.as_ref().filter(|last| last.is_valid()) {
            return request.answer.clone();
        }
        let store = Arc::clone(&self.store);
        let request = async move { store.health().await };
        let answer = (Box::pin(request) as Pin<Box<dyn Future<Output = _> + Send>>).shared();
        *last = Some(HealthRequest {
            at: Instant::now(),
            answer: answer.clone(),
        });
        answer
    }
}

impl HealthRequest {
    fn is_valid(&self) -> bool {
        let bound = match self.answer.peek() {
            Some(_) => VALID_FOR,
            None => ABANDONED,
        };
        self.at.elapsed() < bound
    }
}

/// How long an answer is valid, from the start of the request.
const VALID_FOR: Duration = Duration::from_secs(1);
/// After this time a request without answer is repeated: all callers were dropped, or the store exceeds
/// its own deadline.
const ABANDONED: Duration = Duration::from_secs(5);

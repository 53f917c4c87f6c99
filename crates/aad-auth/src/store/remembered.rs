//! The health of a store, asked at most once a second.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::Shared};

use super::{Store, StoreHealth};

/// Asks a store for its health on behalf of all callers: a readiness route is open to strangers, and
/// each question costs a remote store two round trips and a write.
///
/// One question is under way at a time. All callers that come meanwhile, and in the second after its
/// beginning, get its answer. A caller that hangs up leaves the question to the next one, so that it causes no
/// further question either.
pub(crate) struct RememberedHealth {
    store: Arc<dyn Store>,
    last: Mutex<Option<Asked>>,
}

struct Asked {
    at: Instant,
    answer: Answer,
}

type Answer = Shared<Pin<Box<dyn Future<Output = StoreHealth> + Send>>>;

impl RememberedHealth {
    pub(crate) const fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            last: Mutex::new(None),
        }
    }

    /// The health, at most a second old when the question has been answered.
    pub(crate) async fn get(&self) -> StoreHealth {
        self.answer().await
    }

    fn answer(&self) -> Answer {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = last.as_ref().filter(|asked| asked.holds()) {
            return asked.answer.clone();
        }
        let store = Arc::clone(&self.store);
        let question = async move { store.health().await };
        let answer = (Box::pin(question) as Pin<Box<dyn Future<Output = _> + Send>>).shared();
        *last = Some(Asked {
            at: Instant::now(),
            answer: answer.clone(),
        });
        answer
    }
}

impl Asked {
    fn holds(&self) -> bool {
        let bound = match self.answer.peek() {
            Some(_) => REMEMBERED,
            None => ABANDONED,
        };
        self.at.elapsed() < bound
    }
}

const REMEMBERED: Duration = Duration::from_secs(1);
/// After this time a question without an answer is asked anew: all who waited for it have hung up, or the
/// store does not keep its own deadline.
const ABANDONED: Duration = Duration::from_secs(5);

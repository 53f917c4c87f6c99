//! Loads metadata and keys.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use futures_util::future::{Either, select};
use http::StatusCode;
use url::Url;

use super::{
    Fault, KeySet, LoadError, MetadataError, Unavailable,
    counters::ProviderCounters,
    inner::ProviderInner,
    snapshot::{HeldMetadata, Snapshot},
};
use crate::{
    sync::{Leader, Waiter},
    transport::{CallPurpose, Response},
};

/// What a load fetches.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum LoadScope {
    /// Metadata and keys.
    Everything,
    /// Keys; metadata only when none is held.
    Keys,
}

const REFRESH: Duration = Duration::from_secs(3600);
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(60);
/// The maximum wait for a load while keys are held.
const PATIENCE_WITH_KEYS: Duration = Duration::from_secs(3);
/// The maximum wait while the provider is failing, so that users see an error page soon.
const SHORT_PATIENCE: Duration = Duration::from_millis(250);

/// Refreshes metadata and keys until the last handle of the provider is dropped.
pub(super) async fn keep_fresh(provider: Weak<ProviderInner>) {
    let mut retry = FIRST_RETRY;
    loop {
        let Some(inner) = provider.upgrade() else {
            return;
        };
        let (waiter, leader) = inner.flight.join_or_start(());
        inner.load_in_background(leader, LoadScope::Everything);
        let pause = if waiter.wait().await == Some(true) {
            retry = FIRST_RETRY;
            REFRESH
        } else {
            let pause = retry;
            retry = retry.saturating_mul(2).min(LONGEST_RETRY);
            pause
        };
        let sleep = inner.ports.background.sleep(inner.spread(pause));
        drop(inner);
        sleep.await;
    }
}

impl ProviderInner {
    /// Loads `scope`, unless the last load has just failed.
    pub(super) async fn ensure(self: &Arc<Self>, scope: LoadScope) -> Result<(), Unavailable> {
        if let Some(pause) = self.health.pause(self.now()) {
            return Err(self.unavailable(Some(pause)));
        }
        self.load_or_join(scope, self.settings.patience).await
    }

    /// Joins the load that is under way, or starts a new one, and waits up to `patience`. The load
    /// continues after that.
    pub(super) async fn load_or_join(
        self: &Arc<Self>,
        scope: LoadScope,
        patience: Duration,
    ) -> Result<(), Unavailable> {
        let (waiter, leader) = self.flight.join_or_start(());
        self.load_in_background(leader, scope);
        self.wait_for(waiter, patience).await
    }

    /// How long a token with an unknown key id waits for a load: its key may not exist.
    pub(super) fn patience_with_keys(&self) -> Duration {
        PATIENCE_WITH_KEYS.min(self.settings.patience)
    }

    pub(super) async fn wait_for(
        &self,
        waiter: Waiter<bool>,
        patience: Duration,
    ) -> Result<(), Unavailable> {
        let patience = match self.health.failures_in_a_row() {
            0 => patience,
            _ => SHORT_PATIENCE.min(patience),
        };
        let elapsed = self.ports.background.sleep(patience);
        match select(Box::pin(waiter.wait()), elapsed).await {
            Either::Left((Some(true), _)) => Ok(()),
            Either::Left((Some(false) | None, _)) => {
                let pause = self.health.pause(self.now());
                Err(self.unavailable(pause))
            }
            Either::Right(_) => {
                // Many requests may wait: one log line for all, until a load succeeds.
                if patience == self.settings.patience && self.late.is_first() {
                    tracing::warn!(
                        "the provider's metadata and keys did not arrive within \
                         AAD_PROVIDER_TIMEOUT: a slow provider needs a longer one"
                    );
                }
                Err(self.unavailable(None))
            }
        }
    }

    /// The error after a failed load, with the misconfiguration that caused it.
    fn unavailable(&self, pause: Option<Duration>) -> Unavailable {
        let last = self.health.last_error();
        Unavailable {
            misconfiguration: last.and_then(|error| error.misconfiguration()),
            ..pause.map_or(Unavailable::soon(), Unavailable::after)
        }
    }

    /// Loads in a separate task: a client that disconnects must not end the load for others.
    fn load_in_background(self: &Arc<Self>, leader: Option<Leader<(), bool>>, scope: LoadScope) {
        let Some(leader) = leader else { return };
        let inner = Arc::clone(self);
        self.ports.background.spawn(Box::pin(async move {
            let result = inner.load(scope).await;
            let succeeded = result.is_ok();
            match result {
                Ok(()) => {
                    inner.late.reset();
                    inner.health.succeeded();
                }
                Err(error) => inner.note_failure(error),
            }
            inner.report_obstacles();
            leader.finish(succeeded);
        }));
    }

    async fn load(&self, scope: LoadScope) -> Result<(), LoadError> {
        let held = self.snapshot.load().metadata.clone();
        let held = held.filter(|held| held.is_alive(self.now()));
        let (metadata, failure) = match held {
            Some(held) if scope == LoadScope::Keys => (held, None),
            None => (self.load_metadata(None).await?, None),
            // Broken metadata does not stop the refresh of the keys: the held metadata stays in use.
            Some(held) => match self.load_metadata(Some(&held)).await {
                Ok(fresh) => (fresh, None),
                Err(error) => (held, Some(error)),
            },
        };
        let keys_uri = metadata.metadata.jwks_uri.clone();
        self.publish(|current| Snapshot {
            metadata: Some(metadata.clone()),
            keys: Arc::clone(&current.keys),
        });
        ProviderCounters::add(&self.counters.key_fetches);
        let response = self.get(CallPurpose::Keys, keys_uri).await?;
        let set = KeySet::parse(&response.body, self.settings.algorithms)?;
        let now = self.now();
        let merged = Arc::new(self.snapshot.load().keys.merge(set, now));
        self.publish(|current| Snapshot {
            metadata: current.metadata.clone(),
            keys: Arc::clone(&merged),
        });
        self.changed.send_modify(|generation| *generation += 1);
        failure.map_or(Ok(()), Err)
    }

    /// Loads metadata. Unchanged metadata stays the same object, since the token cache compares objects.
    async fn load_metadata(&self, held: Option<&HeldMetadata>) -> Result<HeldMetadata, LoadError> {
        let app_id = self.settings.app_id.as_deref();
        let url = self
            .settings
            .authority
            .metadata_url(app_id)
            .map_err(|_| MetadataError::Malformed)?;
        ProviderCounters::add(&self.counters.metadata_fetches);
        let response = self.get(CallPurpose::Metadata, url).await?;
        let document = String::from_utf8(response.body).map_err(|_| MetadataError::Malformed)?;
        let loaded_at = self.now();
        if let Some(held) = held.filter(|held| *held.document == *document) {
            return Ok(HeldMetadata {
                loaded_at,
                ..held.clone()
            });
        }
        let metadata = self.settings.parse_metadata(document.as_bytes())?;
        metadata.log_ignored_endpoints();
        Ok(HeldMetadata {
            metadata: Arc::new(metadata),
            document: document.into(),
            loaded_at,
        })
    }

    async fn get(&self, purpose: CallPurpose, url: Url) -> Result<Response, LoadError> {
        let sent = Instant::now();
        let response = self.ports.fetch.fetch(purpose, url).await?;
        let (status, headers) = (response.status, &response.headers);
        self.provider_clock.measure(status, headers, sent);
        if response.status == StatusCode::OK {
            return Ok(response);
        }
        let document = match purpose {
            CallPurpose::Keys => "key set",
            _ => "metadata document",
        };
        let status = response.status;
        // Only Microsoft's numbers give more information than the status.
        let fault = Fault::from_json(&response.body)
            .filter(|fault| status.is_client_error() && !fault.codes().is_empty());
        Err(match fault.map(Box::new) {
            Some(fault) => LoadError::Refused { document, fault },
            None => LoadError::Status {
                document,
                status: status.as_u16(),
            },
        })
    }

    fn publish(&self, next: impl Fn(&Snapshot) -> Snapshot) {
        self.snapshot.rcu(|current| next(current));
    }

    fn note_failure(&self, error: LoadError) {
        ProviderCounters::add(&self.counters.failures);
        // The first failure in a row is for the operator. The others would only fill the log.
        if self.health.failures_in_a_row() == 0 {
            tracing::warn!(%error, "metadata and keys of the provider could not be loaded; the next attempt follows");
        } else {
            tracing::debug!(%error, "metadata and keys of the provider still cannot be loaded");
        }
        self.health.failed(error, self.now());
    }

    /// Varies a pause by ±10 %, so that replicas do not all send requests at the same time.
    fn spread(&self, pause: Duration) -> Duration {
        let [random] = crate::random::bytes::<1>(&*self.ports.random);
        let tenth = pause / 10;
        (pause - tenth).saturating_add(tenth.saturating_mul(2) * u32::from(random) / 255)
    }
}

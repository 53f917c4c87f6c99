//! What `/readyz` tells: whether requests can be served, and what needs an operator.

use std::time::Duration;

use serde::Serialize;

use crate::{
    client_auth::CREDENTIAL_REFUSED,
    provider::describe_skew,
    sign_in::{FOREIGN_KEY, SEPARATE_STORES},
    store::{StoreError, StoreHealth},
    web::instance::Auth,
};

/// The state of an instance.
///
/// ```
/// use aad_auth::Auth;
/// use actix_web::{HttpResponse, web::Data};
///
/// async fn ready(auth: Data<Auth>) -> HttpResponse {
///     let status = auth.status().await;
///     match status.ready {
///         true => HttpResponse::Ok().json(status),
///         false => HttpResponse::ServiceUnavailable().json(status),
///     }
/// }
/// ```
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Whether signed-in users can be served. The provider does not count, and neither
    /// does a store that is read but refuses to be written: that is in `degraded`.
    pub ready: bool,
    /// What works, but not as it should: one sentence each, with the remedy.
    pub degraded: Vec<String>,
    /// The store's kind.
    pub store: &'static str,
    /// How many keys of the provider are held.
    pub provider_keys: usize,
}

impl Auth {
    /// Waits until the session store is open. A server may listen meanwhile: public pages
    /// answer, guarded ones 503.
    ///
    /// See [`StoreError`] for an example.
    ///
    /// # Errors
    /// Why the store cannot be used. With [`StoreError::Locked`] (another process still holds the
    /// file), [`StoreError::Corrupt`] or [`StoreError::Denied`] the process should stop and say so;
    /// a Redis server that is away comes back by itself.
    pub async fn store_opened(&self) -> Result<(), StoreError> {
        let store = self.engine().sessions().store();
        loop {
            match store.health().await {
                StoreHealth::Opening => tokio::time::sleep(OPENING_POLL).await,
                StoreHealth::Failed(error) | StoreHealth::Unusable { error, .. } => {
                    return Err(error);
                }
                StoreHealth::Ready | StoreHealth::Degraded(_) => return Ok(()),
            }
        }
    }

    /// The state of this instance. Answers within about a second, and never asks the provider. The
    /// store is asked at most once a second, however many callers there are.
    ///
    /// See [`Status`] for an example.
    pub async fn status(&self) -> Status {
        let engine = self.engine();
        let store = engine.sessions().store();
        let provider = engine.provider().state();
        let mut degraded = Vec::new();
        let health = self.store_health().await;
        match &health {
            StoreHealth::Ready => {}
            StoreHealth::Degraded(sentence) => degraded.push(sentence.clone()),
            StoreHealth::Opening => degraded.push(
                "the session store is still opening, or waits for the previous process to let go \
                 of its file"
                    .to_owned(),
            ),
            StoreHealth::Failed(error) => degraded.push(error.to_string()),
            StoreHealth::Unusable { reason, .. } => degraded.push(reason.clone()),
        }
        let cannot_be_used = provider
            .last_error
            .as_ref()
            .filter(|error| error.misconfiguration().is_some());
        if let (None, Some(error)) = (provider.metadata_loaded_at, cannot_be_used) {
            degraded.push(format!(
                "what the provider publishes cannot be used: {error}. No user can sign in until that \
                 is corrected"
            ));
        } else if provider.metadata_loaded_at.is_none() {
            degraded.push(format!(
                "the provider's metadata is not loaded{}: no user can sign in until {} answers",
                cause(&provider.last_error),
                engine
                    .config()
                    .authority
                    .origin()
                    .host_str()
                    .unwrap_or_default(),
            ));
        } else if !provider.is_refreshed() {
            degraded.push(format!(
                "the provider's metadata and keys cannot be refreshed{}",
                cause(&provider.last_error)
            ));
        }
        let obstacles = provider.obstacles.iter();
        degraded.extend(obstacles.map(|one| format!("no user can sign in: {one}")));
        degraded.extend(provider.clock_differs().map(describe_skew));
        degraded.extend(engine.sessions().clock_warning());
        if engine.replicas().has_separate_stores(engine.clock().now()) {
            degraded.push(SEPARATE_STORES.to_owned());
        }
        if engine.replicas().has_foreign_key() {
            degraded.push(FOREIGN_KEY.to_owned());
        }
        if engine.credential_is_refused() {
            degraded.push(CREDENTIAL_REFUSED.to_owned());
        }
        Status {
            ready: health.is_usable(),
            degraded,
            store: store.kind(),
            provider_keys: provider.keys,
        }
    }
}

fn cause(error: &Option<impl std::fmt::Display>) -> String {
    error
        .as_ref()
        .map(|error| format!(" ({error})"))
        .unwrap_or_default()
}

const OPENING_POLL: Duration = Duration::from_millis(50);

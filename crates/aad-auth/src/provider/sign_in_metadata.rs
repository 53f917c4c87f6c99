//! The metadata for a new sign-in.

use std::{sync::Arc, time::Duration};

use super::{Metadata, Misconfiguration, Provider, Unavailable, loader::LoadScope};

/// The age from which metadata with an obstacle is loaded again by a sign-in.
const RELOAD_AGE: Duration = Duration::from_secs(60);

impl Provider {
    /// The metadata for a new sign-in.
    ///
    /// # Errors
    /// Like [`Self::metadata`]. Also where an obstacle is known, so that no user enters a password
    /// for a sign-in that cannot succeed. Missing keys are no obstacle: they may arrive before the
    /// callback.
    pub async fn metadata_for_sign_in(&self) -> Result<Arc<Metadata>, Unavailable> {
        self.metadata().await?;
        let keys = if self.0.has_keys() {
            Ok(())
        } else {
            self.0.ensure(LoadScope::Keys).await
        };
        if !self.obstacles().is_empty() && self.metadata_age() >= RELOAD_AGE {
            // The obstacle may be gone. A failed load keeps what is held.
            let _ = self.0.ensure(LoadScope::Everything).await;
        }
        match self.obstacles().first() {
            Some(obstacle) => Err(until_changed(obstacle.misconfiguration())),
            None => match keys {
                Err(error) if error.misconfiguration.is_some() => Err(error),
                _ => self.metadata().await,
            },
        }
    }

    fn metadata_age(&self) -> Duration {
        let held = self.0.snapshot.load().metadata.clone();
        held.map_or(Duration::ZERO, |held| self.0.now().since(held.loaded_at))
    }
}

/// Unavailable until a setting or the metadata document changes.
const fn until_changed(what: Misconfiguration) -> Unavailable {
    Unavailable {
        retry_after: RELOAD_AGE,
        misconfiguration: Some(what),
    }
}

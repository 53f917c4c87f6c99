//! The store that sessions are kept in.

use std::{path::Path, sync::Arc, time::Duration};

use super::{StartError, generated_secret, open_keys::state_dir};
use crate::{
    clock::Clock,
    config::{Config, Problem, StoreUrl},
    seal::InstanceLabel,
    secret::Secret,
    store::{MemoryStore, Store},
};

/// The store that `AAD_SESSION_STORE` names; by default a file in the state folder, one for each
/// instance, so that two applications of one user do not lock each other out.
pub(in crate::web) fn open_store(
    config: &Config,
    label: InstanceLabel,
    clock: &Arc<dyn Clock>,
    lock_wait: Duration,
) -> Result<Arc<dyn Store>, StartError> {
    let location = match &config.session_store {
        Some(location) => location.clone(),
        None => {
            let folder = state_dir(config)?;
            generated_secret::create_folder(&folder)?;
            let name: String = label.as_bytes()[..4]
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            StoreUrl::File(folder.join(format!("sessions-{name}.redb")))
        }
    };
    match location {
        StoreUrl::Memory => Ok(Arc::new(MemoryStore::new(Arc::clone(clock)))),
        StoreUrl::File(path) => open_file(&path, clock, lock_wait),
        StoreUrl::Redis(url) => open_redis(url, config, clock),
    }
}

/// Opens the file in the background: after `kill -9` a large one takes seconds, and a process that
/// this one replaces may still hold it. An error that shows within [`AT_ONCE`] is returned here.
#[cfg(feature = "file")]
fn open_file(
    path: &Path,
    clock: &Arc<dyn Clock>,
    lock_wait: Duration,
) -> Result<Arc<dyn Store>, StartError> {
    let options = crate::store::FileOptions::new(path)
        .clock(Arc::clone(clock))
        .lock_wait(lock_wait);
    let problem = |error: &dyn std::fmt::Display| {
        let rule = format!(
            "the session file {} cannot be opened ({error})",
            path.display()
        );
        Problem::new(
            "AAD_SESSION_STORE",
            rule,
            "file:/var/lib/my-app/sessions.redb",
        )
    };
    let store = crate::store::FileStore::open(options).map_err(|error| problem(&error))?;
    match store.opened_within(AT_ONCE) {
        Ok(()) | Err(crate::store::StoreError::Opening) => Ok(Arc::new(store)),
        Err(error) => Err(problem(&error).into()),
    }
}

/// How long the start waits for an error of the file. Small files are checked by then.
#[cfg(feature = "file")]
const AT_ONCE: Duration = Duration::from_millis(500);

#[cfg(not(feature = "file"))]
fn open_file(_: &Path, _: &Arc<dyn Clock>, _: Duration) -> Result<Arc<dyn Store>, StartError> {
    Err(without("file"))
}

#[cfg(feature = "redis")]
fn open_redis(
    url: Secret,
    config: &Config,
    clock: &Arc<dyn Clock>,
) -> Result<Arc<dyn Store>, StartError> {
    let mut options = crate::store::RedisOptions::new(url).clock(Arc::clone(clock));
    if let Some(pem) = super::open_transport::read_roots(config)? {
        options = options.trusted_roots(pem);
    }
    let store = crate::store::RedisStore::open(&options).map_err(|error| {
        Problem::new(
            "AAD_SESSION_STORE",
            error.to_string(),
            "redis://127.0.0.1:6379/0",
        )
    })?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "redis"))]
fn open_redis(_: Secret, _: &Config, _: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, StartError> {
    Err(without("redis"))
}

#[cfg(not(all(feature = "file", feature = "redis")))]
fn without(feature: &str) -> StartError {
    let rule =
        format!("asks for a store that this build does not have: build with the feature {feature}");
    Problem::new("AAD_SESSION_STORE", rule, "memory").into()
}

//! The `actix_session` store behind [`ApplicationSession`](crate::ApplicationSession).

use std::{collections::HashMap, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use zeroize::Zeroizing;

use super::current::current;
use crate::{session::SessionId, store::StoreError};

/// Keeps the data of the request's session, whatever the cookie says; without a session those of
/// the visitor whom the cookie names.
#[derive(Clone, Copy)]
pub struct OwnedStore;

type State = HashMap<String, String>;

impl SessionStore for OwnedStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(visitor) = parse(key) else {
            return Ok(None);
        };
        let read = async {
            let current = current()?;
            match current.owner(Some(visitor)).await? {
                Some(owner) => current.sessions().app_data(&owner).await,
                None => Ok(None),
            }
        };
        match read.await {
            Ok(None) => Ok(None),
            Ok(Some(json)) => decode(&json)
                .map(Some)
                .map_err(|error| LoadError::Deserialization(error.into())),
            Err(error) => {
                // An error here would be a 500 for every page, also the public ones.
                tracing::debug!(%error, "application data read as empty");
                if let Ok(current) = current() {
                    current.note_unread(error);
                }
                Ok(None)
            }
        }
    }

    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let json = json(&state).map_err(|error| SaveError::Serialization(error.into()))?;
        let saved = async {
            let current = current()?;
            current.was_read()?;
            let id = current.new_id();
            if let Some(owner) = current.owner(Some(id.clone())).await? {
                let sessions = current.sessions();
                sessions.put_app_data(&owner, &json, life(ttl)).await?;
            }
            Ok(id)
        };
        let id = saved
            .await
            .map_err(|error| SaveError::Other(failed(error)))?;
        SessionKey::try_from(id.to_cookie().to_string())
            .map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let json = json(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let updated = async {
            let current = current()?;
            current.was_read()?;
            match current.owner(parse(&key)).await? {
                Some(owner) => {
                    let sessions = current.sessions();
                    sessions.replace_app_data(&owner, &json, life(ttl)).await
                }
                None => Ok(()),
            }
        };
        updated
            .await
            .map_err(|error| UpdateError::Other(failed(error)))?;
        Ok(key)
    }

    async fn update_ttl(
        &self,
        key: &SessionKey,
        ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        let current = current()?;
        if let Some(owner) = current.owner(parse(key)).await? {
            let sessions = current.sessions();
            sessions.extend_app_data(&owner, life(ttl)).await?;
        }
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let current = current()?;
        if let Some(owner) = current.owner(parse(key)).await? {
            current.sessions().end_app_data(&owner).await?;
        }
        Ok(())
    }
}

/// `None`: not a key that [`OwnedStore::save`] gives.
fn parse(key: &SessionKey) -> Option<SessionId> {
    SessionId::parse(key.as_ref().as_bytes())
}

pub(in crate::web) fn decode(json: &[u8]) -> Result<State, serde_json::Error> {
    serde_json::from_slice(json)
}

fn json(state: &State) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    serde_json::to_vec(state).map(Zeroizing::new)
}

/// A negative life is none; the store clamps it.
fn life(ttl: &time::Duration) -> Duration {
    Duration::try_from(*ttl).unwrap_or_default()
}

fn failed(error: StoreError) -> anyhow::Error {
    tracing::warn!(%error, "application data could not be kept");
    if let Ok(current) = current() {
        current.failure().set(Some(error));
    }
    error.into()
}

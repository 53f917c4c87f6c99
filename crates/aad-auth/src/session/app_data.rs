//! The application's own session data: `actix_session` on top of the crate's store.

use std::{collections::HashMap, sync::Arc, time::Duration};

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time;
use zeroize::Zeroizing;

use super::SessionId;
use crate::{
    random::Random,
    seal::{Keys, Purpose},
    store::{Created, Key, Store, StoreError, Updated},
};

/// An `actix_session` store for data of the application, in the same place as the signed-in
/// sessions but apart from them:
///
/// ```no_run
/// # use std::sync::Arc;
/// # use aad_auth::{random::SystemRandom, seal::Keys, session::AppData, store::Store};
/// # fn middleware(store: Arc<dyn Store>, keys: Arc<Keys>, key: actix_web::cookie::Key)
/// # -> actix_session::SessionMiddleware<AppData> {
/// let data = AppData::new(store, keys, Arc::new(SystemRandom));
/// actix_session::SessionMiddleware::new(data, key)
/// # }
/// ```
///
/// - Values are sealed under a key derived from the session key, which only the browser holds, and
///   the application's secret; the store knows a digest.
/// - An update of a session that has ended does nothing: a request in flight during a sign-out
///   brings nothing back. (The Redis store of `actix_session` 0.11 saves a new session then.)
/// - While the store is away a session reads as empty, so that public pages go on; writing fails.
/// - Two requests that change one session at the same time: the later one wins, as the map is
///   written as a whole.
#[derive(Clone)]
pub struct AppData {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    random: Arc<dyn Random>,
}

type State = HashMap<String, String>;

impl AppData {
    /// Application data in `store`, sealed under `keys`.
    pub fn new(store: Arc<dyn Store>, keys: Arc<Keys>, random: Arc<dyn Random>) -> Self {
        Self {
            store,
            keys,
            random,
        }
    }

    async fn read(&self, id: &SessionId) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let Some(record) = self.store.get(&self.key(id)?).await? else {
            return Ok(None);
        };
        let sealer = self.keys.sealer(Purpose::AppData, id.as_bytes());
        let opened = sealer.open(self.keys.label().as_bytes(), &record.value);
        Ok(opened.ok().map(|opened| Zeroizing::new(opened.plaintext)))
    }

    /// Replaces a record that is there, whoever else writes; nothing when it is gone.
    async fn replace(
        &self,
        id: &SessionId,
        sealed: &[u8],
        ttl: Duration,
    ) -> Result<(), StoreError> {
        let key = self.key(id)?;
        for _ in 0..ATTEMPTS {
            let Some(record) = self.store.get(&key).await? else {
                return Ok(());
            };
            let update = self.store.update(&key, record.version, sealed, ttl);
            if update.await? != Updated::Conflict {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable)
    }

    fn seal(&self, id: &SessionId, state: &State) -> Result<Vec<u8>, serde_json::Error> {
        let json = Zeroizing::new(serde_json::to_vec(state)?);
        let sealer = self.keys.sealer(Purpose::AppData, id.as_bytes());
        Ok(sealer.seal(&*self.random, self.keys.label().as_bytes(), &json))
    }

    fn key(&self, id: &SessionId) -> Result<Key, StoreError> {
        id.digest().key(self.keys.label(), "a")
    }
}

impl SessionStore for AppData {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        let Some(id) = parse(session_key) else {
            return Ok(None);
        };
        match self.read(&id).await {
            Ok(None) => Ok(None),
            Ok(Some(json)) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|error| LoadError::Deserialization(error.into())),
            Err(error) => {
                // An error here would be a 500 for every page, also the public ones.
                tracing::debug!(%error, "application data reads as empty");
                Ok(None)
            }
        }
    }

    async fn save(&self, state: State, ttl: &time::Duration) -> Result<SessionKey, SaveError> {
        let id = SessionId::new(&*self.random);
        let sealed = self
            .seal(&id, &state)
            .map_err(|error| SaveError::Serialization(error.into()))?;
        let other = |error: StoreError| SaveError::Other(error.into());
        let key = self.key(&id).map_err(other)?;
        match self.store.create(&key, &sealed, life(ttl)).await {
            Ok(Created::Written(_)) => {}
            // 256 random bits that are taken already: the generator is broken.
            Ok(Created::Exists) => return Err(other(StoreError::Corrupt)),
            Err(error) => return Err(other(error)),
        }
        let cookie = id.to_cookie().to_string();
        SessionKey::try_from(cookie).map_err(|error| SaveError::Other(error.into()))
    }

    async fn update(
        &self,
        session_key: SessionKey,
        state: State,
        ttl: &time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        if let Some(id) = parse(&session_key) {
            let sealed = self
                .seal(&id, &state)
                .map_err(|error| UpdateError::Serialization(error.into()))?;
            self.replace(&id, &sealed, life(ttl))
                .await
                .map_err(|error| UpdateError::Other(error.into()))?;
        }
        Ok(session_key)
    }

    async fn update_ttl(
        &self,
        session_key: &SessionKey,
        ttl: &time::Duration,
    ) -> Result<(), anyhow::Error> {
        if let Some(id) = parse(session_key) {
            self.store.touch(&self.key(&id)?, life(ttl)).await?;
        }
        Ok(())
    }

    async fn delete(&self, session_key: &SessionKey) -> Result<(), anyhow::Error> {
        if let Some(id) = parse(session_key) {
            self.store.delete(&self.key(&id)?).await?;
        }
        Ok(())
    }
}

/// `None`: not a key that [`AppData::save`] gives.
fn parse(session_key: &SessionKey) -> Option<SessionId> {
    SessionId::parse(session_key.as_ref().as_bytes())
}

/// A negative life is none; the store clamps it.
fn life(ttl: &time::Duration) -> Duration {
    Duration::try_from(*ttl).unwrap_or_default()
}

/// Concurrent writers that one writer outwaits.
const ATTEMPTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::{ManualClock, Timestamp},
        random::SystemRandom,
        seal::InstanceLabel,
        store::MemoryStore,
    };

    const HOUR: time::Duration = time::Duration::hours(1);

    struct Fixture {
        clock: ManualClock,
        store: Arc<MemoryStore>,
    }

    impl Fixture {
        fn new() -> Self {
            let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
            let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
            Self { clock, store }
        }

        fn data(&self, secrets: &[&str], client: &str) -> AppData {
            let label = InstanceLabel::new("https://login.example.test/t", client, "/auth");
            let keys = Arc::new(Keys::new(secrets, label).unwrap());
            let store: Arc<dyn Store> = Arc::clone(&self.store) as Arc<dyn Store>;
            AppData::new(store, keys, Arc::new(SystemRandom))
        }

        fn records(&self) -> Option<u64> {
            self.store.stats().records
        }
    }

    fn state(value: &str) -> State {
        HashMap::from([("notice".to_owned(), value.to_owned())])
    }

    fn copy(key: &SessionKey) -> SessionKey {
        SessionKey::try_from(key.as_ref().to_owned()).unwrap()
    }

    #[tokio::test]
    async fn what_was_saved_and_updated_comes_back() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        let key = data.save(state("one"), &HOUR).await.unwrap();
        assert_eq!(data.load(&key).await.unwrap(), Some(state("one")));
        let key = data.update(key, state("two"), &HOUR).await.unwrap();
        assert_eq!(data.load(&key).await.unwrap(), Some(state("two")));
    }

    #[tokio::test]
    async fn an_update_after_the_end_brings_nothing_back() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        let key = data.save(state("one"), &HOUR).await.unwrap();
        data.delete(&key).await.unwrap();
        let same = data.update(copy(&key), state("two"), &HOUR).await.unwrap();
        assert_eq!(same, key);
        data.update_ttl(&key, &HOUR).await.unwrap();
        assert_eq!(data.load(&key).await.unwrap(), None);
        assert_eq!(fixture.records(), Some(0));
    }

    #[tokio::test]
    async fn refuses_keys_it_has_not_given() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        for text in ["", "x", "a:b", &"A".repeat(43), &"A".repeat(64)] {
            let key = || SessionKey::try_from(text.to_owned()).unwrap();
            assert_eq!(data.load(&key()).await.unwrap(), None);
            data.update(key(), state("one"), &HOUR).await.unwrap();
            data.update_ttl(&key(), &HOUR).await.unwrap();
            data.delete(&key()).await.unwrap();
        }
        assert_eq!(fixture.records(), Some(0));
    }

    #[tokio::test]
    async fn ends_after_its_life_which_can_be_lengthened() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        let (short, long) = (
            data.save(state("one"), &HOUR).await.unwrap(),
            data.save(state("two"), &HOUR).await.unwrap(),
        );
        data.update_ttl(&long, &(HOUR * 3)).await.unwrap();
        fixture.clock.advance(Duration::from_secs(7200));
        assert_eq!(data.load(&short).await.unwrap(), None);
        assert!(data.load(&long).await.unwrap().is_some());
        let none = data.save(state("x"), &time::Duration::hours(-1)).await;
        fixture.clock.advance(Duration::from_secs(1));
        assert_eq!(data.load(&none.unwrap()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn another_instance_or_secret_does_not_open_it_and_a_rotated_one_does() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        let key = data.save(state("one"), &HOUR).await.unwrap();
        let load = async |secrets: &[&str], client| {
            let data = fixture.data(secrets, client);
            data.load(&key).await.unwrap().is_some()
        };
        assert!(!load(&["secret"], "other").await);
        assert!(!load(&["other"], "client").await);
        assert!(load(&["new", "secret"], "client").await);
    }

    #[tokio::test]
    async fn reads_as_empty_and_refuses_to_write_while_the_store_is_away() {
        let fixture = Fixture::new();
        let data = fixture.data(&["secret"], "client");
        let key = data.save(state("one"), &HOUR).await.unwrap();
        fixture.store.close().await.unwrap();
        assert_eq!(data.load(&key).await.unwrap(), None);
        assert!(data.save(state("two"), &HOUR).await.is_err());
        assert!(data.update(key, state("two"), &HOUR).await.is_err());
    }
}

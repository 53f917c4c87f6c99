//! From the value of `AAD_SESSION_STORE` to the store.

use std::{sync::Arc, time::Duration};

use super::{MemoryStore, Store, StoreError, StoreUrl};
use crate::clock::Clock;

impl StoreUrl {
    /// Opens the store, without waiting: the file store opens in the background, and Redis is
    /// connected to at the first operation. `lock_wait` is how long a file store waits for the
    /// process before this one to let go of the file: the time-out of an orderly shutdown plus
    /// 5 s.
    ///
    /// # Errors
    /// [`StoreError::NotCompiled`] where the crate was built without the back end's feature;
    /// [`StoreError::Refused`] for a Redis URL that cannot be used; [`StoreError::Unavailable`]
    /// when the system has no thread left.
    pub fn open(
        &self,
        clock: Arc<dyn Clock>,
        lock_wait: Duration,
    ) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            Self::Memory => Ok(Arc::new(MemoryStore::new(clock))),
            #[cfg(feature = "file")]
            Self::File(path) => {
                let options = super::FileOptions::new(path)
                    .clock(clock)
                    .lock_wait(lock_wait);
                let store = super::FileStore::open(options).map_err(|_| StoreError::Unavailable)?;
                Ok(Arc::new(store))
            }
            #[cfg(feature = "redis")]
            Self::Redis(url) => {
                let options = super::RedisOptions::new(url.clone()).clock(clock);
                Ok(Arc::new(super::RedisStore::open(&options)?))
            }
            #[cfg(not(all(feature = "file", feature = "redis")))]
            _ => {
                let _unused = lock_wait;
                Err(StoreError::NotCompiled)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn opens_the_named_back_end() {
        let open = |text: &str| {
            let url: StoreUrl = text.parse().unwrap();
            let store = url.open(Arc::new(SystemClock), Duration::ZERO).unwrap();
            store.kind()
        };
        assert_eq!(open("memory"), "memory");
        #[cfg(feature = "redis")]
        assert_eq!(open("redis://127.0.0.1:1"), "redis");
        #[cfg(feature = "file")]
        {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("private/s.redb");
            assert_eq!(open(&format!("file:{}", path.display())), "file");
        }
    }
}

//! Opening the database, making a new one, closing it.

use redb::{Builder, Database, ReadableDatabase, backends::FileBackend};

use super::{
    fault::translate,
    ledger::{Ledger, Totals},
    options::FileOptions,
    place::Place,
    row::{FORMAT, META},
    shared::Shared,
};
use crate::{clock::Timestamp, store::StoreError};

/// Only files of this size and more are compacted, while they hold less than this much: a
/// shutdown must not take long.
const COMPACTED: std::ops::RangeInclusive<u64> = 2 * 1024 * 1024..=1024 * 1024 * 1024;

/// Opens the file, or makes a new one where there is none. A file that is there is never
/// replaced: one that cannot be read is an error.
pub(super) fn open(place: &Place, options: &FileOptions) -> Result<(Database, Totals), StoreError> {
    let length = match place.length()? {
        Some(length) => length,
        None => {
            make(place, options)?;
            0
        }
    };
    if length == 0 && place.length()? == Some(0) {
        // We publish only finished databases: an empty one was cut off by somebody else.
        return Err(StoreError::Corrupt);
    }
    let backend = FileBackend::new(place.open_file()?).map_err(translate)?;
    let database = Builder::new()
        .set_cache_size(options.cache)
        .set_check_integrity_on_open(length <= options.read_whole)
        .create_with_backend(backend)
        .map_err(translate)?;
    let totals = read_meta(&database)?;
    Ok((database, totals))
}

/// Compacts the file where much of it is unused, and closes it.
pub(super) fn close(mut database: Database, shared: &Shared, compact: bool) {
    let length = shared.counters.snapshot().bytes.unwrap_or_default();
    let live = shared.counters.live_bytes();
    if compact && length >= *COMPACTED.start() && live <= *COMPACTED.end() && live < length / 3 {
        let outcome = database.compact();
        tracing::debug!(compacted = ?outcome.ok(), "compacted the session store's file");
    }
    if let Err(error) = database.close() {
        tracing::warn!(%error, "closing the session store's file failed; it is repaired at the next start");
    }
}

fn make(place: &Place, options: &FileOptions) -> Result<(), StoreError> {
    let backend = FileBackend::new(place.draft()?).map_err(translate)?;
    let database = Builder::new()
        .set_cache_size(options.cache)
        .create_with_backend(backend)
        .map_err(translate)?;
    let mut transaction = database.begin_write().map_err(translate)?;
    transaction.set_quick_repair(true);
    {
        let mut meta = transaction.open_table(META).map_err(translate)?;
        meta.insert("format", FORMAT).map_err(translate)?;
    }
    let opened = Ledger::open(&transaction, Timestamp::default(), u64::MAX);
    drop(opened.map_err(|_| StoreError::Unavailable)?);
    transaction.commit().map_err(translate)?;
    database.close().map_err(translate)?;
    place.publish_draft()
}

fn read_meta(database: &Database) -> Result<Totals, StoreError> {
    let transaction = database.begin_read().map_err(translate)?;
    let meta = transaction.open_table(META).map_err(translate)?;
    let number = |name| -> Result<u64, StoreError> {
        let value = meta.get(name).map_err(translate)?;
        Ok(value.map_or(0, |value| value.value()))
    };
    if number("format")? != FORMAT {
        return Err(StoreError::Corrupt);
    }
    Ok(Totals {
        rows: number("rows")?,
        bytes: number("bytes")?,
    })
}

//! Opening the database, making a new one, closing it.

use std::sync::Arc;

use redb::{Builder, Database, ReadableDatabase, WriteTransaction, backends::FileBackend};

use super::{
    disk::Disk,
    fault::{FileFault, of_io, reason, translate},
    frozen::Frozen,
    ledger::Ledger,
    options::FileOptions,
    place::Place,
    reserve::Reserve,
    row::{FORMAT, META},
    shared::SharedFile,
    totals::{ShareRoom, ShareTotals},
};
use crate::{
    clock::Timestamp,
    store_room::{
        StoreError,
        share::{Gauge, Quota},
    },
};

/// Only files of this size and more are compacted, while they hold less than this much: a
/// shutdown must not take long.
const COMPACTED: std::ops::RangeInclusive<u64> = 2 * 1024 * 1024..=1024 * 1024 * 1024;

/// Opens the file, or makes a new one where there is none. A file that is there is never
/// replaced: one that cannot be read is an error.
pub(super) fn open(
    place: &Place,
    options: &FileOptions,
    reserve: &Arc<Reserve>,
) -> Result<(Database, ShareTotals), StoreError> {
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
    let file = FileBackend::new(place.open_file()?).map_err(translate)?;
    let backend = Disk::new(file, Arc::clone(reserve));
    let database = Builder::new()
        .set_cache_size(options.cache)
        .set_check_integrity_on_open(length <= options.read_whole)
        .create_with_backend(backend)
        .map_err(translate)?;
    let (mut totals, counted) = read_meta(&database)?;
    if !counted {
        totals = recount(&database)?;
    }
    Ok((database, totals))
}

/// Opens the file as its last good commit has left it, for reading alone: writes nothing.
pub(super) fn freeze(place: &Place, options: &FileOptions) -> Result<Database, StoreError> {
    let file = FileBackend::new(place.opened_file()?).map_err(translate)?;
    let frozen = Frozen::new(file).map_err(|error| of_io(error.kind()))?;
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache);
    builder.create_with_backend(frozen).map_err(translate)
}

/// Compacts the file where much of it is unused, and closes it.
pub(super) fn close(mut database: Database, shared: &SharedFile, compact: bool) {
    let length = shared.counters.snapshot().bytes.unwrap_or_default();
    let live = shared.counters.held().total;
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
    let counts = unbounded(&transaction, &Gauge::default()).and_then(Ledger::finish);
    counts.map_err(reason)?;
    transaction.commit().map_err(translate)?;
    database.close().map_err(translate)?;
    place.publish_draft()
}

/// The counts, and whether they are all there.
fn read_meta(database: &Database) -> Result<(ShareTotals, bool), StoreError> {
    let transaction = database.begin_read().map_err(translate)?;
    let meta = transaction.open_table(META).map_err(translate)?;
    let format = meta.get("format").map_err(translate)?;
    if format.map(|format| format.value()) != Some(FORMAT) {
        return Err(StoreError::Corrupt);
    }
    ShareTotals::read(&meta).map_err(translate)
}

fn recount(database: &Database) -> Result<ShareTotals, StoreError> {
    let mut transaction = database.begin_write().map_err(translate)?;
    transaction.set_two_phase_commit(true);
    let gauge = Gauge::default();
    let counted = unbounded(&transaction, &gauge).and_then(|mut ledger| {
        ledger.recount()?;
        ledger.finish()
    });
    let totals = counted.map_err(reason)?;
    transaction.commit().map_err(translate)?;
    Ok(totals)
}

fn unbounded<'t>(
    transaction: &'t WriteTransaction,
    gauge: &'t Gauge,
) -> Result<Ledger<'t>, FileFault> {
    let room = ShareRoom {
        quota: Quota::new(u64::MAX),
        gauge,
        disk_full: false,
    };
    Ledger::open(transaction, Timestamp::default(), room)
}

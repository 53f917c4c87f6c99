//! Opens the database, creates a new one, closes it.

use std::sync::Arc;

use redb::{Builder, Database, ReadableDatabase, WriteTransaction, backends::FileBackend};

use super::{
    disk_reserve::DiskReserve,
    fault::{FileFault, of_io, reason, translate},
    options::FileOptions,
    read_only_file::ReadOnlyFile,
    reserve_backend::ReserveBackend,
    row::{FORMAT, META},
    shared::SharedFile,
    store_files::StoreFiles,
    totals::{GrowthLimits, ShareTotals},
    write_tables::WriteTables,
};
use crate::{
    clock::Timestamp,
    store_room::{
        StoreError,
        capacity_share::{FullShares, ShareLimits},
    },
};

/// A file is compacted at shutdown if it has at least the first number of bytes, and its records at
/// most the second: a shutdown must not take long.
const COMPACTED: std::ops::RangeInclusive<u64> = 2 * 1024 * 1024..=1024 * 1024 * 1024;

/// Opens the file, or creates it if it does not exist. An existing file is never replaced: one that
/// cannot be read is an error.
pub(super) fn open(
    files: &StoreFiles,
    options: &FileOptions,
    reserve: &Arc<DiskReserve>,
) -> Result<(Database, ShareTotals), StoreError> {
    let length = match files.length()? {
        Some(length) => length,
        None => {
            make(files, options)?;
            0
        }
    };
    if length == 0 && files.length()? == Some(0) {
        // This crate publishes only complete databases, so something else has truncated the file.
        return Err(StoreError::Corrupt);
    }
    let file = FileBackend::new(files.open_file()?).map_err(translate)?;
    let backend = ReserveBackend::new(file, Arc::clone(reserve));
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

/// Opens the last good state of the file for reading. Writes nothing to the disk.
pub(super) fn open_read_only(
    files: &StoreFiles,
    options: &FileOptions,
) -> Result<Database, StoreError> {
    let file = FileBackend::new(files.opened_file()?).map_err(translate)?;
    let view = ReadOnlyFile::new(file).map_err(|error| of_io(error.kind()))?;
    let mut builder = Builder::new();
    builder.set_cache_size(options.cache);
    builder.create_with_backend(view).map_err(translate)
}

/// Compacts the file if much of it is unused, and closes it.
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

fn make(files: &StoreFiles, options: &FileOptions) -> Result<(), StoreError> {
    let backend = FileBackend::new(files.draft()?).map_err(translate)?;
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
    let counts = without_limits(&transaction, &FullShares::default()).and_then(WriteTables::finish);
    counts.map_err(reason)?;
    transaction.commit().map_err(translate)?;
    database.close().map_err(translate)?;
    files.publish_draft()
}

/// The counts, and whether they are complete.
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
    let full_shares = FullShares::default();
    let counted = without_limits(&transaction, &full_shares).and_then(|mut tables| {
        tables.recount()?;
        tables.finish()
    });
    let totals = counted.map_err(reason)?;
    transaction.commit().map_err(translate)?;
    Ok(totals)
}

fn without_limits<'t>(
    transaction: &'t WriteTransaction,
    full_shares: &'t FullShares,
) -> Result<WriteTables<'t>, FileFault> {
    let limits = GrowthLimits {
        share_limits: ShareLimits::new(u64::MAX),
        full_shares,
        disk_full: false,
    };
    WriteTables::open(transaction, Timestamp::default(), limits)
}

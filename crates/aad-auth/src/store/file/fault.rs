//! Maps errors of database and file system to store errors.

use std::{
    io::ErrorKind,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::store::StoreError;

/// Why a change was not made.
#[derive(Clone, Copy)]
pub(super) enum FileFault {
    /// This change is refused. The others of its transaction are made.
    Full,
    /// The database failed. No change of the transaction is made.
    Storage(StoreError),
}

impl<E: Into<redb::Error>> From<E> for FileFault {
    fn from(error: E) -> Self {
        Self::Storage(translate(error))
    }
}

/// The error of the whole transaction.
pub(super) fn reason(fault: FileFault) -> StoreError {
    match fault {
        FileFault::Full => StoreError::Full,
        FileFault::Storage(reason) => reason,
    }
}

/// Maps a database error. Its text goes to the debug log: it may contain a path, never data.
pub(super) fn translate(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    let meaning = match &error {
        redb::Error::Io(error) => of_io(error.kind()),
        redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => StoreError::Locked,
        redb::Error::PreviousIo | redb::Error::DatabaseClosed => StoreError::Unavailable,
        _ => StoreError::Corrupt,
    };
    tracing::debug!(%error, "the session store's file failed");
    meaning
}

/// Maps an error of the file system.
pub(super) fn of_io(kind: ErrorKind) -> StoreError {
    match kind {
        kind if is_full(kind) => StoreError::Full,
        ErrorKind::PermissionDenied
        | ErrorKind::ReadOnlyFilesystem
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory => StoreError::Denied,
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => StoreError::Corrupt,
        _ => StoreError::Unavailable,
    }
}

/// Whether a file system has no space left.
pub(super) const fn is_full(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// Runs work on the database, and turns a panic into [`StoreError::Corrupt`]. redb may panic on a file
/// that was closed cleanly and damaged afterwards (its documentation of `Database::open`).
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(StoreError::Corrupt))
}

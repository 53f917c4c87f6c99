//! What the database's errors mean to callers.

use std::{
    io::ErrorKind,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::store::StoreError;

/// Why a change was not made.
#[derive(Clone, Copy)]
pub(super) enum FileFault {
    /// This change is refused; the others of its transaction go on.
    Full,
    /// The database failed: the whole transaction is void.
    Storage(StoreError),
}

impl<E: Into<redb::Error>> From<E> for FileFault {
    fn from(error: E) -> Self {
        Self::Storage(translate(error))
    }
}

/// What a fault means to the whole transaction.
pub(super) fn reason(fault: FileFault) -> StoreError {
    match fault {
        FileFault::Full => StoreError::Full,
        FileFault::Storage(reason) => reason,
    }
}

/// The meaning of a database error. The database's own words may hold a path, never data.
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

/// The meaning of an error of the file system.
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

/// Whether a file system refused for want of room.
pub(super) const fn is_full(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// Runs work on the database. redb trusts a file that was closed cleanly and may panic on one
/// that was damaged from outside (its documentation of `Database::open`): that must not take the
/// application down.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(StoreError::Corrupt))
}

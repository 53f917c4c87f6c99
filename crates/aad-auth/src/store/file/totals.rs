//! The bytes that the file holds, by share of the capacity.

use redb::ReadableTable;

use super::row::Row;
use crate::store_room::capacity_share::{FullShares, HeldBytes, ShareLimits};

/// An estimate of the bytes that one row takes beside its key and value.
const ROW_OVERHEAD: u64 = 64;

/// The counts in the table `meta`. With them, a large file opens without a count of its rows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ShareTotals {
    /// The number of records and members.
    pub(super) rows: u64,
    /// Their bytes, with an estimate of the overhead.
    pub(super) held: HeldBytes,
}

/// Names of the counts in `meta`. `APPLICATION` is valid for the total in `APPLICATION_OF`. An older
/// release, which does not count application data, changes only `BYTES`.
const ROWS: &str = "rows";
const BYTES: &str = "bytes";
const APPLICATION: &str = "application";
const APPLICATION_OF: &str = "application of";

impl ShareTotals {
    /// Reads the counts of the last commit. The flag is false if the count of application data is
    /// missing or outdated, because an older release has written to the file.
    pub(super) fn read(
        meta: &impl ReadableTable<&'static str, u64>,
    ) -> Result<(Self, bool), redb::StorageError> {
        let number = |name| meta.get(name).map(|count| count.map(|count| count.value()));
        let total = number(BYTES)?.unwrap_or_default();
        let counted = number(APPLICATION_OF)? == Some(total);
        let held = HeldBytes {
            total,
            application: number(APPLICATION)?.unwrap_or_default(),
        };
        let rows = number(ROWS)?.unwrap_or_default();
        Ok((Self { rows, held }, counted))
    }

    /// The counts to store, by name.
    pub(super) const fn counts(&self) -> [(&'static str, u64); 4] {
        let HeldBytes { total, application } = self.held;
        [
            (ROWS, self.rows),
            (BYTES, total),
            (APPLICATION, application),
            (APPLICATION_OF, total),
        ]
    }
}

/// The limits on growth in one transaction.
#[derive(Clone, Copy)]
pub(super) struct GrowthLimits<'t> {
    pub(super) share_limits: ShareLimits,
    pub(super) full_shares: &'t FullShares,
    /// The disk is full: only changes that do not grow are made.
    pub(super) disk_full: bool,
}

/// The bytes that a row counts for. `member` is empty for a record.
pub(super) fn cost(key: &str, member: &str, row: &Row<'_>) -> u64 {
    // Key and member name are stored in two tables.
    let names = key.len().saturating_add(member.len()).saturating_mul(2);
    ROW_OVERHEAD + (names.saturating_add(row.value.len())) as u64
}

//! The tables of the file, and the layout of their rows (format 1).

use redb::TableDefinition;

use super::fault::FileFault;
use crate::{clock::Timestamp, store::StoreError};

/// The layout that this version writes.
pub(super) const FORMAT: u64 = 1;

/// Facts about the file: `format`, and the counts of [`ShareTotals`](super::totals::ShareTotals).
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Records by key.
pub(super) const RECORDS: TableDefinition<&str, &[u8]> = TableDefinition::new("records");
/// Index members by set and name.
pub(super) const MEMBERS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("members");
/// The number of members of each set, expired ones that wait for the sweep included.
pub(super) const SETS: TableDefinition<&str, u64> = TableDefinition::new("sets");
/// The order of the sweep: due time, key, member name (empty for a record). Each record and member has
/// exactly one row here, at or before its end. A longer life leaves the row unchanged, so that `touch`
/// is cheap; the sweep moves the row when it is due.
pub(super) const DUE: TableDefinition<(u64, &str, &str), ()> = TableDefinition::new("due");

const HEAD: usize = 24;

/// A row of `records` or `members`.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// The record's version; 0 for members.
    pub(super) version: u64,
    pub(super) expires_at: Timestamp,
    /// The due time of the row's entry in `due`.
    pub(super) due: Timestamp,
    pub(super) value: &'a [u8],
}

impl<'a> Row<'a> {
    /// Decodes version, end and due time as little-endian numbers, then the value. `None` if malformed.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = number(bytes)?;
        let (expires_at, rest) = number(rest)?;
        let (due, value) = number(rest)?;
        Some(Self {
            version,
            expires_at: Timestamp::from_millis(expires_at),
            due: Timestamp::from_millis(due),
            value,
        })
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD + self.value.len());
        bytes.extend_from_slice(&self.version.to_le_bytes());
        bytes.extend_from_slice(&self.expires_at.millis().to_le_bytes());
        bytes.extend_from_slice(&self.due.millis().to_le_bytes());
        bytes.extend_from_slice(self.value);
        bytes
    }

    /// The row with another end. The due time changes only to an earlier end.
    pub(super) fn ending(self, expires_at: Timestamp) -> Self {
        Self {
            expires_at,
            due: self.due.min(expires_at),
            ..self
        }
    }
}

/// As [`Row::decode`], with [`StoreError::Corrupt`] for a malformed row.
pub(super) fn decode(bytes: &[u8]) -> Result<Row<'_>, FileFault> {
    Row::decode(bytes).ok_or(FileFault::Storage(StoreError::Corrupt))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_le_bytes(*head), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_rows_that_are_cut_short() {
        let row = Row {
            version: 7,
            expires_at: Timestamp::from_millis(8),
            due: Timestamp::from_millis(9),
            value: b"",
        };
        let bytes = row.encode();
        assert!(Row::decode(&bytes).is_some());
        for length in 0..bytes.len() {
            assert!(Row::decode(&bytes[..length]).is_none(), "{length}");
        }
    }
}

//! Removes expired rows, in bounded steps.

use redb::ReadableTable;

use super::{fault::FileFault, row::Row, write_tables::WriteTables};
use crate::store::StoreError;

impl WriteTables<'_> {
    /// Examines at most `step` rows that are due, and removes those that have expired. Returns the number
    /// of removed rows, and whether more may be due.
    pub(super) fn sweep(&mut self, step: usize) -> Result<(u64, bool), FileFault> {
        let due = self.due_rows(step)?;
        let mut removed = 0;
        for (at, key, member) in &due {
            removed += u64::from(self.sweep_row(*at, key, member)?);
        }
        Ok((removed, due.len() == step))
    }

    fn due_rows(&self, step: usize) -> Result<Vec<(u64, String, String)>, FileFault> {
        let mut rows = Vec::new();
        for entry in self.due.iter()?.take(step) {
            let (row, _) = entry?;
            let (at, key, member) = row.value();
            if at > self.now.millis() {
                break;
            }
            rows.push((at, key.to_owned(), member.to_owned()));
        }
        Ok(rows)
    }

    /// Removes the row if it has expired, else moves its due time to its end. Returns whether it was
    /// removed.
    fn sweep_row(&mut self, at: u64, key: &str, member: &str) -> Result<bool, FileFault> {
        let stored = if member.is_empty() {
            self.records.get(key)?.map(|row| row.value().to_vec())
        } else {
            let row = self.members.get((key, member))?;
            row.map(|row| row.value().to_vec())
        };
        let Some(stored) = stored else {
            // A row without owner is removed, so that the sweep does not stop at it.
            self.due.remove((at, key, member))?;
            self.dirty = true;
            return Ok(false);
        };
        let row = Row::decode(&stored).ok_or(FileFault::Storage(StoreError::Corrupt))?;
        if row.expires_at <= self.now {
            if member.is_empty() {
                self.drop_record(key)?;
            } else {
                self.drop_member(key, member)?;
            }
            return Ok(true);
        }
        let moved = Row {
            due: row.expires_at,
            ..row
        };
        // This is a record: only `touch` separates due time and end, and members have no `touch`.
        self.records.insert(key, moved.encode().as_slice())?;
        self.due.remove((at, key, member))?;
        self.due.insert((moved.due.millis(), key, member), ())?;
        self.dirty = true;
        Ok(false)
    }
}

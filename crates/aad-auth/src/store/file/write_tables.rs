//! Applies changes inside one write transaction.

use redb::{ReadableTable, Table, WriteTransaction};

use super::{
    fault::FileFault,
    queue::{ChangeOutcome, StoreChange},
    row::{DUE, MEMBERS, META, RECORDS, Row, SETS, decode},
    totals::{GrowthLimits, ShareTotals, cost},
};
use crate::{
    clock::Timestamp,
    store_room::{Created, Updated, Version, capacity_share::Share},
};

/// The tables of one write transaction.
pub(super) struct WriteTables<'t> {
    pub(super) records: Table<'t, &'static str, &'static [u8]>,
    pub(super) members: Table<'t, (&'static str, &'static str), &'static [u8]>,
    pub(super) sets: Table<'t, &'static str, u64>,
    pub(super) due: Table<'t, (u64, &'static str, &'static str), ()>,
    meta: Table<'t, &'static str, u64>,
    pub(super) totals: ShareTotals,
    pub(super) now: Timestamp,
    pub(super) limits: GrowthLimits<'t>,
    /// Whether anything has changed. A transaction without changes needs no flush.
    pub(super) dirty: bool,
}

impl<'t> WriteTables<'t> {
    /// Opens the tables, and creates missing ones.
    pub(super) fn open(
        transaction: &'t WriteTransaction,
        now: Timestamp,
        limits: GrowthLimits<'t>,
    ) -> Result<Self, FileFault> {
        let meta = transaction.open_table(META)?;
        let (totals, _) = ShareTotals::read(&meta)?;
        Ok(Self {
            records: transaction.open_table(RECORDS)?,
            members: transaction.open_table(MEMBERS)?,
            sets: transaction.open_table(SETS)?,
            due: transaction.open_table(DUE)?,
            meta,
            totals,
            now,
            limits,
            dirty: false,
        })
    }

    /// Writes the counts. Must be called last.
    pub(super) fn finish(mut self) -> Result<ShareTotals, FileFault> {
        for (name, count) in self.totals.counts() {
            self.meta.insert(name, count)?;
        }
        Ok(self.totals)
    }

    /// Makes one change. On an error nothing of it is made.
    pub(super) fn apply(
        &mut self,
        change: &StoreChange,
        version: u64,
    ) -> Result<ChangeOutcome, FileFault> {
        match change {
            StoreChange::Create { key, value, ttl } => {
                let row = self.new_row(version, self.now + *ttl, value);
                self.create(key.as_str(), row).map(ChangeOutcome::Created)
            }
            StoreChange::Update {
                key,
                expected,
                value,
                ttl,
            } => {
                let row = self.new_row(version, self.now + *ttl, value);
                self.update(key.as_str(), *expected, row)
                    .map(ChangeOutcome::Updated)
            }
            StoreChange::Touch { key, ttl } => self
                .touch(key.as_str(), self.now + *ttl)
                .map(ChangeOutcome::Flag),
            StoreChange::Delete { key } => self.delete(key.as_str()).map(ChangeOutcome::Flag),
            StoreChange::Put {
                set,
                member,
                value,
                ttl,
            } => {
                let row = self.new_row(0, self.now + *ttl, value);
                self.put(set.as_str(), member, row)
                    .map(|()| ChangeOutcome::Done)
            }
            StoreChange::Remove { set, member } => {
                self.remove(set.as_str(), member).map(ChangeOutcome::Flag)
            }
        }
    }

    /// A row that is due for the sweep at its end.
    fn new_row<'a>(&self, version: u64, expires_at: Timestamp, value: &'a [u8]) -> Row<'a> {
        Row {
            version,
            expires_at,
            due: expires_at,
            value,
        }
    }

    fn create(&mut self, key: &str, row: Row<'_>) -> Result<Created, FileFault> {
        let old = self.record(key)?;
        if old.as_ref().is_some_and(|old| old.0 > self.now) {
            return Ok(Created::Exists);
        }
        if old.is_some() {
            self.drop_record(key)?;
        }
        self.admit(Share::of(key), 0, cost(key, "", &row))?;
        self.write_record(key, row)?;
        Ok(Created::Written(Version(row.version)))
    }

    fn update(&mut self, key: &str, expected: Version, row: Row<'_>) -> Result<Updated, FileFault> {
        let old = match self.records.get(key)? {
            Some(old) => {
                let old = decode(old.value())?;
                if old.expires_at <= self.now {
                    return Ok(Updated::Missing);
                }
                if Version(old.version) != expected {
                    return Ok(Updated::Conflict);
                }
                cost(key, "", &old)
            }
            None => return Ok(Updated::Missing),
        };
        self.admit(Share::of(key), old, cost(key, "", &row))?;
        self.drop_record(key)?;
        self.write_record(key, row)?;
        Ok(Updated::Written(Version(row.version)))
    }

    fn touch(&mut self, key: &str, expires_at: Timestamp) -> Result<bool, FileFault> {
        let Some(bytes) = self.records.get(key)?.map(|row| row.value().to_vec()) else {
            return Ok(false);
        };
        let row = decode(&bytes)?;
        if row.expires_at <= self.now {
            return Ok(false);
        }
        let new = row.ending(expires_at);
        self.records.insert(key, new.encode().as_slice())?;
        if new.due != row.due {
            self.due.remove((row.due.millis(), key, ""))?;
            self.due.insert((new.due.millis(), key, ""), ())?;
        }
        self.dirty = true;
        Ok(true)
    }

    fn delete(&mut self, key: &str) -> Result<bool, FileFault> {
        let Some((expires_at, _)) = self.record(key)? else {
            return Ok(false);
        };
        self.drop_record(key)?;
        Ok(expires_at > self.now)
    }

    fn record(&self, key: &str) -> Result<Option<(Timestamp, Version)>, FileFault> {
        let Some(row) = self.records.get(key)? else {
            return Ok(None);
        };
        let row = decode(row.value())?;
        Ok(Some((row.expires_at, Version(row.version))))
    }

    fn write_record(&mut self, key: &str, row: Row<'_>) -> Result<(), FileFault> {
        self.records.insert(key, row.encode().as_slice())?;
        self.due.insert((row.due.millis(), key, ""), ())?;
        self.count_in(key, cost(key, "", &row));
        Ok(())
    }

    pub(super) fn drop_record(&mut self, key: &str) -> Result<(), FileFault> {
        let Some(removed) = self.records.remove(key)? else {
            return Ok(());
        };
        let row = decode(removed.value())?;
        let (due, cost) = (row.due.millis(), cost(key, "", &row));
        drop(removed);
        self.due.remove((due, key, ""))?;
        self.count_out(key, cost);
        Ok(())
    }
}

//! Changes of index sets, inside one write transaction.

use redb::ReadableTable;

use super::{
    fault::FileFault,
    row::{Row, decode},
    totals::cost,
    write_tables::WriteTables,
};
use crate::store_room::{MAX_MEMBERS, capacity_share::Share};

impl WriteTables<'_> {
    pub(super) fn put(&mut self, set: &str, name: &str, row: Row<'_>) -> Result<(), FileFault> {
        let old = match self.members.get((set, name))? {
            Some(old) => Some(cost(set, name, &decode(old.value())?)),
            None => None,
        };
        let present = old.is_some();
        if !present && self.size(set)? >= MAX_MEMBERS as u64 {
            self.prune(set)?;
            if self.size(set)? >= MAX_MEMBERS as u64 {
                return Err(FileFault::Full);
            }
        }
        let share = Share::of(set);
        self.admit(share, old.unwrap_or_default(), cost(set, name, &row))?;
        if present {
            self.drop_member(set, name)?;
        }
        self.members.insert((set, name), row.encode().as_slice())?;
        self.due.insert((row.due.millis(), set, name), ())?;
        let size = self.size(set)?.saturating_add(1);
        self.sets.insert(set, size)?;
        self.count_in(set, cost(set, name, &row));
        Ok(())
    }

    pub(super) fn remove(&mut self, set: &str, name: &str) -> Result<bool, FileFault> {
        let live = match self.members.get((set, name))? {
            Some(row) => decode(row.value())?.expires_at > self.now,
            None => return Ok(false),
        };
        self.drop_member(set, name)?;
        Ok(live)
    }

    pub(super) fn drop_member(&mut self, set: &str, name: &str) -> Result<(), FileFault> {
        let Some(removed) = self.members.remove((set, name))? else {
            return Ok(());
        };
        let row = decode(removed.value())?;
        let (due, cost) = (row.due.millis(), cost(set, name, &row));
        drop(removed);
        self.due.remove((due, set, name))?;
        self.count_out(set, cost);
        match self.size(set)?.saturating_sub(1) {
            0 => self.sets.remove(set)?.map(drop),
            size => self.sets.insert(set, size)?.map(drop),
        };
        Ok(())
    }

    /// Removes the expired members of a full set.
    fn prune(&mut self, set: &str) -> Result<(), FileFault> {
        let mut expired = Vec::new();
        for entry in self.members.range((set, "")..)? {
            let (key, row) = entry?;
            let (owner, name) = key.value();
            if owner != set {
                break;
            }
            if decode(row.value())?.expires_at <= self.now {
                expired.push(name.to_owned());
            }
        }
        for name in expired {
            self.drop_member(set, &name)?;
        }
        Ok(())
    }

    fn size(&self, set: &str) -> Result<u64, FileFault> {
        Ok(self.sets.get(set)?.map_or(0, |size| size.value()))
    }
}

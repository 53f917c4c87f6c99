//! Admits changes by the limits of their share, and counts what is stored.

use redb::ReadableTable;

use super::{fault::FileFault, row::decode, totals::cost, write_tables::WriteTables};
use crate::store_room::capacity_share::Share;

impl WriteTables<'_> {
    /// Admits a row of `new` bytes that replaces one of `old` bytes, if it fits into its share. Removes
    /// expired rows first if it does not. A row that is not larger than the old one always fits.
    pub(super) fn admit(&mut self, share: Share, old: u64, new: u64) -> Result<(), FileFault> {
        const STEP: usize = 256;
        let growth = new.saturating_sub(old);
        if growth == 0 {
            return Ok(());
        }
        if self.limits.disk_full && share != Share::Marks {
            return Err(FileFault::Full);
        }
        let share_limits = self.limits.share_limits;
        if !share_limits.admits(share, self.totals.held, growth) {
            self.sweep(STEP)?;
        }
        let admitted = share_limits.admits(share, self.totals.held, growth);
        self.limits.full_shares.note(share, admitted);
        if admitted {
            Ok(())
        } else {
            Err(FileFault::Full)
        }
    }

    /// Counts a row that was added.
    pub(super) fn count_in(&mut self, key: &str, bytes: u64) {
        let held = &mut self.totals.held;
        self.totals.rows = self.totals.rows.saturating_add(1);
        held.total = held.total.saturating_add(bytes);
        if Share::of(key) == Share::ApplicationData {
            held.application = held.application.saturating_add(bytes);
        }
        self.dirty = true;
    }

    /// Counts a row that was removed.
    pub(super) fn count_out(&mut self, key: &str, bytes: u64) {
        let held = &mut self.totals.held;
        self.totals.rows = self.totals.rows.saturating_sub(1);
        held.total = held.total.saturating_sub(bytes);
        if Share::of(key) == Share::ApplicationData {
            held.application = held.application.saturating_sub(bytes);
        }
        self.dirty = true;
    }

    /// Counts the application data again, after an older release has written to the file.
    pub(super) fn recount(&mut self) -> Result<(), FileFault> {
        let mut application = 0_u64;
        for entry in self.records.iter()? {
            let (key, row) = entry?;
            if Share::of(key.value()) == Share::ApplicationData {
                let cost = cost(key.value(), "", &decode(row.value())?);
                application = application.saturating_add(cost);
            }
        }
        for entry in self.members.iter()? {
            let (key, row) = entry?;
            let (set, member) = key.value();
            if Share::of(set) == Share::ApplicationData {
                let cost = cost(set, member, &decode(row.value())?);
                application = application.saturating_add(cost);
            }
        }
        self.totals.held.application = application;
        Ok(())
    }
}

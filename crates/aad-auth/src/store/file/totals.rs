//! How much the file holds, by share, and whether more fits.

use redb::ReadableTable;

use super::{
    fault::FileFault,
    ledger::{Ledger, decode},
    row::Row,
};
use crate::store_room::share::{Gauge, Held, Quota, Share};

/// What one row costs beside its bytes, book-keeping included: an estimate suffices.
const ROW_OVERHEAD: u64 = 64;

/// The counts kept in `meta`, so that opening a large file need not count.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ShareTotals {
    /// Records and members.
    pub(super) rows: u64,
    /// Their bytes, with an estimate of the book-keeping.
    pub(super) held: Held,
}

/// Names of the counts in `meta`. The bytes of application data hold for the total that stands
/// beside them: a release that does not know them changes the total only.
const ROWS: &str = "rows";
const BYTES: &str = "bytes";
const APPLICATION: &str = "application";
const APPLICATION_OF: &str = "application of";

impl ShareTotals {
    /// The counts as the last commit has left them. False when the bytes of application data are
    /// not among them: an older release has written to the file.
    pub(super) fn read(
        meta: &impl ReadableTable<&'static str, u64>,
    ) -> Result<(Self, bool), redb::StorageError> {
        let number = |name| meta.get(name).map(|count| count.map(|count| count.value()));
        let total = number(BYTES)?.unwrap_or_default();
        let counted = number(APPLICATION_OF)? == Some(total);
        let held = Held {
            total,
            application: number(APPLICATION)?.unwrap_or_default(),
        };
        let rows = number(ROWS)?.unwrap_or_default();
        Ok((Self { rows, held }, counted))
    }

    /// The counts to be kept, by name.
    pub(super) const fn counts(&self) -> [(&'static str, u64); 4] {
        let Held { total, application } = self.held;
        [
            (ROWS, self.rows),
            (BYTES, total),
            (APPLICATION, application),
            (APPLICATION_OF, total),
        ]
    }
}

/// What limits growth.
#[derive(Clone, Copy)]
pub(super) struct ShareRoom<'t> {
    pub(super) quota: Quota,
    pub(super) gauge: &'t Gauge,
    /// The disk is full: only what shrinks, replaces or ends something is done.
    pub(super) disk_full: bool,
}

impl Ledger<'_> {
    /// Refuses what does not fit into its share, after expired rows have made way. What takes the
    /// place of something as large always fits.
    pub(super) fn claim(&mut self, share: Share, old: u64, new: u64) -> Result<(), FileFault> {
        const STEP: usize = 256;
        let growth = new.saturating_sub(old);
        if growth == 0 {
            return Ok(());
        }
        if self.room.disk_full && share != Share::Marks {
            return Err(FileFault::Full);
        }
        let quota = self.room.quota;
        if !quota.admits(share, self.totals.held, growth) {
            self.sweep(STEP)?;
        }
        let admitted = quota.admits(share, self.totals.held, growth);
        self.room.gauge.note(share, admitted);
        if admitted {
            Ok(())
        } else {
            Err(FileFault::Full)
        }
    }

    pub(super) fn count_in(&mut self, key: &str, bytes: u64) {
        let held = &mut self.totals.held;
        self.totals.rows = self.totals.rows.saturating_add(1);
        held.total = held.total.saturating_add(bytes);
        if Share::of(key) == Share::ApplicationData {
            held.application = held.application.saturating_add(bytes);
        }
        self.dirty = true;
    }

    pub(super) fn count_out(&mut self, key: &str, bytes: u64) {
        let held = &mut self.totals.held;
        self.totals.rows = self.totals.rows.saturating_sub(1);
        held.total = held.total.saturating_sub(bytes);
        if Share::of(key) == Share::ApplicationData {
            held.application = held.application.saturating_sub(bytes);
        }
        self.dirty = true;
    }

    /// Counts the application data anew: an older release has written to the file.
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

pub(super) fn cost(key: &str, member: &str, row: &Row<'_>) -> u64 {
    // The key stands in two tables, the member's name as well.
    let names = key.len().saturating_add(member.len()).saturating_mul(2);
    ROW_OVERHEAD + (names.saturating_add(row.value.len())) as u64
}

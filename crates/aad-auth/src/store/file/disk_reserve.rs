//! A file that reserves space on the disk for the time when the disk is full.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use super::store_files::private_file;
use crate::random::{SystemRandom, bytes};

/// A file of random bytes beside the database. When the disk is full, it is shortened to make room for
/// the transaction under way, and then for sign-outs, which need pages before they free others.
#[derive(Debug)]
pub(super) struct DiskReserve {
    path: PathBuf,
    size: u64,
    held: AtomicU64,
}

/// Bytes that are released at once. Another program may take space that this process does not use
/// immediately.
const STEP: u64 = 1024 * 1024;
const BLOCK: usize = 64 * 1024;

impl DiskReserve {
    /// A reserve of `size` bytes, not written yet. 0: no reserve.
    pub(super) fn new(path: PathBuf, size: u64) -> Self {
        Self {
            path,
            size,
            held: AtomicU64::new(0),
        }
    }

    /// Whether the reserve has its full size. If not, the disk is full, or was full recently.
    pub(super) fn is_whole(&self) -> bool {
        self.held.load(Ordering::Acquire) >= self.size
    }

    /// Writes what is missing. On an error the reserve keeps its former size.
    pub(super) fn fill(&self) -> io::Result<()> {
        if self.size == 0 {
            return Ok(());
        }
        let mut file = private_file(&self.path)?;
        let held = file.metadata()?.len().min(self.size);
        file.set_len(held)?;
        let filled = write_random(&mut file, held, self.size);
        if filled.is_err() {
            file.set_len(held)?;
        }
        let now_held = if filled.is_ok() { self.size } else { held };
        self.held.store(now_held, Ordering::Release);
        filled
    }

    /// Shortens the reserve by a step. Returns false if nothing is left.
    pub(super) fn release_step(&self) -> bool {
        let held = self.held.load(Ordering::Acquire);
        let left = held.saturating_sub(STEP);
        if held == 0 {
            return false;
        }
        let given = private_file(&self.path).and_then(|file| file.set_len(left));
        if given.is_ok() {
            self.held.store(left, Ordering::Release);
        }
        given.is_ok()
    }
}

/// Writes random bytes, which a file system can neither skip nor compress.
fn write_random(file: &mut File, from: u64, to: u64) -> io::Result<()> {
    let block = bytes::<BLOCK>(&SystemRandom);
    file.seek(SeekFrom::Start(from))?;
    let mut left = to.saturating_sub(from);
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
        file.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(reserve: &DiskReserve) -> u64 {
        std::fs::metadata(&reserve.path).unwrap().len()
    }

    #[test]
    fn what_was_released_is_written_again_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = DiskReserve::new(folder.path().join("reserve"), 2 * STEP + 100);
        assert!(!reserve.is_whole() && !reserve.release_step());
        reserve.fill().unwrap();
        assert!(reserve.is_whole());
        for left in [STEP + 100, 100, 0] {
            assert!(reserve.release_step());
            assert_eq!(length(&reserve), left);
            assert!(!reserve.is_whole());
        }
        assert!(!reserve.release_step());
        reserve.fill().unwrap();
        assert_eq!(length(&reserve), 2 * STEP + 100);
        // The next process finds it there.
        let next = DiskReserve::new(reserve.path.clone(), STEP);
        next.fill().unwrap();
        assert_eq!(length(&next), STEP);
    }

    #[test]
    fn a_reserve_of_nothing_is_always_whole_and_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = DiskReserve::new(folder.path().join("reserve"), 0);
        reserve.fill().unwrap();
        assert!(reserve.is_whole() && !reserve.release_step());
        assert!(!reserve.path.exists());
    }
}

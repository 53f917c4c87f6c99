//! ShareRoom on the disk that is kept for a time when there is none.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use super::place::private_file;
use crate::random::{SystemRandom, bytes};

/// A file beside the database that holds nothing: when the disk is full it makes room for the
/// transaction under way, and then for sign-outs, which need some pages before they free others.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
    size: u64,
    held: AtomicU64,
}

/// What is given up at once: another program may take what we do not use at once.
const STEP: u64 = 1024 * 1024;
const BLOCK: usize = 64 * 1024;

impl Reserve {
    /// A reserve of `size` bytes, not taken yet. 0: none is kept.
    pub(super) fn new(path: PathBuf, size: u64) -> Self {
        Self {
            path,
            size,
            held: AtomicU64::new(0),
        }
    }

    /// Whether all of it is there. If not, the disk is full, or was full a moment ago.
    pub(super) fn is_whole(&self) -> bool {
        self.held.load(Ordering::Acquire) >= self.size
    }

    /// Takes what is missing. On failure what was held before is held still.
    pub(super) fn take(&self) -> io::Result<()> {
        if self.size == 0 {
            return Ok(());
        }
        let mut file = private_file(&self.path)?;
        let held = file.metadata()?.len().min(self.size);
        file.set_len(held)?;
        let taken = fill(&mut file, held, self.size);
        if taken.is_err() {
            file.set_len(held)?;
        }
        let now_held = if taken.is_ok() { self.size } else { held };
        self.held.store(now_held, Ordering::Release);
        taken
    }

    /// Gives some of it back to the disk. False when nothing is left.
    pub(super) fn give_up_a_step(&self) -> bool {
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

/// With bytes that a file system can neither skip nor compress.
fn fill(file: &mut File, from: u64, to: u64) -> io::Result<()> {
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

    fn length(reserve: &Reserve) -> u64 {
        std::fs::metadata(&reserve.path).unwrap().len()
    }

    #[test]
    fn what_was_given_up_is_taken_again_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path().join("reserve"), 2 * STEP + 100);
        assert!(!reserve.is_whole() && !reserve.give_up_a_step());
        reserve.take().unwrap();
        assert!(reserve.is_whole());
        for left in [STEP + 100, 100, 0] {
            assert!(reserve.give_up_a_step());
            assert_eq!(length(&reserve), left);
            assert!(!reserve.is_whole());
        }
        assert!(!reserve.give_up_a_step());
        reserve.take().unwrap();
        assert_eq!(length(&reserve), 2 * STEP + 100);
        // The next process finds it there.
        let next = Reserve::new(reserve.path.clone(), STEP);
        next.take().unwrap();
        assert_eq!(length(&next), STEP);
    }

    #[test]
    fn a_reserve_of_nothing_is_always_whole_and_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path().join("reserve"), 0);
        reserve.take().unwrap();
        assert!(reserve.is_whole() && !reserve.give_up_a_step());
        assert!(!reserve.path.exists());
    }
}

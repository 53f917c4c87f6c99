//! A read-only view of the file, for reading while it cannot be written.

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{PoisonError, RwLock},
};

use redb::{StorageBackend, backends::FileBackend};

/// A storage backend whose writes stay in memory, so that redb can repair and open a file that cannot
/// be written. The writes are dropped with the database.
///
/// It takes no lock: this process has locked the path, and the failed database may still hold the lock
/// of the file.
pub(super) struct ReadOnlyFile {
    file: FileBackend,
    changes: RwLock<Changes>,
}

struct Changes {
    /// The length as redb sees it.
    length: u64,
    /// The file is visible up to this offset, where no block covers it.
    shown: u64,
    blocks: BTreeMap<u64, Box<[u8]>>,
}

const BLOCK: usize = 4096;

impl ReadOnlyFile {
    pub(super) fn new(file: FileBackend) -> io::Result<Self> {
        let length = file.len()?;
        let changes = Changes {
            length,
            shown: length,
            blocks: BTreeMap::new(),
        };
        Ok(Self {
            file,
            changes: RwLock::new(changes),
        })
    }

    /// The present content of a block.
    fn block(&self, changes: &Changes, number: u64) -> io::Result<Box<[u8]>> {
        if let Some(block) = changes.blocks.get(&number) {
            return Ok(block.clone());
        }
        let mut block = vec![0; BLOCK].into_boxed_slice();
        let start = number * BLOCK as u64;
        let shown = changes.shown.saturating_sub(start).min(BLOCK as u64);
        let shown = usize::try_from(shown).unwrap_or(BLOCK);
        if shown > 0 {
            self.file.read(start, &mut block[..shown])?;
        }
        Ok(block)
    }
}

/// Splits `length` bytes from `offset` by blocks: block number, start in the block, number of bytes.
fn parts(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let position = offset + at as u64;
        let start = usize::try_from(position % BLOCK as u64).unwrap_or_default();
        let taken = (BLOCK - start).min(length - at);
        at += taken;
        (taken > 0).then_some((position / BLOCK as u64, start, taken))
    })
}

impl StorageBackend for ReadOnlyFile {
    fn len(&self) -> io::Result<u64> {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        Ok(changes.length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changes = self.changes.read().unwrap_or_else(PoisonError::into_inner);
        if offset.saturating_add(out.len() as u64) > changes.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut rest = &mut out[..];
        for (number, start, taken) in parts(offset, rest.len()) {
            let (part, others) = rest.split_at_mut(taken);
            let block = self.block(&changes, number)?;
            part.copy_from_slice(&block[start..start + taken]);
            rest = others;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        if len < changes.length {
            let (last, kept) = (len / BLOCK as u64, len % BLOCK as u64);
            let mut block = self.block(&changes, last)?;
            block[usize::try_from(kept).unwrap_or_default()..].fill(0);
            changes.blocks.retain(|number, _| *number < last);
            changes.blocks.insert(last, block);
            changes.shown = changes.shown.min(len);
        }
        changes.length = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut changes = self.changes.write().unwrap_or_else(PoisonError::into_inner);
        let mut rest = data;
        for (number, start, taken) in parts(offset, data.len()) {
            let (part, others) = rest.split_at(taken);
            let mut block = self.block(&changes, number)?;
            block[start..start + taken].copy_from_slice(part);
            changes.blocks.insert(number, block);
            rest = others;
        }
        changes.length = changes.length.max(offset.saturating_add(data.len() as u64));
        Ok(())
    }
}

impl fmt::Debug for ReadOnlyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadOnlyFile")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn view(content: &[u8]) -> ReadOnlyFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        ReadOnlyFile::new(FileBackend::new(file).unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn is_a_file_whose_changes_stay_in_memory(
            steps in prop::collection::vec((0_u64..20_000, 0_usize..9000, any::<u8>(), any::<bool>()), 1..20)
        ) {
            let mut model: Vec<u8> = (0..10_000_u32).map(|n| (n % 251) as u8).collect();
            let view = view(&model);
            for (offset, length, byte, cut) in steps {
                let start = usize::try_from(offset).unwrap();
                if cut {
                    view.set_len(offset).unwrap();
                    model.resize(start, 0);
                } else {
                    view.write(offset, &vec![byte; length]).unwrap();
                    model.resize(model.len().max(start + length), 0);
                    model[start..start + length].fill(byte);
                }
                let mut read = vec![1; model.len()];
                view.read(0, &mut read).unwrap();
                prop_assert!(read == model);
                prop_assert_eq!(view.len().unwrap(), model.len() as u64);
                prop_assert!(view.read(1, &mut read).is_err());
            }
        }
    }
}

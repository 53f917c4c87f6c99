//! The files of the store: folder, modes, and the lock against a second process.

use std::{
    cell::RefCell,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::fault::of_io;
use crate::{config::file_permissions, store::StoreError};

/// The files of the store in a private folder, locked for this process until the value is dropped.
pub(super) struct StoreFiles {
    path: PathBuf,
    lock: File,
    /// The database's file as it was opened, even if its path leads elsewhere now.
    opened: RefCell<Option<File>>,
}

impl StoreFiles {
    /// Creates the folder if it does not exist, and takes the lock without waiting.
    ///
    /// The lock is a file of its own, so that the database is not even created before the lock is held.
    pub(super) fn lock(path: &Path) -> Result<Self, StoreError> {
        let folder = folder_of(path);
        create_folder(folder).map_err(|error| log_and_map("folder", &error))?;
        refuse_foreign_folder(folder)?;
        let lock = private_file(&with_suffix(path, ".lock"))
            .map_err(|error| log_and_map("lock file", &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                lock,
                opened: RefCell::new(None),
            }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => Err(log_and_map("lock", &error)),
        }
    }

    /// The length of the database's file in bytes. `None` if it does not exist.
    pub(super) fn length(&self) -> Result<Option<u64>, StoreError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
            Ok(_) => Err(StoreError::Denied),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(log_and_map("file", &error)),
        }
    }

    /// Opens the database's file and sets its mode to 0600. Refuses a file that another user owns or may
    /// write.
    pub(super) fn open_file(&self) -> Result<File, StoreError> {
        let opened = private_file(&self.path)
            .and_then(|file| File::open(&self.path).map(|witness| (file, witness)));
        let (file, witness) = opened.map_err(|error| log_and_map("file", &error))?;
        self.opened.replace(Some(witness));
        Ok(file)
    }

    /// The file that was opened last, even if its path leads elsewhere now.
    pub(super) fn opened_file(&self) -> Result<File, StoreError> {
        let opened = self.opened.borrow();
        let file = opened.as_ref().ok_or(StoreError::Unavailable)?;
        file.try_clone()
            .map_err(|error| log_and_map("file", &error))
    }

    /// Whether the paths of database and lock still lead to the open files. If the database was deleted
    /// or replaced, all sessions are lost when the process ends. If the lock was, another process can
    /// lock the new one.
    pub(super) fn is_intact(&self) -> bool {
        let opened = self.opened.borrow();
        let database = opened
            .as_ref()
            .is_none_or(|file| leads_to(&self.path, file));
        database && leads_to(&with_suffix(&self.path, ".lock"), &self.lock)
    }

    /// The path of the disk reserve.
    pub(super) fn reserve_path(&self) -> PathBuf {
        with_suffix(&self.path, ".reserve")
    }

    /// An empty file beside the database, in which a new database is prepared. A crash meanwhile must not
    /// leave half a database under the final name.
    pub(super) fn draft(&self) -> Result<File, StoreError> {
        let file = private_file(&self.draft_path());
        let emptied = file.and_then(|file| file.set_len(0).map(|()| file));
        emptied.map_err(|error| log_and_map("new file", &error))
    }

    /// Renames the finished draft to the final name, durably.
    pub(super) fn publish_draft(&self) -> Result<(), StoreError> {
        let published = fs::rename(self.draft_path(), &self.path)
            .and_then(|()| File::open(folder_of(&self.path))?.sync_all());
        published.map_err(|error| log_and_map("new file", &error))
    }

    fn draft_path(&self) -> PathBuf {
        with_suffix(&self.path, ".new")
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A user who may write the folder could replace the files.
fn refuse_foreign_folder(folder: &Path) -> Result<(), StoreError> {
    file_permissions::check_folder(folder).map_err(|error| {
        tracing::error!(
            %error,
            "the folder of the session store cannot be trusted; set its mode to 0700, or name a \
             folder inside it (AAD_SESSION_STORE=file:<folder>/private/sessions.redb), which is \
             then created so"
        );
        StoreError::Denied
    })
}

pub(super) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    file_permissions::refuse_untrusted(&file.metadata()?)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Whether a path leads to an open file, by device and inode.
#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(named), Ok(open)) = (fs::metadata(path), file.metadata()) else {
        return false;
    };
    (named.dev(), named.ino()) == (open.dev(), open.ino())
}

/// Whether the path leads to a file. The standard library has no file identity here, and the system
/// prevents deleting or replacing an open file.
#[cfg(not(unix))]
fn leads_to(path: &Path, _: &File) -> bool {
    path.is_file()
}

/// Logs an error of the file system, and maps it.
fn log_and_map(what: &str, error: &io::Error) -> StoreError {
    tracing::warn!(%error, "the session store cannot use its {what}");
    of_io(error.kind())
}

#[cfg(test)]
#[cfg(unix)]
#[path = "store_files_tests.rs"]
mod tests;

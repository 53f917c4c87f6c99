//! The file's place: folder, modes, and the lock against a second process.

use std::{
    cell::RefCell,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::fault::of_io;
use crate::{config::file_permissions, store::StoreError};

/// The folder is there and private, and this process is the only one in it, as long as this
/// value lives.
pub(super) struct Place {
    path: PathBuf,
    lock: File,
    /// The database's file as it was opened, whatever has become of its name.
    opened: RefCell<Option<File>>,
}

impl Place {
    /// Creates the folder if need be, and takes the lock without waiting.
    ///
    /// The lock is on a file of its own, so that nothing is done to the database before it is
    /// ours, not even its creation.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        let folder = folder_of(path);
        create_folder(folder).map_err(|error| meaning("folder", &error))?;
        refuse_foreign_folder(folder)?;
        let lock = private_file(&with_suffix(path, ".lock"))
            .map_err(|error| meaning("lock file", &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                lock,
                opened: RefCell::new(None),
            }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked),
            Err(TryLockError::Error(error)) => Err(meaning("lock", &error)),
        }
    }

    /// The length of the database's file; `None` when there is no file yet.
    pub(super) fn length(&self) -> Result<Option<u64>, StoreError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata.len())),
            Ok(_) => Err(StoreError::Denied),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(meaning("file", &error)),
        }
    }

    /// The database's file, with the mode 0600. What others own or may write is refused.
    pub(super) fn open_file(&self) -> Result<File, StoreError> {
        let opened = private_file(&self.path)
            .and_then(|file| File::open(&self.path).map(|witness| (file, witness)));
        let (file, witness) = opened.map_err(|error| meaning("file", &error))?;
        self.opened.replace(Some(witness));
        Ok(file)
    }

    /// The file that was opened last, for reading, also when its name leads elsewhere now.
    pub(super) fn opened_file(&self) -> Result<File, StoreError> {
        let opened = self.opened.borrow();
        let file = opened.as_ref().ok_or(StoreError::Unavailable)?;
        file.try_clone().map_err(|error| meaning("file", &error))
    }

    /// Whether the names of database and lock still lead to the files that are open: one that was
    /// deleted or replaced takes all sessions with it when the process ends, and another process
    /// could take a lock of the same name.
    pub(super) fn is_intact(&self) -> bool {
        let opened = self.opened.borrow();
        let database = opened
            .as_ref()
            .is_none_or(|file| leads_to(&self.path, file));
        database && leads_to(&with_suffix(&self.path, ".lock"), &self.lock)
    }

    /// The file of the disk's reserve.
    pub(super) fn reserve_path(&self) -> PathBuf {
        with_suffix(&self.path, ".reserve")
    }

    /// An empty file beside the database's, in which a new database is prepared: a crash while
    /// it is being made must not leave half a database in the real one's place.
    pub(super) fn draft(&self) -> Result<File, StoreError> {
        let file = private_file(&self.draft_path());
        let emptied = file.and_then(|file| file.set_len(0).map(|()| file));
        emptied.map_err(|error| meaning("new file", &error))
    }

    /// Puts the finished draft in place, durably.
    pub(super) fn publish_draft(&self) -> Result<(), StoreError> {
        let published = fs::rename(self.draft_path(), &self.path)
            .and_then(|()| File::open(folder_of(&self.path))?.sync_all());
        published.map_err(|error| meaning("new file", &error))
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

/// A user who may write the folder may put another file in the place of ours.
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

/// By device and inode.
#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(named), Ok(open)) = (fs::metadata(path), file.metadata()) else {
        return false;
    };
    (named.dev(), named.ino()) == (open.dev(), open.ino())
}

/// Only whether there is such a file: the standard library tells no more here, and the system lets
/// nobody delete or replace a file that is open.
#[cfg(not(unix))]
fn leads_to(path: &Path, _: &File) -> bool {
    path.is_file()
}

fn meaning(what: &str, error: &io::Error) -> StoreError {
    tracing::warn!(%error, "the session store cannot use its {what}");
    of_io(error.kind())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn creates_folder_and_files_for_the_owner_only() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/sessions.redb");
        let place = Place::take(&path).unwrap();
        place.open_file().unwrap();
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(&with_suffix(&path, ".lock")), 0o600);
    }

    #[test]
    fn tightens_the_mode_of_a_file_that_others_could_read() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sessions.redb");
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        Place::take(&path).unwrap().open_file().unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn refuses_a_folder_that_others_may_write() {
        let root = tempfile::tempdir().unwrap();
        fs::set_permissions(root.path(), PermissionsExt::from_mode(0o777)).unwrap();
        let refusal = Place::take(&root.path().join("sessions.redb")).err();
        assert_eq!(refusal, Some(StoreError::Denied));
    }

    #[test]
    fn w33_a_session_file_that_others_may_write_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sessions.redb");
        for file in [&path, &with_suffix(&path, ".lock")] {
            fs::write(file, "x").unwrap();
            fs::set_permissions(file, PermissionsExt::from_mode(0o666)).unwrap();
            let opened = Place::take(&path).and_then(|place| place.open_file());
            assert_eq!(opened.err(), Some(StoreError::Denied));
            fs::remove_file(file).unwrap();
        }
    }

    #[test]
    fn w33_a_session_file_or_folder_of_another_user_is_refused() {
        use std::os::unix::fs::chown;
        if !file_permissions::root::as_root() {
            return;
        }
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sessions.redb");
        let lock = with_suffix(&path, ".lock");
        let draft = with_suffix(&path, ".new");
        let open = || {
            let place = Place::take(&path)?;
            place.draft()?;
            place.open_file()
        };
        open().unwrap();
        for theirs in [path.as_path(), &lock, &draft, root.path()] {
            chown(theirs, Some(65_534), None).unwrap();
            assert_eq!(open().err(), Some(StoreError::Denied), "{theirs:?}");
            chown(theirs, Some(0), None).unwrap();
        }
        open().unwrap();
    }

    #[test]
    fn a_deleted_or_replaced_file_or_lock_is_noticed() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sessions.redb");
        let place = Place::take(&path).unwrap();
        assert!(place.is_intact());
        place.open_file().unwrap();
        for name in [path.clone(), with_suffix(&path, ".lock")] {
            assert!(place.is_intact());
            let aside = with_suffix(&name, ".aside");
            fs::rename(&name, &aside).unwrap();
            assert!(!place.is_intact());
            fs::copy(&aside, &name).unwrap();
            assert!(!place.is_intact());
            fs::rename(&aside, &name).unwrap();
        }
        assert!(place.is_intact());
    }

    #[test]
    fn refuses_a_second_holder_until_the_first_lets_go() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sessions.redb");
        let first = Place::take(&path).unwrap();
        assert_eq!(Place::take(&path).err(), Some(StoreError::Locked));
        drop(first);
        assert!(Place::take(&path).is_ok());
    }
}

//! Checks that no other user of the machine can have written a file or folder.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind},
    path::Path,
};

/// Why a file or folder is not trusted, and the remedy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Untrusted {
    /// It belongs neither to root nor to the user of this process.
    #[error(
        "it belongs to another user (uid {owner}), who can change it: change its owner (chown {process}) \
         or remove it"
    )]
    OtherOwner {
        /// The owner's user id.
        owner: u32,
        /// The user id of this process.
        process: u32,
    },
    /// Its group or all users may write it.
    #[error("users other than its owner may write it (mode {mode:03o}): run chmod go-w on it")]
    WritableByOthers {
        /// The permission bits.
        mode: u32,
    },
}

/// Refuses a file or folder that another user may have written.
///
/// On Unix the owner must be root or the effective user of this process, and neither group nor others
/// may write. The sticky bit of a folder (`/tmp`) is not enough. It keeps others from replacing a file,
/// not from placing a file first, or a link to another file of this user. On other systems this
/// function checks nothing: access lists decide there, and the operator sets them.
///
/// # Errors
/// An [`io::Error`] of the kind `PermissionDenied`, with the reason and the remedy.
pub(crate) fn refuse_untrusted(metadata: &Metadata) -> io::Result<()> {
    match reason(metadata) {
        None => Ok(()),
        Some(reason) => Err(io::Error::new(ErrorKind::PermissionDenied, reason)),
    }
}

#[cfg(unix)]
fn reason(metadata: &Metadata) -> Option<Untrusted> {
    use std::os::unix::fs::MetadataExt;
    let owner = metadata.uid();
    let process = rustix::process::geteuid().as_raw();
    let mode = metadata.mode() & 0o7777;
    if owner != 0 && owner != process {
        Some(Untrusted::OtherOwner { owner, process })
    } else if mode & 0o022 != 0 {
        Some(Untrusted::WritableByOthers { mode })
    } else {
        None
    }
}

#[cfg(not(unix))]
fn reason(_: &Metadata) -> Option<Untrusted> {
    None
}

/// Refuses a folder that another user may have written, and a path that is no folder.
///
/// On Unix the owner must be root or the effective user of this process, and neither group nor others
/// may write. On other systems only the kind is checked.
///
/// ```no_run
/// use std::path::Path;
/// use aad_auth::config::file_permissions::{check_folder, open_file};
///
/// check_folder(Path::new("/etc/shop"))?;
/// let users = std::io::read_to_string(open_file(Path::new("/etc/shop/users.json"))?)?;
/// # drop(users);
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// # Errors
/// The reason, with its remedy; also when the metadata cannot be read.
pub fn check_folder(path: &Path) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_dir() {
        return Err(io::Error::new(
            ErrorKind::NotADirectory,
            "it is not a folder",
        ));
    }
    refuse_untrusted(&metadata)
}

/// Opens a regular file that no other user can have written. It follows links. [`check_folder`] checks
/// the folder.
///
/// The kind of the file is checked before it is opened, since opening a named pipe waits for a writer.
/// All checks are repeated on the open file, which cannot be exchanged.
///
/// See [`check_folder`] for an example.
///
/// # Errors
/// As [`check_folder`]; also for what is no regular file, or cannot be opened.
pub fn open_file(path: &Path) -> io::Result<File> {
    check_file(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    check_file(&file.metadata()?)?;
    Ok(file)
}

fn check_file(metadata: &Metadata) -> io::Result<()> {
    if !metadata.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    refuse_untrusted(metadata)
}

#[cfg(unix)]
#[cfg(test)]
#[path = "../../tests/support/root.rs"]
#[expect(clippy::print_stderr, reason = "a test that is ignored says so")]
pub(crate) mod root;

#[cfg(unix)]
#[cfg(test)]
#[path = "file_permissions_tests.rs"]
mod tests;

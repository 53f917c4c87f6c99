//! Reads and writes files that only their owner may write.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Bytes. The list of revocations, the largest file, is far smaller.
const MAX_LENGTH: u64 = 16 << 20;

/// Creates a folder that only its owner can read. Refuses an existing one that is not trusted.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    owner_only_folder(&mut builder);
    builder.create(path)?;
    refuse_untrusted(&fs::metadata(path)?)
}

/// Reads a file; `None` when there is none. Refuses one that is not trusted.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    match read_existing(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_existing(path: &Path) -> io::Result<String> {
    // Opening a named pipe would wait for a writer.
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            "it is not a regular file",
        ));
    }
    refuse_untrusted(&metadata)?;
    let file = File::open(path)?;
    refuse_untrusted(&file.metadata()?)?;
    let mut text = String::new();
    file.take(MAX_LENGTH).read_to_string(&mut text)?;
    Ok(text)
}

/// Writes a new file and renames it, so that a crash leaves the old file or the new one.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let new_file = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    owner_only_file(&mut options);
    let mut file = options.open(&new_file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new_file, path)
}

/// Refuses a file or folder that another user owns or may write: that user's keys would sign for this emulator.
///
/// The owner must be root or this process's user. On systems other than Unix nothing is checked.
#[cfg(unix)]
fn refuse_untrusted(metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let (owner, process) = (metadata.uid(), rustix::process::geteuid().as_raw());
    let mode = metadata.mode() & 0o7777;
    let reason = if owner != 0 && owner != process {
        format!("it belongs to another user (uid {owner})")
    } else if mode & 0o022 != 0 {
        format!("users other than its owner may write it (mode {mode:03o}): run chmod go-w on it")
    } else {
        return Ok(());
    };
    Err(io::Error::new(ErrorKind::PermissionDenied, reason))
}

#[cfg(not(unix))]
fn refuse_untrusted(_: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn owner_only_folder(builder: &mut DirBuilder) {
    use std::os::unix::fs::DirBuilderExt as _;
    builder.mode(0o700);
}

#[cfg(unix)]
fn owner_only_file(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn owner_only_folder(_: &mut DirBuilder) {}

#[cfg(not(unix))]
fn owner_only_file(_: &mut OpenOptions) {}

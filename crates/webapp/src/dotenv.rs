//! The `.env` file: found, checked and read before any setting is.
//!
//! Its lines become settings of this process, the provider's address among them: a file that
//! another user can have placed or changed is refused. A release build reads it from the working
//! directory only; a debug build takes the nearest one at or above it, so that `cargo run` finds it
//! from every folder of a workspace.

use std::{
    fmt::Display,
    fs,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use aad_auth::config::file_permissions;

mod lines;

/// Where to look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Search {
    /// In the working directory.
    Here,
    /// In the working directory and all folders above it; the nearest one is taken.
    Upwards,
}

/// A file that was found and may be used.
#[derive(Debug)]
struct Found {
    path: PathBuf,
    text: Vec<u8>,
}

/// Loads the `.env`, without replacing variables that are set. Returns its path.
///
/// # Errors
/// A file, or a folder that it is in, which another user may have written; a file that is no file,
/// larger than 64 KiB, or cannot be read or parsed. The message never holds a line of it.
pub fn load() -> Result<Option<PathBuf>, String> {
    let search = if cfg!(debug_assertions) {
        Search::Upwards
    } else {
        Search::Here
    };
    let Some(found) = find(Path::new("."), search)? else {
        return Ok(None);
    };
    parse(&found.text).map_err(|problem| refusal(&found.path, problem))?;
    Ok(Some(found.path))
}

/// Folders are named from the working directory (`../..`), so that nobody can move another one
/// into the way between the check of a folder and the look into it.
fn find(base: &Path, search: Search) -> Result<Option<Found>, String> {
    let here = fs::canonicalize(base).map_err(|error| refusal(base, error))?;
    let above = match search {
        Search::Here => 0,
        Search::Upwards => here.ancestors().count().saturating_sub(1),
    };
    let mut folder = base.to_owned();
    for (known_as, _) in here.ancestors().zip(0..=above) {
        let file = folder.join(NAME);
        if fs::symlink_metadata(&file).is_ok() {
            let path = known_as.join(NAME);
            let text = read(&folder, &file).map_err(|error| refusal(&path, error))?;
            return Ok(Some(Found { path, text }));
        }
        folder.push("..");
    }
    Ok(None)
}

/// A link is followed where both its own folder and that of its target are ours: only then nobody
/// else chooses which file is read.
fn read(folder: &Path, file: &Path) -> io::Result<Vec<u8>> {
    check_folder(folder)?;
    let target = fs::canonicalize(file)?;
    if let Some(folder) = target.parent() {
        check_folder(folder)?;
    }
    let mut text = Vec::new();
    let opened = file_permissions::open_file(&target)?;
    opened.take(MAX_LENGTH + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_LENGTH {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            "it is larger than 64 KiB",
        ));
    }
    Ok(text)
}

fn check_folder(folder: &Path) -> io::Result<()> {
    file_permissions::check_folder(folder).map_err(|error| {
        let said = format!("of its folder: {error}");
        io::Error::new(error.kind(), said)
    })
}

/// All lines are read before the first becomes a setting: a bad file changes nothing.
fn parse(text: &[u8]) -> Result<(), String> {
    let variables = lines::read(text)?;
    dotenvy::from_read(lines::write(&variables).as_bytes())
        .map_err(|_| "write one NAME=value a line".to_owned())
}

fn refusal(path: &Path, problem: impl Display) -> String {
    format!("{} cannot be used: {problem}", path.display())
}

const NAME: &str = ".env";
const MAX_LENGTH: u64 = 64 * 1024;

#[cfg(unix)]
#[cfg(test)]
#[path = "dotenv_tests.rs"]
mod tests;

//! Finds, checks and loads the `.env` file, before any setting is read.
//!
//! Its lines become settings of this process, such as the provider's address. So a file is refused
//! where another user could have created or changed it. A release build reads the file in the working
//! directory only. A debug build takes the nearest file at or above it, so that `cargo run` finds it
//! from every folder of a workspace.

use std::{
    fmt::Display,
    fs,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use aad_auth::config::file_permissions;

mod lines;

/// The folders that are searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SearchScope {
    /// The working directory.
    Here,
    /// The working directory and all folders above it; the nearest file is taken.
    Upwards,
}

/// A file that has passed all checks.
#[derive(Debug)]
struct DotenvFile {
    path: PathBuf,
    text: Vec<u8>,
}

/// Loads the `.env` and returns its path. Variables that are set already keep their value.
///
/// # Errors
/// A file or folder that another user can write. A path that is no file, or a file that is larger than
/// 64 KiB or cannot be parsed. The message never contains a line of the file.
pub fn load() -> Result<Option<PathBuf>, String> {
    let search = if cfg!(debug_assertions) {
        SearchScope::Upwards
    } else {
        SearchScope::Here
    };
    let Some(found) = find(Path::new("."), search)? else {
        return Ok(None);
    };
    parse(&found.text).map_err(|problem| refusal(&found.path, problem))?;
    Ok(Some(found.path))
}

/// Looks for the file. Folders are relative to the working directory (`../..`): no other user can replace
/// one between its check and its use.
fn find(base: &Path, search: SearchScope) -> Result<Option<DotenvFile>, String> {
    let here = fs::canonicalize(base).map_err(|error| refusal(base, error))?;
    let above = match search {
        SearchScope::Here => 0,
        SearchScope::Upwards => here.ancestors().count().saturating_sub(1),
    };
    let mut folder = base.to_owned();
    for (known_as, _) in here.ancestors().zip(0..=above) {
        let file = folder.join(NAME);
        if fs::symlink_metadata(&file).is_ok() {
            let path = known_as.join(NAME);
            let text = read(&folder, &file).map_err(|error| refusal(&path, error))?;
            return Ok(Some(DotenvFile { path, text }));
        }
        folder.push("..");
    }
    Ok(None)
}

/// Reads a file. A link is followed where its own folder and the folder of its target are ours: otherwise
/// another user could choose the file.
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

/// Sets the variables after all lines have been parsed: a bad file changes nothing.
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

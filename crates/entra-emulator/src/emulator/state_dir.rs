use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::encoding::{base64url, from_base64url};
use crate::keys::SigningKey;
use crate::random::system;
use crate::token::Revocations;

/// The folder that lets a restart change nothing: readable by its owner only.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
}

/// Why the state folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the state folder's {path} cannot be used: {problem}; choose a folder that you may write to (--state-dir), or remove the file"
)]
pub struct StateDirError {
    path: String,
    problem: String,
}

impl StateDir {
    pub(crate) fn open(path: PathBuf) -> Result<Self, StateDirError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        owner_only_folder(&mut builder);
        builder
            .create(&path)
            .map_err(|error| problem(&path, &error))?;
        Ok(Self { path })
    }

    /// The signing key of this name, made when there is none.
    pub(crate) fn signing_key(&self, name: &str) -> Result<SigningKey, StateDirError> {
        let path = self.path.join(format!("{name}.key.pem"));
        if let Some(pem) = read(&path)? {
            return SigningKey::from_pem(&pem).map_err(|error| problem(&path, &error));
        }
        let key = SigningKey::generate().map_err(|error| problem(&path, &error))?;
        write(&path, &key.private_pem)?;
        Ok(key)
    }

    /// The key that seals refresh tokens and cookies, made when there is none.
    pub(crate) fn sealing_key(&self) -> Result<[u8; 32], StateDirError> {
        let path = self.path.join("sealing.key");
        if let Some(text) = read(&path)? {
            let key = from_base64url(text.trim()).and_then(|bytes| bytes.try_into().ok());
            return key.ok_or_else(|| problem(&path, &"it does not hold 32 bytes in base64url"));
        }
        let mut key = [0; 32];
        system(&mut key);
        write(&path, &base64url(key))?;
        Ok(key)
    }

    pub(crate) fn revocations(&self) -> Result<Revocations, StateDirError> {
        let path = self.path.join("revocations.json");
        match read(&path)? {
            None => Ok(Revocations::default()),
            Some(text) => serde_json::from_str(&text).map_err(|error| problem(&path, &error)),
        }
    }

    pub(crate) fn save_revocations(&self, revocations: &Revocations) -> Result<(), StateDirError> {
        let path = self.path.join("revocations.json");
        let text = serde_json::to_string(revocations).map_err(|error| problem(&path, &error))?;
        write(&path, &text)
    }

    /// A pair of certificate and key in PEM, made by the function when there is none.
    pub(crate) fn pem_pair(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<(String, String), rcgen::Error>,
    ) -> Result<(String, String), StateDirError> {
        let (certificate, key) = (
            self.path.join(format!("{name}.pem")),
            self.path.join(format!("{name}.key.pem")),
        );
        if let (Some(certificate), Some(key)) = (read(&certificate)?, read(&key)?) {
            return Ok((certificate, key));
        }
        let made = make().map_err(|error| problem(&certificate, &error))?;
        write(&certificate, &made.0)?;
        write(&key, &made.1)?;
        Ok(made)
    }
}

fn read(path: &Path) -> Result<Option<String>, StateDirError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(path, &error)),
    }
}

/// Writes beside and renames, so that a crash leaves the old file or the new one.
fn write(path: &Path, text: &str) -> Result<(), StateDirError> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    owner_only_file(&mut options);
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| problem(path, &error))
}

fn problem(path: &Path, problem: &dyn std::fmt::Display) -> StateDirError {
    StateDirError {
        path: path.display().to_string(),
        problem: problem.to_string(),
    }
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

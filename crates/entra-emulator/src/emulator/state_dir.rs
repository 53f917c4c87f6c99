use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
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
    "the state folder's {path} cannot be used: {problem}; choose a folder that is yours, or remove the file"
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
            .and_then(|()| refuse_untrusted(&fs::metadata(&path)?))
            .map_err(|error| problem(&path, &error))?;
        Ok(Self { path })
    }

    /// The signing key of this name, made when there is none.
    pub(crate) fn signing_key(&self, name: &str) -> Result<SigningKey, StateDirError> {
        let path = self.path.join(format!("{name}.key.pem"));
        if let Some(pem) = read(&path)? {
            // The library's error may quote the file.
            return SigningKey::from_pem(&pem)
                .map_err(|_| problem(&path, &"it does not hold an RSA key in PEM (PKCS #8)"));
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
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| problem(&path, &"it does not hold a list of revocations")),
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
    let read = || {
        // A named pipe would wait for a writer.
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
    };
    match read() {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(problem(path, &error)),
    }
}

/// Far more than the largest file of ours, the list of revocations.
const MAX_LENGTH: u64 = 16 << 20;

/// Another user's keys would sign for this emulator: owner must be root or this process's user, and nobody else may
/// write. On other systems than Unix nothing is checked: who may write is in access lists.
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

#[cfg(unix)]
#[cfg(test)]
#[path = "../../../aad-auth/tests/support/root.rs"]
#[expect(clippy::print_stderr, reason = "a test that is ignored says so")]
mod root;

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    /// Opens a state folder as the emulator does, and says what is wrong with it.
    fn refusal(folder: &Path) -> Option<String> {
        let opened = StateDir::open(folder.to_owned()).and_then(|state| {
            state.sealing_key()?;
            state.revocations()
        });
        opened.err().map(|error| error.to_string())
    }

    #[test]
    fn w57_a_broken_file_of_the_state_folder_is_told_without_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(folder.path().to_owned()).unwrap();
        for text in [
            "\"canary\"",
            "-----BEGIN canary-----\nAAAA\n-----END canari-----\n",
            "-----BEGIN PRIVATE KEY-----\\ncanary\\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY----- canary",
        ] {
            for name in ["a.key.pem", "sealing.key", "revocations.json"] {
                let path = folder.path().join(name);
                write(&path, text).unwrap();
            }
            for error in [
                state.signing_key("a").err().unwrap(),
                state.sealing_key().unwrap_err(),
                state.revocations().err().unwrap(),
            ] {
                let said = format!("{error} {error:?}");
                assert!(!said.contains("canar"), "{text}: {said}");
                assert!(!said.contains("99, 97, 110, 97, 114"), "{text}: {said}");
            }
        }
    }

    #[test]
    fn w33_a_state_folder_or_key_that_others_may_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("sealing.key");
        assert_eq!(refusal(folder.path()), None);
        for (path, good) in [(key.as_path(), 0o600), (folder.path(), 0o700)] {
            for mode in [good | 0o020, good | 0o002, good | 0o1022] {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
                let refused = refusal(folder.path()).unwrap();
                assert!(refused.contains("chmod go-w"), "{refused}");
            }
            fs::set_permissions(path, fs::Permissions::from_mode(good)).unwrap();
        }
        fs::remove_file(&key).unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(&key).status();
        assert!(pipe.unwrap().success());
        let refused = refusal(folder.path()).unwrap();
        assert!(refused.contains("regular file"), "{refused}");
    }

    #[test]
    fn w33_a_state_folder_or_key_of_another_user_is_refused() {
        if !root::as_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("sealing.key");
        assert_eq!(refusal(folder.path()), None);
        for path in [key.as_path(), folder.path()] {
            chown(path, Some(65_534), None).unwrap();
            let refused = refusal(folder.path()).unwrap();
            assert!(refused.contains("another user (uid 65534)"), "{refused}");
            chown(path, Some(0), None).unwrap();
        }
        assert_eq!(refusal(folder.path()), None);
    }
}

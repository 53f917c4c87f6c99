//! The state folder: keys and revocations that outlive a restart.

use std::path::{Path, PathBuf};

use crate::encoding::{base64url, from_base64url};
use crate::keys::SigningKey;
use crate::random::fill_from_system;

use super::{Revocations, owned_file};

/// The folder of keys and revocations; only its owner can read it.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
}

/// The reason for which the state folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the state folder cannot be used: {path}: {problem}; choose a folder that is yours, or remove the file"
)]
pub struct StateDirError {
    path: String,
    problem: String,
}

impl StateDir {
    pub(crate) fn open(path: PathBuf) -> Result<Self, StateDirError> {
        owned_file::create_folder(&path).map_err(|error| problem(&path, &error))?;
        Ok(Self { path })
    }

    /// Reads the signing key of this name; makes it when there is none.
    pub(crate) fn signing_key(&self, name: &str) -> Result<SigningKey, StateDirError> {
        let path = self.path.join(format!("{name}.key.pem"));
        if let Some(pem) = read(&path)? {
            // The library's error could quote the file.
            return SigningKey::from_pem(&pem)
                .map_err(|_| problem(&path, &"it does not hold an RSA key in PEM (PKCS #8)"));
        }
        let key = SigningKey::generate().map_err(|error| problem(&path, &error))?;
        write(&path, &key.private_pem)?;
        Ok(key)
    }

    /// Reads the key that seals refresh tokens and cookies; makes it when there is none.
    pub(crate) fn sealing_key(&self) -> Result<[u8; 32], StateDirError> {
        let path = self.path.join("sealing.key");
        if let Some(text) = read(&path)? {
            let key = from_base64url(text.trim()).and_then(|bytes| bytes.try_into().ok());
            return key.ok_or_else(|| problem(&path, &"it does not hold 32 bytes in base64url"));
        }
        let mut key = [0; 32];
        fill_from_system(&mut key);
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

    /// Reads a certificate and its key in PEM; `make` makes them when there are none.
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

fn problem(path: &Path, problem: &dyn std::fmt::Display) -> StateDirError {
    StateDirError {
        path: path.display().to_string(),
        problem: problem.to_string(),
    }
}

fn read(path: &Path) -> Result<Option<String>, StateDirError> {
    owned_file::read(path).map_err(|error| problem(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), StateDirError> {
    owned_file::write(path, text).map_err(|error| problem(path, &error))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    /// Opens a state folder as the emulator does; returns the refusal.
    fn refusal(folder: &Path) -> Option<String> {
        let opened = StateDir::open(folder.to_owned()).and_then(|state| {
            state.sealing_key()?;
            state.revocations()
        });
        opened.err().map(|error| error.to_string())
    }

    #[test]
    fn w57_the_error_of_a_broken_state_file_does_not_quote_it() {
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
        if !is_root() {
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
    /// Tells whether the process may give files to another user. `AAD_TEST_ALL=1` turns the ignored test into a failure.
    #[expect(
        clippy::print_stderr,
        clippy::disallowed_methods,
        reason = "a test that is ignored must say so; the variable is a switch of the tests"
    )]
    fn is_root() -> bool {
        let root = rustix::process::geteuid().is_root();
        if !root {
            let must_run = std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1");
            assert!(!must_run, "this test needs root (AAD_TEST_ALL=1)");
            eprintln!("IGNORED: only root can give a file to another user");
        }
        root
    }
}

//! The application's secret on a developer's machine: generated once, kept in the state folder.

use std::{
    fs,
    io::{ErrorKind, Read, Write},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    config::{Problem, file_permissions},
    random::{self, SystemRandom},
    secret::Secret,
};

/// Reads the secret of a state folder, or makes it. Folder and file are the owner's alone (modes
/// 700 and 600); what belongs to another user or is open to others is refused.
pub(in crate::web) fn load(folder: &Path) -> Result<Secret, Problem> {
    create_folder(folder)?;
    let path = folder.join(FILE);
    match read(&path) {
        Ok(secret) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(&path).map_err(|error| problem(folder, &error))
        }
        Err(error) => Err(problem(folder, &error)),
    }
}

/// Creates the state folder, with access for its owner only.
pub(in crate::web) fn create_folder(folder: &Path) -> Result<(), Problem> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .and_then(|()| file_permissions::check_folder(folder))
        .map_err(|error| problem(folder, &error))
}

/// A user that can read the secret can make sessions.
fn refuse_readable(metadata: &fs::Metadata) -> std::io::Result<()> {
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(std::io::Error::new(
            ErrorKind::PermissionDenied,
            "others have access to the file session-secret: it needs mode 600",
        ));
    }
    let _ = metadata;
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Secret> {
    let mut text = String::new();
    let file = file_permissions::open_file(path)?;
    refuse_readable(&file.metadata()?)?;
    file.take(1024).read_to_string(&mut text)?;
    let text = text.trim();
    if text.len() < 80 {
        return Err(std::io::Error::new(
            ErrorKind::InvalidData,
            "the file session-secret is damaged: delete it, which signs all users out",
        ));
    }
    Ok(Secret::from(text))
}

/// Written under another name first, so that two processes that start at once agree on one.
fn create(path: &Path) -> std::io::Result<Secret> {
    let text = STANDARD.encode(random::bytes::<64>(&SystemRandom));
    let temporary = path.with_extension(random::token::<8>(&SystemRandom));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&temporary, path);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => Ok(Secret::from(text)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error),
    }
}

fn problem(folder: &Path, error: &std::io::Error) -> Problem {
    let rule = format!(
        "must be a folder that this process may write to: {} cannot be used ({error})",
        folder.display()
    );
    Problem::new("AAD_STATE_DIR", rule, "/var/lib/my-app")
}

const FILE: &str = "session-secret";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::ExposeSecret;

    #[test]
    fn the_secret_is_made_once_and_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("a/b");
        let first = load(&state).unwrap();
        assert_eq!(first.expose_secret(), load(&state).unwrap().expose_secret());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&state), 0o700);
            assert_eq!(mode(&state.join(FILE)), 0o600);
        }
        assert_eq!(fs::read_dir(&state).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn refuses_a_secret_or_folder_that_others_have_access_to() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        load(folder.path()).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        set(&folder.path().join(FILE), 0o644).unwrap();
        assert!(load(folder.path()).is_err());
        set(&folder.path().join(FILE), 0o600).unwrap();
        set(folder.path(), 0o777).unwrap();
        assert!(load(folder.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn w33_a_state_folder_or_secret_of_another_user_is_refused() {
        use std::os::unix::fs::chown;
        if !file_permissions::root::as_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        load(folder.path()).unwrap();
        for theirs in [file.as_path(), folder.path()] {
            chown(theirs, Some(65_534), None).unwrap();
            let refused = load(folder.path()).unwrap_err().to_string();
            assert!(refused.contains("AAD_STATE_DIR"), "{refused}");
            assert!(refused.contains("another user (uid 65534)"), "{refused}");
            chown(theirs, Some(0), None).unwrap();
        }
        load(folder.path()).unwrap();
        // A link of another user's leads to a folder of another user's.
        let other = tempfile::tempdir().unwrap();
        chown(other.path(), Some(65_534), None).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(other.path(), &link).unwrap();
        assert!(create_folder(&link).is_err());
    }

    #[test]
    fn refuses_a_damaged_secret_and_a_folder_that_cannot_be_made() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), "short").unwrap();
        assert!(
            load(folder.path())
                .unwrap_err()
                .to_string()
                .contains("AAD_STATE_DIR")
        );
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(load(&file.join("below")).is_err());
    }
}

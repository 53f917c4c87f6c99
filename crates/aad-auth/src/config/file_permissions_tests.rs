//! Files and folders that are refused, by real owners and modes.

use std::os::unix::fs::{PermissionsExt, chown, symlink};

use super::*;

use root::as_root;

fn why(result: io::Result<impl Sized>) -> Option<Untrusted> {
    let error = result.err()?;
    let inner = error.get_ref()?;
    inner.downcast_ref::<Untrusted>().copied()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn w32_what_group_or_others_may_write_is_refused_also_when_it_is_sticky() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    for mode in [0o620, 0o602, 0o666] {
        set_mode(&file, mode);
        let refused = why(open_file(&file));
        assert_eq!(refused, Some(Untrusted::WritableByOthers { mode }));
    }
    for mode in [0o770, 0o707, 0o777, 0o1777, 0o2775] {
        set_mode(folder.path(), mode);
        let refused = why(check_folder(folder.path()));
        assert_eq!(refused, Some(Untrusted::WritableByOthers { mode }));
    }
    set_mode(folder.path(), 0o755);
    set_mode(&file, 0o644);
    check_folder(folder.path()).unwrap();
    open_file(&file).unwrap();
}

#[test]
fn w32_what_another_user_owns_is_refused_whatever_its_mode() {
    if !as_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "x").unwrap();
    for mode in [0o400, 0o600, 0o644] {
        set_mode(&file, mode);
        chown(&file, Some(65_534), None).unwrap();
        let refused = why(open_file(&file));
        let (owner, process) = (65_534, 0);
        assert_eq!(refused, Some(Untrusted::OtherOwner { owner, process }));
    }
    let link = folder.path().join("link");
    symlink(&file, &link).unwrap();
    assert!(why(open_file(&link)).is_some(), "the target's owner counts");
    chown(folder.path(), Some(65_534), None).unwrap();
    assert!(why(check_folder(folder.path())).is_some());
}

#[test]
fn w32_what_is_no_regular_file_is_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [pipe.as_path(), folder.path(), Path::new("/dev/zero")] {
        let error = open_file(path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{}", path.display());
    }
    assert!(check_folder(&pipe).is_err());
    let missing = open_file(&folder.path().join("missing")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

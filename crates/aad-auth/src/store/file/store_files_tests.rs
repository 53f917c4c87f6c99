use std::os::unix::fs::PermissionsExt;

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn creates_folder_and_files_for_the_owner_only() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a/b/sessions.redb");
    let files = StoreFiles::lock(&path).unwrap();
    files.open_file().unwrap();
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
    StoreFiles::lock(&path).unwrap().open_file().unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn refuses_a_folder_that_others_may_write() {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let refusal = StoreFiles::lock(&root.path().join("sessions.redb")).err();
    assert_eq!(refusal, Some(StoreError::Denied));
}

#[test]
fn w33_a_session_file_that_others_may_write_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("sessions.redb");
    for file in [&path, &with_suffix(&path, ".lock")] {
        fs::write(file, "x").unwrap();
        fs::set_permissions(file, PermissionsExt::from_mode(0o666)).unwrap();
        let opened = StoreFiles::lock(&path).and_then(|files| files.open_file());
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
        let files = StoreFiles::lock(&path)?;
        files.draft()?;
        files.open_file()
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
    let files = StoreFiles::lock(&path).unwrap();
    assert!(files.is_intact());
    files.open_file().unwrap();
    for name in [path.clone(), with_suffix(&path, ".lock")] {
        assert!(files.is_intact());
        let aside = with_suffix(&name, ".aside");
        fs::rename(&name, &aside).unwrap();
        assert!(!files.is_intact());
        fs::copy(&aside, &name).unwrap();
        assert!(!files.is_intact());
        fs::rename(&aside, &name).unwrap();
    }
    assert!(files.is_intact());
}

#[test]
fn refuses_a_second_holder_until_the_first_lets_go() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("sessions.redb");
    let first = StoreFiles::lock(&path).unwrap();
    assert_eq!(StoreFiles::lock(&path).err(), Some(StoreError::Locked));
    drop(first);
    assert!(StoreFiles::lock(&path).is_ok());
}

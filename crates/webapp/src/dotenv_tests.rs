use std::os::unix::fs::{PermissionsExt, chown, symlink};

use tempfile::TempDir;

use super::*;

#[path = "../../aad-auth/tests/support/root.rs"]
#[expect(clippy::print_stderr, reason = "a test that is ignored says so")]
mod root;

const NOBODY: Option<u32> = Some(65_534);

/// Two folders, one in the other, with a good file in the outer one.
struct Folders {
    outer: TempDir,
    inner: PathBuf,
    file: PathBuf,
}

fn folders() -> Folders {
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let file = outer.path().join(NAME);
    fs::write(&file, "DOTENV_CANARY=<canary>").unwrap();
    for path in [outer.path(), &inner] {
        set_mode(path, 0o755);
    }
    set_mode(&file, 0o644);
    Folders { outer, inner, file }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The refusals of the file from its own folder and from the folder below.
fn refused(folders: &Folders) -> [String; 2] {
    let here = find(folders.outer.path(), SearchScope::Here).unwrap_err();
    let above = find(&folders.inner, SearchScope::Upwards).unwrap_err();
    for said in [&here, &above] {
        let path = fs::canonicalize(folders.outer.path()).unwrap().join(NAME);
        assert!(said.contains(path.to_str().unwrap()), "{said}");
        assert!(!said.contains("canary"), "{said}");
    }
    [here, above]
}

#[test]
fn w32_an_env_file_above_the_working_directory_is_not_read_by_a_release_build() {
    let folders = folders();
    let found = find(&folders.inner, SearchScope::Here).unwrap();
    assert!(found.is_none());
    let found = find(&folders.inner, SearchScope::Upwards).unwrap().unwrap();
    assert_eq!(found.text, b"DOTENV_CANARY=<canary>");
    assert!(
        find(folders.outer.path(), SearchScope::Here)
            .unwrap()
            .is_some()
    );
}

#[test]
fn w32_an_env_file_or_folder_that_others_may_write_is_refused_with_the_remedy() {
    let folders = folders();
    for (path, good, modes) in [
        (folders.file.as_path(), 0o644, [0o664, 0o646, 0o666]),
        (folders.outer.path(), 0o755, [0o775, 0o777, 0o1777]),
    ] {
        for mode in modes {
            set_mode(path, mode);
            for said in refused(&folders) {
                assert!(said.contains(&format!("(mode {mode:03o})")), "{said}");
                assert!(said.contains("chmod go-w"), "{said}");
            }
        }
        set_mode(path, good);
    }
}

#[test]
fn w32_an_env_file_or_folder_of_another_user_is_refused_with_the_remedy() {
    if !root::as_root() {
        return;
    }
    let folders = folders();
    for path in [folders.file.as_path(), folders.outer.path()] {
        chown(path, NOBODY, None).unwrap();
        for said in refused(&folders) {
            assert!(said.contains("another user (uid 65534)"), "{said}");
            assert!(said.contains("chown"), "{said}");
        }
        chown(path, Some(0), None).unwrap();
    }
}

#[test]
fn w32_a_link_is_followed_only_between_folders_that_nobody_else_may_write() {
    let (folders, elsewhere) = (folders(), tempfile::tempdir().unwrap());
    let target = elsewhere.path().join("settings");
    fs::rename(&folders.file, &target).unwrap();
    symlink(&target, &folders.file).unwrap();
    let found = find(folders.outer.path(), SearchScope::Here)
        .unwrap()
        .unwrap();
    assert_eq!(found.text, b"DOTENV_CANARY=<canary>");
    set_mode(elsewhere.path(), 0o1777);
    refused(&folders);
    set_mode(elsewhere.path(), 0o700);
    set_mode(&target, 0o666);
    refused(&folders);
    fs::remove_file(&target).unwrap();
    refused(&folders);
    fs::remove_file(&folders.file).unwrap();
    symlink(&folders.file, &folders.file).unwrap();
    refused(&folders);
}

#[test]
fn w32_a_link_to_a_file_of_another_user_is_refused() {
    if !root::as_root() {
        return;
    }
    let folders = folders();
    let target = folders.outer.path().join("settings");
    fs::rename(&folders.file, &target).unwrap();
    symlink(&target, &folders.file).unwrap();
    chown(&target, NOBODY, None).unwrap();
    refused(&folders);
}

#[test]
fn w32_what_is_no_file_of_usual_size_is_refused_without_waiting() {
    let folders = folders();
    fs::write(&folders.file, "#".repeat(MAX_LENGTH as usize)).unwrap();
    assert!(
        find(folders.outer.path(), SearchScope::Here)
            .unwrap()
            .is_some()
    );
    fs::write(&folders.file, "#".repeat(MAX_LENGTH as usize + 1)).unwrap();
    refused(&folders);
    fs::remove_file(&folders.file).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(&folders.file)
        .status();
    assert!(pipe.unwrap().success());
    refused(&folders);
    fs::remove_file(&folders.file).unwrap();
    symlink("/dev/zero", &folders.file).unwrap();
    refused(&folders);
    fs::remove_file(&folders.file).unwrap();
    fs::create_dir(&folders.file).unwrap();
    refused(&folders);
}

#[test]
fn a_line_that_cannot_be_read_is_named_by_its_number_and_not_shown() {
    let said = parse(b"# one\n\n\nNAME=<canary> <canary>\n").unwrap_err();
    assert!(said.contains("line 4"), "{said}");
    assert!(!said.contains("canary"), "{said}");
    let said = parse(b"\xff=\xff\n").unwrap_err();
    assert!(said.contains("invalid data"), "{said}");
}

//! The `.env` of somebody else (abuse W32).

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
};

use crate::{
    root::as_root,
    support::{Settings, Webapp, ask},
};

const PLANTED: &str = "AAD_AUTHORITY=https://evil.test\nAAD_CLIENT_ID=x\nAAD_CLIENT_SECRET=x\n";

#[test]
fn w32_an_env_file_that_another_user_has_placed_stops_the_program_and_is_named() {
    if !as_root() {
        return;
    }
    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("project");
    fs::create_dir(&inner).unwrap();
    let file = outer.path().join(".env");
    fs::write(&file, PLANTED).unwrap();
    chown(&file, Some(65_534), None).unwrap();
    // A debug build, such as this one, also looks above the working directory.
    for folder in [outer.path(), &inner] {
        let log = Webapp::refused_in(folder, &Settings::new());
        for expected in [file.to_str().unwrap(), "another user (uid 65534)", "chown"] {
            assert!(log.contains(expected), "{expected}: {log}");
        }
        assert!(!log.contains("evil.test"), "{log}");
    }
}

#[test]
fn w32_an_env_file_in_a_folder_that_others_may_write_stops_the_program_and_its_own_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let file = folder.path().join(".env");
    let text = format!("PORT=0\nXDG_STATE_HOME={}\n", state.display());
    fs::write(&file, text).unwrap();
    let set_mode = |mode| {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    };
    set_mode(0o1777);
    let log = Webapp::refused_in(folder.path(), &Settings::new());
    assert!(
        log.contains("of its folder") && log.contains("chmod go-w"),
        "{log}"
    );
    set_mode(0o755);
    let webapp = Webapp::start_in(folder.path(), &Settings::new());
    assert_eq!(ask(webapp.port, "/healthz").0, 200);
    assert!(webapp.log().contains("settings of a .env file are in use"));
}

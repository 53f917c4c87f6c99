//! The program: start log, refusals, end.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_entra-emulator"))
}

#[test]
fn it_refuses_to_start_on_a_hosting_platform() {
    for name in [
        "WEBSITE_SITE_NAME",
        "CONTAINER_APP_NAME",
        "KUBERNETES_SERVICE_HOST",
    ] {
        let output = binary()
            .args(["--port", "0"])
            .env(name, "x")
            .output()
            .unwrap();
        assert!(!output.status.success());
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(name),
            "{name}"
        );
    }
}

#[test]
fn a_wrong_file_is_named_with_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.toml");
    std::fs::write(&path, "[[tenants]]\nid = 'no-guid'").unwrap();
    let output = binary()
        .args(["--port", "0", "--config"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-guid"));
    let missing = binary()
        .args(["--config", "/nowhere.toml"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&missing.stderr).contains("--config"));
}

#[test]
fn the_default_directory_can_be_printed_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("directory.toml");
    let printed = binary()
        .arg("--print-default-config")
        .output()
        .unwrap()
        .stdout;
    std::fs::write(&path, printed).unwrap();
    assert!(entra_emulator::Directory::from_file(&path).is_ok());
}

#[test]
fn it_says_where_it_listens_and_whom_it_knows() {
    let mut child = binary()
        .args(["--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let text: Vec<String> = lines
        .take_while(|line| !line.starts_with("AAD_GRAPH_URL="))
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let text = text.join("\n");
    for part in [
        "LOCAL EMULATOR",
        "http://127.0.0.1:",
        "ada@northwind.example.test",
        "Bearer ",
        "AAD_CLIENT_ID=",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

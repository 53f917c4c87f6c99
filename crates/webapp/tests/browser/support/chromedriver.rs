//! The chromedriver process and what it starts.

use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];

/// A chromedriver on a free port. Its browsers end with it.
pub(crate) struct ChromeDriver {
    process: Child,
    /// Kept open: a write to a closed pipe would end the process.
    _output: BufReader<ChildStdout>,
    port: u16,
    profile: TempDir,
}

impl ChromeDriver {
    /// Starts it, or says why the test is ignored.
    pub(crate) fn start() -> Option<Self> {
        if let Some(missing) = PROGRAMS.into_iter().find(|program| !can_run(program)) {
            let reason = format!("{missing} is not on the PATH");
            assert!(!everything_must_run(), "{reason} (AAD_TEST_ALL=1)");
            eprintln!("IGNORED: this test needs a browser, but {reason}");
            return None;
        }
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own, so that the browser can be ended too.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let port = port_of(&mut output);
        Some(Self {
            process,
            _output: output,
            port,
            profile: TempDir::new().unwrap(),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The new and empty folder of the browser's profile.
    pub(crate) fn profile(&self) -> String {
        self.profile.path().display().to_string()
    }
}

impl Drop for ChromeDriver {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
        drop(self.process.wait());
    }
}

fn port_of(output: &mut impl BufRead) -> u16 {
    let started = "started successfully on port ";
    let mut lines = output.lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains(started)).unwrap();
    let (_, port) = line.split_once(started).unwrap();
    port.trim_end_matches('.').parse().unwrap()
}

fn can_run(program: &str) -> bool {
    let version = Command::new(program).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn everything_must_run() -> bool {
    std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1")
}

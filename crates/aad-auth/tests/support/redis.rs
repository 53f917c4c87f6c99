//! A real Redis server (or Valkey) for tests, on a free port of 127.0.0.1.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];

/// A running server with a folder of its own; it ends with this value.
pub struct RedisServer {
    program: &'static str,
    port: u16,
    arguments: Vec<String>,
    folder: tempfile::TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// A server without persistence. `None`, and a line on standard error that says why, where
    /// neither `redis-server` nor `valkey-server` is on the PATH; with AAD_TEST_ALL=1 that is a
    /// failure.
    pub fn start() -> Option<Self> {
        Self::start_with(&["--save", "", "--appendonly", "no"])
    }

    /// A server that keeps what it has acknowledged.
    pub fn start_durable() -> Option<Self> {
        let durable = [
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ];
        Self::start_with(&durable)
    }

    /// A server with these arguments beside port, address and folder.
    pub fn start_with(arguments: &[&str]) -> Option<Self> {
        let program = find()?;
        let mut server = Self {
            program,
            port: free_port(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            folder: tempfile::tempdir().unwrap(),
            process: None,
        };
        server.resume();
        Some(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it again, on the same port and folder.
    pub fn resume(&mut self) {
        assert!(self.process.is_none(), "the server is running");
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = Command::new(self.program);
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.arg("--dir").arg(self.folder.path());
        command.args(&self.arguments);
        command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(Stdio::null());
        self.process = Some(command.spawn().unwrap());
        self.wait_for_port();
    }

    /// Sends one command over a connection of its own and returns the first line of the answer.
    pub fn tell(&self, command: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        write!(stream, "{command}\r\n").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert!(!answer.starts_with('-'), "{command}: {answer}");
        answer
    }

    /// The lines of the answer to one command, without the lengths of its strings.
    pub fn lines(&self, command: &str) -> Vec<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        write!(stream, "{command}\r\nQUIT\r\n").unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines
            .filter(|line| !line.starts_with('$') && line != "+OK")
            .collect()
    }

    /// Where it keeps its files.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn wait_for_port(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let log = || fs::read_to_string(self.folder.path().join("log"));
            assert!(Instant::now() < deadline, "no answer: {:?}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn find() -> Option<&'static str> {
    let found = PROGRAMS.into_iter().find(|program| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    });
    if found.is_none() {
        let reason = "neither redis-server nor valkey-server is on the PATH";
        assert!(!everything_must_run(), "{reason} (AAD_TEST_ALL=1)");
        eprintln!("IGNORED: this test needs a server, but {reason}");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn everything_must_run() -> bool {
    std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

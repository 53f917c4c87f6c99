//! A real Redis server (or Valkey) for tests, on a free port of 127.0.0.1.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

#[path = "redis_cluster.rs"]
pub mod cluster;
#[path = "redis_sentinel.rs"]
pub mod sentinel;

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
        Self::start_configured("", arguments)
    }

    /// A server with a configuration file, which it may rewrite, and these arguments.
    pub fn start_configured(configuration: &str, arguments: &[&str]) -> Option<Self> {
        let program = find()?;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("conf"), configuration).unwrap();
        let mut server = Self {
            program,
            port: free_port(),
            arguments: arguments.iter().map(ToString::to_string).collect(),
            folder,
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

    /// Whether it would be started by `resume`.
    pub fn is_killed(&self) -> bool {
        self.process.is_none()
    }

    /// What it is started with from the next `resume` on, beside what it had before.
    pub fn add_arguments(&mut self, arguments: &[&str]) {
        let more = arguments.iter().map(ToString::to_string);
        self.arguments.extend(more);
    }

    /// Stops it as it is: it keeps its connections and answers nothing (`SIGSTOP`).
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on (`SIGCONT`).
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success());
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
        command.arg(self.folder.path().join("conf"));
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

    /// A connection that waits for no answer longer than 20 s.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// Sends one command over a connection of its own and returns the first line of the answer.
    pub fn tell(&self, command: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{command}\r\n").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        assert!(!answer.starts_with('-'), "{command}: {answer}");
        answer
    }

    /// The lines of the answer to one command, without the lengths of its strings.
    pub fn lines(&self, command: &str) -> Vec<String> {
        let mut stream = self.connect();
        write!(stream, "{command}\r\n").unwrap();
        let mut lines = Vec::new();
        read_answer(&mut BufReader::new(stream), &mut lines);
        lines
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

/// Reads one answer, and those within it.
fn read_answer(stream: &mut impl BufRead, lines: &mut Vec<String>) {
    let mut head = String::new();
    stream.read_line(&mut head).unwrap();
    let head = head.trim_end();
    let length = || head[1..].parse().unwrap_or(0);
    match head.as_bytes().first() {
        Some(b'*') => {
            lines.push(head.to_owned());
            (0..length()).for_each(|_| read_answer(stream, lines));
        }
        Some(b'$') => {
            let mut text = vec![0; length() + 2];
            stream.read_exact(&mut text).unwrap();
            let text = String::from_utf8_lossy(&text);
            lines.extend(text.trim_end().lines().map(str::to_owned));
        }
        _ => lines.push(head.to_owned()),
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

/// Waits until `done`, at most 30 s.
pub fn wait_until(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !done() {
        assert!(Instant::now() < deadline, "{what}: not within 30 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn everything_must_run() -> bool {
    std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1")
}

/// A port of 127.0.0.1 that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

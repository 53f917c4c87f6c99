//! One process of the program.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use awc::http::{Method, header};

use super::ADA;

/// Environment variables; there are no others.
pub type Settings = BTreeMap<String, String>;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_webapp");

/// A running process; it is killed with this value.
pub struct Webapp {
    process: Child,
    pub port: u16,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Webapp {
    /// Starts one and waits until it listens.
    pub fn start(settings: &Settings) -> Self {
        let mut webapp = Self::spawn(settings);
        webapp.port = webapp.await_port();
        webapp
    }

    /// Starts one in a working directory, and waits until it listens.
    pub fn start_in(folder: &Path, settings: &Settings) -> Self {
        let mut webapp = Self::spawn_in(folder, settings);
        webapp.port = webapp.await_port();
        webapp
    }

    /// Starts one that cannot start, and returns what it said.
    pub fn refused(settings: &Settings) -> String {
        Self::refused_in(Path::new("/"), settings)
    }

    /// The same in a working directory.
    pub fn refused_in(folder: &Path, settings: &Settings) -> String {
        Self::refused_with(&[], folder, settings)
    }

    /// The same with arguments.
    pub fn refused_with(arguments: &[&str], folder: &Path, settings: &Settings) -> String {
        let mut command = Command::new(PROGRAM);
        let mut webapp = Self::spawn_as(command.args(arguments).current_dir(folder), settings);
        assert!(!webapp.ended().success());
        // What it said last is on its way.
        await_until("said why", || webapp.log().contains("webapp: "));
        webapp.log()
    }

    /// Starts one below limits that a shell's `ulimit` sets, and waits until it is ready.
    pub fn start_below(limits: &str, settings: &Settings) -> Self {
        let script = format!("{limits} && exec {PROGRAM}");
        let mut shell = Command::new("/bin/sh");
        let mut webapp = Self::spawn_as(shell.args(["-c", &script]).current_dir("/"), settings);
        webapp.port = webapp.await_port();
        await_until("ready", || ask(webapp.port, "/readyz").0 == 200);
        webapp
    }

    fn spawn(settings: &Settings) -> Self {
        // No .env of this repository.
        Self::spawn_in(Path::new("/"), settings)
    }

    fn spawn_in(folder: &Path, settings: &Settings) -> Self {
        Self::spawn_as(Command::new(PROGRAM).current_dir(folder), settings)
    }

    fn spawn_as(command: &mut Command, settings: &Settings) -> Self {
        let mut process = command
            .env_clear()
            .envs(settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let readers = vec![
            collect(process.stdout.take().unwrap(), &log),
            collect(process.stderr.take().unwrap(), &log),
        ];
        Self {
            process,
            port: 0,
            log,
            readers,
        }
    }

    /// Starts one and waits until it is ready.
    pub fn start_ready(settings: &Settings) -> Self {
        let webapp = Self::start(settings);
        await_until("ready", || ask(webapp.port, "/readyz").0 == 200);
        webapp
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// What a supervisor sends.
    pub fn terminate(&self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end.
    pub fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "still runs: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Everything that it has said, once it has ended.
    pub fn whole_log(&mut self) -> String {
        self.ended();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        self.log()
    }

    /// Orders the emulator in the process, by the token of its start log.
    pub async fn sign_in_without_a_page(&self) {
        await_until("told the control API", || self.log().contains("token="));
        let log = self.log();
        let line = log.lines().find(|line| line.contains("token=")).unwrap();
        let field = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=")).unwrap();
            rest.split(' ').next().unwrap().trim_matches('"').to_owned()
        };
        let request = awc::Client::default()
            .request(Method::PUT, format!("{}switches", field("url")))
            .insert_header((header::AUTHORIZATION, format!("Bearer {}", field("token"))))
            .send_json(&serde_json::json!({ "auto_sign_in": ADA }));
        let answer = request.await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    fn await_port(&mut self) -> u16 {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            let log = self.log();
            let found = log.split("address=127.0.0.1:").nth(1);
            let digits = found.map(|rest| {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                &rest[..end.unwrap_or(0)]
            });
            if let Some(port) = digits.and_then(|digits| digits.parse().ok()) {
                return port;
            }
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("ended with {status}: {log}");
            }
            assert!(Instant::now() < deadline, "does not listen: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Webapp {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.process.kill());
        drop(self.process.wait());
        if std::thread::panicking() {
            eprintln!("--- a process had said:\n{}", self.log());
        } else {
            assert!(!self.log().contains("panicked"), "{}", self.log());
        }
    }
}

fn collect(output: impl Read + Send + 'static, log: &Arc<Mutex<String>>) -> JoinHandle<()> {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    })
}

/// One request of a script: status and everything that came. 0 when nobody answers.
pub fn ask(port: u16, path: &str) -> (u16, String) {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return (0, String::new());
    };
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    let mut answer = Vec::new();
    if stream.write_all(request.as_bytes()).is_err() || stream.read_to_end(&mut answer).is_err() {
        return (0, String::new());
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    (status.unwrap_or(0), answer)
}

pub fn await_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(40);
    while !condition() {
        assert!(Instant::now() < deadline, "never {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

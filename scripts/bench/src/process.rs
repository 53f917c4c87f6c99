//! A server as a process of its own: this program again, told what to serve.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{self, Command, Stdio},
};

/// Ends when dropped.
pub struct Child {
    process: process::Child,
    ports: Vec<u16>,
}

impl Child {
    /// Starts one and waits until it listens: its first line tells the ports.
    #[expect(
        clippy::disallowed_methods,
        reason = "this program has no configuration layer"
    )]
    pub fn start(kind: &str, arguments: &[&str]) -> Self {
        let program = env::current_exe().expect("this program");
        // For a look inside: BENCH_WRAP="valgrind --tool=callgrind".
        let wrap = env::var("BENCH_WRAP").unwrap_or_default();
        let mut words = wrap.split_whitespace();
        let mut command = match words.next() {
            Some(tool) => {
                let mut command = Command::new(tool);
                command.args(words).arg(program);
                command
            }
            None => Command::new(program),
        };
        let mut process = command
            .arg("serve")
            .arg(kind)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("it tells its ports");
        let ports = line
            .split_whitespace()
            .map(|port| port.parse().expect("a port"));
        Self {
            ports: ports.collect(),
            process,
        }
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    pub fn port(&self) -> u16 {
        self.ports[0]
    }

    pub fn url(&self) -> String {
        format!("http://localhost:{}/", self.ports[0])
    }

    /// The second listener, where there is one.
    pub fn side_url(&self) -> String {
        format!("http://localhost:{}/", self.ports[1])
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // In good order, so that a tool around it can write down what it saw.
        let id = self.id().to_string();
        drop(Command::new("kill").args(["-TERM", &id]).status());
        drop(self.process.wait());
    }
}

//! A real proxy as a process, with a configuration in a folder of its own.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::certificate::Certificate;
use crate::support::free_port;

/// The proxies for which there is a sample.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Nginx,
    Caddy,
    Haproxy,
    Apache,
}

/// A running proxy; it ends with this value.
pub struct Proxy {
    process: Child,
    pub port: u16,
    /// What its certificate is to be checked with.
    pub certificate: String,
    folder: TempDir,
}

impl Kind {
    const fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache2",
        }
    }

    const fn sample(self) -> &'static str {
        match self {
            Self::Nginx => include_str!("../../../proxies/nginx.conf"),
            Self::Caddy => include_str!("../../../proxies/Caddyfile"),
            Self::Haproxy => include_str!("../../../proxies/haproxy.cfg"),
            Self::Apache => include_str!("../../../proxies/apache.conf"),
        }
    }

    /// Whether it is installed; otherwise says why the test is ignored.
    pub fn is_here(self) -> bool {
        let program = self.program();
        if Command::new(program).arg("-v").output().is_ok() {
            return true;
        }
        let all = std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1");
        assert!(!all, "{program} is not on the PATH (AAD_TEST_ALL=1)");
        eprintln!("IGNORED: this test needs {program}, which is not on the PATH");
        false
    }

    /// The sample for this port, with these backends at the root and below the path.
    fn adapted(self, folder: &Path, port: u16, (root, below): (u16, u16)) -> String {
        let replaced = |text: String, (from, to): &(&str, String)| {
            assert!(text.contains(from), "{self:?}: no {from} in the sample");
            text.replace(from, to)
        };
        let listen = match self {
            Self::Nginx => ("listen 443", format!("listen 127.0.0.1:{port}")),
            Self::Caddy => (".example.com {", format!(".localhost:{port} {{")),
            Self::Haproxy => ("bind :443", format!("bind 127.0.0.1:{port}")),
            Self::Apache => ("*:443", format!("*:{port}")),
        };
        let mut wanted = vec![
            listen,
            ("127.0.0.1:5000", format!("127.0.0.1:{root}")),
            ("127.0.0.1:5001", format!("127.0.0.1:{below}")),
            ("/etc/ssl/", format!("{}/", folder.display())),
        ];
        if !matches!(self, Self::Caddy) {
            wanted.push((".example.com", ".localhost".to_owned()));
        }
        wanted.iter().fold(self.sample().to_owned(), replaced)
    }
}

impl Proxy {
    /// Starts one with its sample.
    pub fn start(kind: Kind, port: u16, backends: (u16, u16)) -> Self {
        let (folder, certificate) = (TempDir::new().unwrap(), Certificate::new());
        certificate.write(folder.path());
        let sample = kind.adapted(folder.path(), port, backends);
        let file = folder.path().join("sample");
        fs::write(&file, sample).unwrap();
        Self::run(kind, port, folder, certificate.certificate)
    }

    /// An nginx with these servers; `CERTIFICATE` stands for the lines with the certificate.
    pub fn nginx(port: u16, servers: &str) -> Self {
        let (folder, certificate) = (TempDir::new().unwrap(), Certificate::new());
        certificate.write(folder.path());
        let path = folder.path().display();
        let lines =
            format!("ssl_certificate {path}/webapp.crt; ssl_certificate_key {path}/webapp.key;");
        let file = folder.path().join("sample");
        fs::write(&file, servers.replace("CERTIFICATE", &lines)).unwrap();
        Self::run(Kind::Nginx, port, folder, certificate.certificate)
    }

    fn run(kind: Kind, port: u16, folder: TempDir, certificate: String) -> Self {
        let path = folder.path();
        let (name, content) = surroundings(kind, path, port);
        let file = path.join(name);
        fs::write(&file, content).unwrap();
        let mut command = Command::new(kind.program());
        match kind {
            Kind::Nginx => command.arg("-p").arg(path).arg("-c").arg(&file),
            Kind::Caddy => command
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(&file),
            Kind::Haproxy => command
                .arg("-db")
                .arg("-f")
                .arg(&file)
                .arg("-f")
                .arg(path.join("sample")),
            // One process, which ends when it is killed.
            Kind::Apache => command.arg("-X").arg("-f").arg(&file),
        };
        let said = File::create(path.join("said")).unwrap();
        let process = command
            .current_dir(path)
            .env("HOME", path)
            .env("XDG_DATA_HOME", path)
            .env("XDG_CONFIG_HOME", path)
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut proxy = Self {
            process,
            port,
            certificate,
            folder,
        };
        proxy.await_port();
        proxy
    }

    fn await_port(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(40);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "ended with {ended:?}: {}", self.said());
            assert!(
                Instant::now() < deadline,
                "does not listen: {}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn said(&self) -> String {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("said") + &read("error.log")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
        if std::thread::panicking() {
            eprintln!("--- the proxy had said:\n{}", self.said());
        }
    }
}

/// What a system has around the sample.
fn surroundings(kind: Kind, folder: &Path, port: u16) -> (&'static str, String) {
    let path = folder.display();
    match kind {
        Kind::Nginx => (
            "nginx.conf",
            format!(
                "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log;
                 events {{}}
                 http {{
                     access_log off;
                     client_body_temp_path {path}/body; proxy_temp_path {path}/proxy;
                     fastcgi_temp_path {path}/fastcgi; uwsgi_temp_path {path}/uwsgi;
                     scgi_temp_path {path}/scgi;
                     include {path}/sample;
                 }}"
            ),
        ),
        Kind::Caddy => (
            "Caddyfile",
            "{\n\tadmin off\n\tauto_https disable_redirects\n}\nimport sample\n".to_owned(),
        ),
        Kind::Haproxy => ("base.cfg", "global\n    maxconn 200\n".to_owned()),
        Kind::Apache => ("apache.conf", apache(folder, port)),
    }
}

fn apache(folder: &Path, port: u16) -> String {
    let path = folder.display();
    let modules = [
        "mpm_event",
        "authz_core",
        "alias",
        "filter",
        "deflate",
        "headers",
        "http2",
        "socache_shmcb",
        "ssl",
        "proxy",
        "proxy_http",
    ];
    let modules = modules
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    format!(
        "{}ServerRoot {path}\nDefaultRuntimeDir {path}\nPidFile {path}/pid\n\
         ErrorLog {path}/error.log\nServerName localhost\nListen 127.0.0.1:{port}\n\
         User www-data\nGroup www-data\nInclude {path}/sample\n",
        modules.concat()
    )
}

/// Two free ports that are not the same.
pub fn free_ports() -> (u16, u16) {
    let first = free_port();
    loop {
        let second = free_port();
        if second != first {
            return (first, second);
        }
    }
}

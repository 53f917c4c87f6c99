//! Behind nginx as it is delivered: it answers 502 where the head of a response exceeds its buffer.
//!
//! Without `nginx` on the `PATH` this test says so and passes; with `AAD_TEST_ALL=1` that is a
//! failure.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use awc::http::Method;
use tempfile::TempDir;

use crate::{
    long_addresses::user_of_60_groups,
    support::{NAVIGATION, World},
};

/// An nginx that passes everything on. It ends with this value.
struct Nginx {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Nginx {
    /// Starts it, or says why the test is ignored.
    fn before(application: u16) -> Option<Self> {
        if Command::new("nginx").arg("-v").output().is_err() {
            let all = std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1");
            assert!(!all, "nginx is not on the PATH (AAD_TEST_ALL=1)");
            eprintln!("IGNORED: this test needs nginx, which is not on the PATH");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let path = folder.path().display();
        let configuration = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log;
             events {{}}
             http {{
                 access_log off;
                 client_body_temp_path {path}/body; proxy_temp_path {path}/proxy;
                 fastcgi_temp_path {path}/fastcgi; uwsgi_temp_path {path}/uwsgi;
                 scgi_temp_path {path}/scgi;
                 server {{
                     listen 127.0.0.1:{port};
                     location / {{ proxy_pass http://127.0.0.1:{application}; }}
                 }}
             }}"
        );
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let process = Command::new("nginx")
            .arg("-c")
            .arg(&file)
            .arg("-p")
            .arg(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self {
            process,
            port,
            _folder: folder,
        };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(nginx);
            }
            sleep(Duration::from_millis(50));
        }
        panic!("nginx does not listen within 30 seconds");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[actix_web::test]
async fn r25_the_sign_out_of_a_user_of_60_groups_behind_nginx_is_answered() {
    let world = World::start();
    let Some(nginx) = Nginx::before(world.app.port) else {
        return;
    };
    let url = format!("http://localhost:{}/auth/sign_out", nginx.port);
    // A client that follows redirects, and a browser.
    for (headers, expected) in [(&[][..], 303), (&NAVIGATION, 200)] {
        let browser = user_of_60_groups(&world).await;
        let answer = browser.send(Method::POST, &url, headers, Some("")).await;
        assert_eq!(answer.status, expected, "{answer:?}");
        assert!(answer.leads_on());
    }
}

#[actix_web::test]
async fn r25_a_long_deep_link_behind_nginx_is_answered() {
    let world = World::start();
    let Some(nginx) = Nginx::before(world.app.port) else {
        return;
    };
    for length in [1_400, 5_000] {
        let query = "a".repeat(length);
        let browser = crate::support::Browser::new();
        let url = format!("http://localhost:{}/app/x?search={query}", nginx.port);
        let guarded = browser.get(&url).await;
        assert_eq!(guarded.status, 302);
        let mut start = guarded.location();
        start.set_port(Some(nginx.port)).unwrap();
        let page = browser.get(start.as_str()).await;
        assert_eq!(page.status, 302);
    }
}

//! Two deployments on one host name: a browser has one cookie of a name for both.

use entra_emulator::Emulator;

use crate::{
    browser::{Browser, Page},
    proxies::proxy::{Kind, Proxy, free_ports},
    support::{ADA, OPERATOR, Settings, Webapp, deployment, free_port},
};

/// The deployments, and how a browser comes to them.
struct Two {
    _emulator: Emulator,
    webapps: [Webapp; 2],
    urls: [String; 2],
    proxy: Option<Proxy>,
}

impl Two {
    /// Below two paths of one nginx, by plain http.
    fn by_path(change: impl Fn(&mut Settings, usize)) -> Self {
        let port = free_port();
        let urls = ["one", "two"].map(|path| format!("http://localhost:{port}/{path}"));
        let mut two = Self::start(urls, change);
        let [one, other] = [0, 1].map(|n| two.webapps[n].port);
        let servers = format!(
            "server {{
                listen 127.0.0.1:{port};
                proxy_set_header Host $http_host;
                location /one/ {{ proxy_pass http://127.0.0.1:{one}/; }}
                location /two/ {{ proxy_pass http://127.0.0.1:{other}/; }}
            }}"
        );
        two.proxy = Some(Proxy::nginx(port, &servers));
        two
    }

    /// At two ports of one nginx, by https.
    fn by_port() -> Self {
        let (first, second) = free_ports();
        let urls = [first, second].map(|port| format!("https://localhost:{port}"));
        let mut two = Self::start(urls, |_, _| ());
        let server = |port: u16, webapp: &Webapp| {
            format!(
                "server {{
                    listen 127.0.0.1:{port} ssl;
                    CERTIFICATE
                    proxy_set_header Host $http_host;
                    location / {{ proxy_pass http://127.0.0.1:{}; }}
                }}",
                webapp.port
            )
        };
        let servers = server(first, &two.webapps[0]) + &server(second, &two.webapps[1]);
        two.proxy = Some(Proxy::nginx(first, &servers));
        two
    }

    fn start(urls: [String; 2], change: impl Fn(&mut Settings, usize)) -> Self {
        let emulator = Emulator::builder().start().unwrap();
        emulator.control().auto_sign_in(Some(ADA));
        let webapps = [0, 1].map(|n| {
            let mut settings = deployment(&emulator, &urls[n]);
            change(&mut settings, n);
            Webapp::start_ready(&settings)
        });
        Self {
            _emulator: emulator,
            webapps,
            urls,
            proxy: None,
        }
    }

    fn browser(&self) -> Browser {
        match &self.proxy {
            Some(proxy) => Browser::trusting(&proxy.certificate),
            None => Browser::new(),
        }
    }

    async fn open(&self, browser: &Browser, number: usize) -> Page {
        let url = format!("{}/token_details", self.urls[number]);
        browser.open(&url).await
    }

    /// The lines that name the other deployment, at each of them.
    fn notices(&self) -> [Vec<String>; 2] {
        [0, 1].map(|n| notices(&self.webapps[n]))
    }

    /// What the operator is told by readiness.
    async fn assert_ready(&self) {
        for webapp in &self.webapps {
            assert_ready(webapp).await;
        }
    }

    /// Goes from one to the other: each visit signs in again, and the fifth ends in a page.
    async fn assert_loop_is_explained(&self) {
        let browser = self.browser();
        for number in [0, 1, 0, 1] {
            let page = self.open(&browser, number).await;
            assert_eq!(page.status, 200, "{number}: {}", page.body);
        }
        let page = self.open(&browser, 0).await;
        assert_eq!(page.status, 429, "{}", page.body);
        assert!(page.body.contains("AAD-FLOW-COOKIE-NAME"), "{}", page.body);
        assert!(page.body.contains("Another application at this host name"));
        assert!(!page.body.contains("AAD_COOKIE_NAME"), "not for users");
        // A second browser: each process has said it once.
        let other = self.browser();
        for number in [0, 1, 0] {
            self.open(&other, number).await;
        }
        let notices = self.notices();
        for (lines, url) in notices.iter().zip(&self.urls) {
            assert_eq!(lines.len(), 1, "{lines:?}");
            assert!(lines[0].contains("WARN") && lines[0].contains("AAD_COOKIE_NAME"));
            assert!(
                lines[0].contains(&format!("{url}/auth/redirect")),
                "{}",
                lines[0]
            );
        }
        // Both logs together say which two they are.
        let field = |n: usize, name: &str| field(&notices[n][0], name);
        for (here, there) in [(0, 1), (1, 0)] {
            assert_eq!(
                field(here, " deployment="),
                field(there, " other_deployment=")
            );
        }
        self.assert_ready().await;
    }

    /// A sign-in at one leaves the session at the other alone, and nothing is said.
    async fn assert_apart(&self) {
        let browser = self.browser();
        for number in [0, 1, 0, 1, 0, 1, 0, 1] {
            assert_eq!(self.open(&browser, number).await.status, 200);
        }
        for url in &self.urls {
            assert_eq!(browser.fetch(&format!("{url}/api/me")).await.status, 200);
        }
        assert_eq!(self.notices(), [vec![], Vec::<String>::new()]);
    }
}

fn notices(webapp: &Webapp) -> Vec<String> {
    let log = webapp.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("other_deployment="));
    lines.map(str::to_owned).collect()
}

fn field(line: &str, name: &str) -> String {
    let (_, rest) = line.split_once(name).unwrap();
    rest.split(' ').next().unwrap().to_owned()
}

async fn assert_ready(webapp: &Webapp) {
    let url = format!("http://localhost:{}/readyz", webapp.port);
    let operator = format!("Bearer {OPERATOR}");
    let headers = [("authorization", operator.as_str())];
    let answer = Browser::new()
        .send(awc::http::Method::GET, &url, &headers, None)
        .await;
    assert_eq!(answer.body, r#"{"status":"ready","degraded":[]}"#);
}

#[actix_web::test]
async fn r100_two_deployments_below_paths_of_one_host_name_each_other_by_the_setting() {
    if Kind::Nginx.is_here() {
        Two::by_path(|_, _| ()).assert_loop_is_explained().await;
    }
}

#[actix_web::test]
async fn r100_two_deployments_at_ports_of_one_host_name_each_other_by_the_setting() {
    if Kind::Nginx.is_here() {
        Two::by_port().assert_loop_is_explained().await;
    }
}

#[actix_web::test]
async fn with_cookie_names_of_their_own_two_deployments_do_not_meet() {
    if !Kind::Nginx.is_here() {
        return;
    }
    let named = |settings: &mut Settings, number: usize| {
        settings.insert("AAD_COOKIE_NAME".into(), format!("app{number}"));
    };
    Two::by_path(named).assert_apart().await;
}

#[actix_web::test]
async fn on_loopback_the_port_tells_two_deployments_apart() {
    // Each listens at the port of its base URL.
    let (first, second) = free_ports();
    let urls = [first, second].map(|port| format!("http://localhost:{port}"));
    let ports = [first, second];
    let two = Two::start(urls, |settings, number| {
        settings.insert("PORT".into(), ports[number].to_string());
    });
    two.assert_apart().await;
}

/// Strangers can write what they like into their own cookies.
#[actix_web::test]
async fn r101_forged_cookies_log_one_line_and_change_nothing_for_others() {
    let port = free_port();
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let url = format!("http://localhost:{port}");
    let mut settings = deployment(&emulator, &url);
    settings.insert("PORT".into(), port.to_string());
    let webapp = Webapp::start_ready(&settings);
    for number in ["4294967295", "2147483648", "3000000000"] {
        let browser = Browser::new();
        let (session, random) = ("A".repeat(43), "A".repeat(22));
        browser.set_cookie("localhost", &format!("aad-session-{port}"), &session);
        let binding = format!("{random}.0.0.{number}");
        browser.set_cookie("localhost", &format!("aad-browser-{port}"), &binding);
        let page = browser.open(&format!("{url}/token_details")).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    let lines = notices(&webapp);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!webapp.log().contains(&"A".repeat(22)), "no cookie's value");
    assert_ready(&webapp).await;
    let page = Browser::new().open(&format!("{url}/token_details")).await;
    assert_eq!(page.status, 200);
}

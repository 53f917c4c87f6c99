//! An `AAD_BASE_URL` that is not the address that browsers see: one line in the log says so.

use std::time::Duration;

use awc::http::Method;
use entra_emulator::Emulator;

use crate::{
    browser::{Browser, NAVIGATION},
    proxies::proxy::{Kind, Proxy},
    support::{ADA, Webapp, await_until, deployment, free_port},
};

/// A process with this base URL behind an nginx, whose server is written by `server` from the
/// process's port. Returns nginx's port too.
fn behind_nginx(
    base_url: impl Fn(u16) -> String,
    server: impl Fn(u16) -> String,
) -> (Webapp, Proxy, Emulator) {
    let port = free_port();
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let webapp = Webapp::start_ready(&deployment(&emulator, &base_url(port)));
    let server = format!(
        "server {{ listen 127.0.0.1:{port}; {} }}",
        server(webapp.port)
    );
    let proxy = Proxy::nginx(port, &server);
    (webapp, proxy, emulator)
}

fn lines(webapp: &Webapp, words: &str) -> Vec<String> {
    let log = webapp.log();
    let lines = log.lines().filter(|line| line.contains(words));
    lines.map(str::to_owned).collect()
}

const HINT: &str = "AAD_BASE_URL does not seem";
const LOST: &str = "do not arrive";

#[actix_web::test]
async fn r103_a_forgotten_path_is_named_once_with_what_the_proxy_says() {
    if !Kind::Nginx.is_here() {
        return;
    }
    let (webapp, proxy, _emulator) = behind_nginx(
        |port| format!("http://localhost:{port}"),
        |webapp| {
            format!(
                "location /portal/ {{
                    proxy_set_header X-Forwarded-Prefix /portal;
                    proxy_pass http://127.0.0.1:{webapp}/;
                }}"
            )
        },
    );
    let home = format!("http://localhost:{}/portal/", proxy.port);
    for _ in 0..8 {
        assert_eq!(Browser::new().get(&home).await.status, 200);
    }
    await_until("named", || !lines(&webapp, HINT).is_empty());
    let lines = lines(&webapp, HINT);
    assert_eq!(lines.len(), 1, "{lines:?}");
    for told in [
        "WARN",
        &format!("base_url=http://localhost:{}", proxy.port),
        "seen=\"/portal\"",
        "X-Forwarded-Prefix",
    ] {
        assert!(lines[0].contains(told), "{told}: {}", lines[0]);
    }
}

/// Stock nginx says nothing of the path. But then nobody who is sent to sign in arrives there.
#[actix_web::test]
async fn r103_a_forgotten_path_behind_a_silent_proxy_is_noticed_by_lost_redirects() {
    if !Kind::Nginx.is_here() {
        return;
    }
    let (webapp, proxy, _emulator) = behind_nginx(
        |port| format!("http://localhost:{port}"),
        |webapp| format!("location /portal/ {{ proxy_pass http://127.0.0.1:{webapp}/; }}"),
    );
    let page = format!("http://localhost:{}/portal/groups", proxy.port);
    for _ in 0..2 {
        let lost = Browser::new().open(&page).await;
        assert_eq!(lost.status, 404);
        assert_eq!(lost.url.path(), "/auth/sign_in");
    }
    assert_eq!(lines(&webapp, LOST), [""; 0]);
    // Long enough for a browser to have followed.
    actix_web::rt::time::sleep(Duration::from_secs(6)).await;
    for _ in 0..3 {
        Browser::new().open(&page).await;
    }
    await_until("named", || !lines(&webapp, LOST).is_empty());
    let lines = lines(&webapp, LOST);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let sign_in = format!("http://localhost:{}/auth/sign_in", proxy.port);
    assert!(lines[0].contains(&sign_in), "{}", lines[0]);
}

#[actix_web::test]
async fn r103_a_path_that_the_proxy_does_not_remove_is_named() {
    if !Kind::Nginx.is_here() {
        return;
    }
    let (webapp, proxy, _emulator) = behind_nginx(
        |port| format!("http://localhost:{port}/portal"),
        // Without a slash behind the address.
        |webapp| format!("location /portal/ {{ proxy_pass http://127.0.0.1:{webapp}; }}"),
    );
    let start = format!("http://localhost:{}/portal/auth/sign_in", proxy.port);
    for _ in 0..5 {
        assert_eq!(Browser::new().get(&start).await.status, 404);
    }
    await_until("named", || !lines(&webapp, HINT).is_empty());
    let lines = lines(&webapp, HINT);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("does not remove it"), "{}", lines[0]);
}

#[actix_web::test]
async fn r102_another_host_is_named_once_with_what_proxy_or_browser_say() {
    if !Kind::Nginx.is_here() {
        return;
    }
    let pages = [("sec-fetch-site", "same-origin")];
    for (header, page, source) in [
        ("X-Forwarded-Host", &pages[..0], "X-Forwarded-Host"),
        ("X-Unknown", &pages[..], "Referer"),
    ] {
        let (webapp, proxy, _emulator) = behind_nginx(
            |_| "https://app.example.com".to_owned(),
            |webapp| {
                format!(
                    "location / {{
                        proxy_set_header {header} $http_host;
                        proxy_pass http://127.0.0.1:{webapp};
                    }}"
                )
            },
        );
        let site = format!("http://localhost:{}", proxy.port);
        let referer = format!("{site}/somewhere?name=ada");
        let mut headers = NAVIGATION.to_vec();
        headers.extend(page);
        headers.push(("referer", &referer));
        for _ in 0..8 {
            let url = format!("{site}/");
            let home = Browser::new().send(Method::GET, &url, &headers, None).await;
            assert_eq!(home.status, 200);
        }
        await_until("named", || !lines(&webapp, HINT).is_empty());
        let lines = lines(&webapp, HINT);
        assert_eq!(lines.len(), 1, "{lines:?}");
        for told in [
            "base_url=https://app.example.com ",
            &format!("localhost:{}", proxy.port),
            source,
        ] {
            assert!(lines[0].contains(told), "{told}: {}", lines[0]);
        }
        assert!(!lines[0].contains("ada"), "{}", lines[0]);
    }
}

/// Whatever strangers send, it is a line for the host and a line for the path, and nothing else.
#[actix_web::test]
async fn r102_forged_headers_change_no_answer_and_fill_no_log() {
    let port = free_port();
    let emulator = Emulator::builder().start().unwrap();
    let site = format!("http://localhost:{port}");
    let mut settings = deployment(&emulator, &site);
    settings.insert("PORT".into(), port.to_string());
    let webapp = Webapp::start_ready(&settings);
    let asked = format!("{site}/groups");
    let plain = Browser::new().get(&asked).await;
    let long = "a".repeat(5000);
    for number in 0..60 {
        let host = format!("evil{}.test", number / 6);
        let origin = format!("https://{host}");
        let prefix = format!("/evil{}", number / 6);
        let forwarded = format!("host={host};proto=https");
        let path = format!("{prefix}/groups");
        let mut headers = NAVIGATION.to_vec();
        let forged = [
            [("x-forwarded-host", &host), ("x-forwarded-prefix", &long)],
            [("origin", &origin), ("referer", &origin)],
            [("forwarded", &forwarded), ("x-forwarded-prefix", &prefix)],
            [
                ("x-forwarded-host", &long),
                ("x-envoy-original-path", &path),
            ],
            [("x-forwarded-host", &host), ("x-forwarded-prefix", &prefix)],
        ];
        headers.push(("sec-fetch-site", "same-origin"));
        headers.extend(forged[number % 5].map(|(name, value)| (name, value.as_str())));
        let answer = Browser::new()
            .send(Method::GET, &asked, &headers, None)
            .await;
        assert_eq!(answer.status, 302);
        assert_eq!(answer.location(), plain.location());
        assert!(!format!("{answer:?}").contains("evil"), "{answer:?}");
    }
    let lines = lines(&webapp, HINT);
    assert!(lines.len() <= 2, "{lines:?}");
    assert!(lines.iter().all(|line| line.len() < 600), "{lines:?}");
}

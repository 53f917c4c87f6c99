//! As much of a browser as a sign-in takes.

use std::collections::BTreeMap;

use awc::http::header;
use url::Url;

use crate::load::CONNECTIONS;

/// Signs in and returns the `Cookie` header.
pub fn sign_in(app: &str) -> String {
    block_on(async { Browser::new().sign_in(app).await })
}

/// Signs in as often, each time in a new browser, as many of them at once as the load has
/// connections.
pub fn sign_in_many(app: &str, times: usize) {
    block_on(async {
        let client = client();
        let browsers: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (client, app) = (client.clone(), app.to_owned());
                actix_web::rt::spawn(async move {
                    for _ in 0..times / CONNECTIONS {
                        Browser::with(client.clone()).sign_in(&app).await;
                    }
                })
            })
            .collect();
        for browser in browsers {
            browser.await.expect("it signs in");
        }
    });
}

/// The cookie that a page sets at the first visit.
pub fn first_cookie(app: &str) -> String {
    block_on(async {
        let mut browser = Browser::new();
        browser.get(&format!("{app}enter")).await;
        browser.cookies("localhost")
    })
}

/// The body of a page.
pub fn text(url: &str) -> String {
    block_on(async {
        let mut answer = client().get(url).send().await.expect("an answer");
        let body = answer.body().limit(1 << 20).await.expect("a body");
        String::from_utf8(body.to_vec()).expect("text")
    })
}

struct Browser {
    client: awc::Client,
    jar: BTreeMap<String, BTreeMap<String, String>>,
}

fn client() -> awc::Client {
    awc::Client::builder().disable_redirects().finish()
}

impl Browser {
    fn new() -> Self {
        Self::with(client())
    }

    fn with(client: awc::Client) -> Self {
        Self {
            client,
            jar: BTreeMap::new(),
        }
    }

    async fn sign_in(&mut self, app: &str) -> String {
        let page = format!("{app}app/page");
        let mut url = format!("{app}auth/sign_in?return_to=/app/page");
        while url != page {
            url = self.get(&url).await.expect("a redirect");
        }
        self.cookies("localhost")
    }

    /// One hop. Where it leads.
    async fn get(&mut self, url: &str) -> Option<String> {
        let url = Url::parse(url).expect("an address");
        let host = url.host_str().expect("a host").to_owned();
        let mut wire = url.clone();
        wire.set_host(Some("127.0.0.1")).expect("an address");
        wire.set_fragment(None);
        let mut request = self
            .client
            .get(wire.as_str())
            .insert_header((
                header::HOST,
                format!("{host}:{}", url.port().expect("a port")),
            ))
            .insert_header((header::ACCEPT, "text/html"))
            .insert_header(("sec-fetch-mode", "navigate"))
            .insert_header(("sec-fetch-dest", "document"));
        let cookies = self.cookies(&host);
        if !cookies.is_empty() {
            request = request.insert_header((header::COOKIE, cookies));
        }
        let mut answer = request.send().await.expect("an answer");
        let body = answer.body().limit(1 << 20).await.expect("a body");
        let status = answer.status();
        assert!(
            !status.is_client_error() && !status.is_server_error(),
            "{url}: {body:?}"
        );
        for line in answer.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("ASCII");
            let pair = line.split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            let jar = self.jar.entry(host.clone()).or_default();
            jar.insert(name.to_owned(), value.to_owned());
        }
        let location = answer.headers().get(header::LOCATION)?.to_str().ok()?;
        Some(url.join(location).expect("an address").to_string())
    }

    fn cookies(&self, host: &str) -> String {
        let jar = self.jar.get(host).into_iter().flatten();
        let pairs: Vec<_> = jar.map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    actix_web::rt::System::new().block_on(work)
}

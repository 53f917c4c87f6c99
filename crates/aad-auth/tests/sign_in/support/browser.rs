//! A browser as far as protocols go: cookies by host, redirects, the headers of a navigation.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use awc::http::{Method, StatusCode, header};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::Url;

/// A browser with a cookie jar. Clones share the jar, like tabs.
#[derive(Clone)]
pub struct Browser {
    client: awc::Client,
    jar: Rc<RefCell<HashMap<String, BTreeMap<String, String>>>>,
    stripped: &'static str,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Where it redirects to, or goes on to by itself, as a browser reads it.
    pub fn location(&self) -> Url {
        let location = self.onward();
        let location = location.unwrap_or_else(|| panic!("no redirect: {self:?}"));
        self.url.join(&location).unwrap()
    }

    fn onward(&self) -> Option<String> {
        if let Some(location) = self.header("location") {
            return Some(location.to_owned());
        }
        let (_, refresh) = self.body.split_once("<meta http-equiv=\"refresh\"")?;
        let (_, url) = refresh.split_once("content=\"0; url=")?;
        Some(unescaped(url.split('"').next()?))
    }

    /// Whether a browser does not stay at it.
    pub fn leads_on(&self) -> bool {
        self.onward().is_some()
    }

    /// The page's form: where it posts to, and its hidden fields as a body.
    pub fn form(&self) -> (String, String) {
        let (_, form) = self.body.split_once("<form").expect("a form");
        let (form, _) = form.split_once("</form>").unwrap();
        let attribute = |text: &str, name: &str| {
            let (_, rest) = text.split_once(&format!("{name}=\"")).unwrap();
            unescaped(rest.split('"').next().unwrap())
        };
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        for input in form.split("<input").skip(1) {
            body.append_pair(&attribute(input, "name"), &attribute(input, "value"));
        }
        let action = self.url.join(&attribute(form, "action")).unwrap();
        (action.to_string(), body.finish())
    }

    /// Where its first link leads.
    pub fn link(&self) -> String {
        let (_, rest) = self.body.split_once("<a ").expect("a link");
        let (_, rest) = rest.split_once("href=\"").unwrap();
        let link = unescaped(rest.split('"').next().unwrap());
        self.url.join(&link).unwrap().to_string()
    }

    pub fn parameter(&self, name: &str) -> Option<String> {
        let location = self.location();
        let found = location.query_pairs().find(|(n, _)| n == name);
        found.map(|(_, value)| value.into_owned())
    }
}

impl Browser {
    pub fn new() -> Self {
        let client = awc::Client::builder().disable_redirects();
        Self::with(client.timeout(PATIENCE).finish())
    }

    /// One that also reaches https, where these roots (PEM) vouch for the server.
    pub fn trusting(roots: &str) -> Self {
        let mut store = RootCertStore::empty();
        let roots = CertificateDer::pem_slice_iter(roots.as_bytes());
        store.add_parsable_certificates(roots.map(Result::unwrap));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(store)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = awc::Connector::new().rustls_0_23(Arc::new(tls));
        let client = awc::Client::builder().disable_redirects();
        Self::with(client.timeout(PATIENCE).connector(connector).finish())
    }

    fn with(client: awc::Client) -> Self {
        Self {
            client,
            jar: Rc::default(),
            stripped: "",
        }
    }

    /// One that reaches the application through a proxy, which strips this path.
    pub fn behind_proxy(stripped: &'static str) -> Self {
        Self {
            stripped,
            ..Self::new()
        }
    }

    /// A top-level navigation, one hop.
    pub async fn get(&self, url: &str) -> Page {
        self.send(Method::GET, url, &NAVIGATION, None).await
    }

    /// A script's request.
    pub async fn fetch(&self, url: &str) -> Page {
        self.send(Method::GET, url, &SCRIPT, None).await
    }

    /// A form posted from one of the site's own pages.
    pub async fn post(&self, url: &str, form: &str) -> Page {
        let mut headers = NAVIGATION.to_vec();
        headers.push(("sec-fetch-site", "same-origin"));
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        self.send(Method::POST, url, &headers, Some(form)).await
    }

    /// A form that a page of another site posts: cookies that are `SameSite=Lax` stay behind.
    pub async fn post_across(&self, url: &str, form: &str) -> Page {
        let mut headers = NAVIGATION.to_vec();
        headers.push(("sec-fetch-site", "cross-site"));
        headers.push(("origin", "null"));
        headers.push(("content-type", "application/x-www-form-urlencoded"));
        let without = Self {
            client: self.client.clone(),
            jar: Rc::default(),
            stripped: self.stripped,
        };
        let page = without.send(Method::POST, url, &headers, Some(form)).await;
        self.keep_cookies(page.url.host_str().unwrap(), &page);
        page
    }

    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Page {
        let url = Url::parse(url).unwrap();
        let host = url.host_str().unwrap().to_owned();
        // Everything is on 127.0.0.1, whatever the name.
        let mut wire = url.clone();
        wire.set_host(Some("127.0.0.1")).unwrap();
        wire.set_fragment(None);
        if host == "localhost" && !self.stripped.is_empty() {
            let path = url.path().strip_prefix(self.stripped);
            let path = path.unwrap_or_else(|| panic!("not behind the proxy: {url}"));
            wire.set_path(path);
        }
        let mut request = self.client.request(method, wire.as_str());
        request = request.insert_header((header::HOST, format!("{host}:{}", url.port().unwrap())));
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        if let Some(cookies) = self.cookie_header(&host) {
            request = request.insert_header((header::COOKIE, cookies));
        }
        let mut response = request
            .send_body(body.unwrap_or("").to_owned())
            .await
            .unwrap();
        let body = response.body().limit(4 << 20).await.unwrap();
        let page = Page {
            status: response.status(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
            url,
        };
        self.keep_cookies(&host, &page);
        page
    }

    /// Follows redirects until a page comes.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..20 {
            if !page.leads_on() {
                return page;
            }
            page = self.get(page.location().as_str()).await;
        }
        panic!("redirected in circles at {}", page.url);
    }

    /// Opens an address and follows redirects.
    pub async fn open(&self, url: &str) -> Page {
        let page = self.get(url).await;
        self.follow(page).await
    }

    /// Walks up to, but not into, the callback, and returns its address.
    pub async fn until_callback(&self, url: &str) -> String {
        let mut page = self.get(url).await;
        for _ in 0..20 {
            assert!(
                page.status.is_redirection(),
                "no way to the callback: {page:?}"
            );
            let location = page.location();
            if location.path().ends_with("/redirect") {
                let mut callback = location;
                callback.set_fragment(None);
                return callback.to_string();
            }
            page = self.get(location.as_str()).await;
        }
        panic!("never came to the callback");
    }

    pub fn cookies(&self, host: &str) -> BTreeMap<String, String> {
        self.jar.borrow().get(host).cloned().unwrap_or_default()
    }

    pub fn set_cookie(&self, host: &str, name: &str, value: &str) {
        let mut jar = self.jar.borrow_mut();
        let cookies = jar.entry(host.to_owned()).or_default();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    pub fn forget_cookie(&self, host: &str, name: &str) {
        if let Some(cookies) = self.jar.borrow_mut().get_mut(host) {
            cookies.remove(name);
        }
    }

    /// The application's cookies: name and value, the session's first.
    pub fn session_cookie(&self) -> Option<(String, String)> {
        let cookies = self.cookies("localhost");
        cookies
            .into_iter()
            .find(|(name, _)| name.contains("session"))
    }

    pub fn binding_cookie(&self) -> Option<(String, String)> {
        let cookies = self.cookies("localhost");
        cookies
            .into_iter()
            .find(|(name, _)| name.contains("browser"))
    }

    fn cookie_header(&self, host: &str) -> Option<String> {
        let jar = self.jar.borrow();
        let cookies = jar.get(host).filter(|cookies| !cookies.is_empty())?;
        let pairs: Vec<_> = cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        Some(pairs.join("; "))
    }

    fn keep_cookies(&self, host: &str, page: &Page) {
        for line in page.all("set-cookie") {
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                self.forget_cookie(host, name);
            } else {
                self.set_cookie(host, name, value);
            }
        }
    }
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    let text = text.replace("&#x27;", "'").replace("&#x2F;", "/");
    text.replace("&amp;", "&")
}

const PATIENCE: Duration = Duration::from_secs(30);
pub const NAVIGATION: [(&str, &str); 3] = [
    ("accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];
const SCRIPT: [(&str, &str); 3] = [
    ("accept", "*/*"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-dest", "empty"),
];

//! A browser's way through the sign-in of a product and back.

use std::{collections::BTreeMap, time::Duration};

use aad_auth::{
    store::{Clock, SystemClock},
    testing::ManualClock,
};
use awc::http::Method;

use crate::{
    app::App,
    browser::{Browser, Page},
    documents::Change,
    product::Product,
    provider::Provider,
};

/// A provider that plays a product, and an application that signs in with it.
pub struct World {
    pub provider: Provider,
    pub app: App,
    pub clock: ManualClock,
}

/// Which settings the application has.
#[derive(Clone, Copy)]
pub enum Settings<'a> {
    /// All that the product needs.
    Complete,
    /// Only those that say whose users sign in.
    Bare,
    /// All, and this one beside.
    And(&'a str, &'a str),
}

impl World {
    pub fn start(product: &Product, settings: Settings<'_>) -> Self {
        let clock = ManualClock::at(SystemClock.now());
        let provider = Provider::start(product.clone(), clock.clone());
        let app = start_app(&provider, settings, &clock);
        Self {
            provider,
            app,
            clock,
        }
    }

    /// Another provider's documents: an application that starts where they are changed already.
    pub fn changed(product: &Product, settings: &[(&str, &str)], changes: Vec<Change>) -> Self {
        let mut product = product.clone();
        for (name, value) in settings {
            product
                .settings
                .insert((*name).to_owned(), (*value).to_owned());
        }
        let mut world = Self::start(&product, Settings::Complete);
        world.provider.change(changes);
        world.restart_app(Settings::Complete);
        world
    }

    /// Another application at the same provider.
    pub fn restart_app(&mut self, settings: Settings<'_>) {
        self.app = start_app(&self.provider, settings, &self.clock);
    }

    /// An application that reads roles where the product writes them.
    pub fn reading_roles(product: &Product) -> Self {
        let roles = product.roles.as_ref().unwrap();
        let mut product = product.clone();
        let userinfo = roles.userinfo.to_string();
        product.needs.insert("AAD_USERINFO".to_owned(), userinfo);
        let setting = Settings::And("AAD_ROLES_CLAIM", &roles.setting);
        Self::start(&product, setting)
    }

    /// Opens a guarded page, signs in, and returns the page that comes of it.
    pub async fn sign_in(&self, browser: &Browser) -> Page {
        match self.until_response(browser).await {
            Ok(response) => self.bring(browser, response).await,
            Err(page) => page,
        }
    }

    /// Walks up to the authorization response. `Err` is a page on which the way ends.
    pub async fn until_response(&self, browser: &Browser) -> Result<Response, Page> {
        self.response_to(browser, &self.app.url("/app/page")).await
    }

    /// Walks from this address up to the authorization response.
    pub async fn response_to(&self, browser: &Browser, from: &str) -> Result<Response, Page> {
        let callback = self.app.url("/auth/redirect");
        let mut page = browser.get(from).await;
        for _ in 0..10 {
            if page.body.contains("<form") && page.form().0 == callback {
                return Ok(Response::Form(page.form().1));
            }
            if !page.status.is_redirection() {
                return Err(page);
            }
            let mut next = page.location();
            next.set_fragment(None);
            if next.as_str().starts_with(&callback) {
                return Ok(Response::Query(next.to_string()));
            }
            page = browser.get(next.as_str()).await;
        }
        panic!("redirected in circles at {}", page.url);
    }

    /// Brings a response back, and returns the page that comes of it.
    pub async fn bring(&self, browser: &Browser, response: Response) -> Page {
        let page = match response {
            Response::Query(url) => browser.get(&url).await,
            Response::Form(fields) => {
                let callback = self.app.url("/auth/redirect");
                let hop = browser.post_across(&callback, &fields).await;
                let (action, fields) = hop.form();
                browser.post(&action, &fields).await
            }
        };
        browser.follow(page).await
    }

    /// A sign-in whose code the provider does not know, as one that was used.
    pub async fn sign_in_with_a_used_code(&self, browser: &Browser) -> Page {
        let response = self.until_response(browser).await;
        self.provider.state.grants.lock().unwrap().clear();
        self.bring(browser, response.ok().unwrap()).await
    }

    /// Signs out, and returns the page that the browser ends on.
    pub async fn sign_out(&self, browser: &Browser) -> Page {
        let page = browser.post(&self.app.url("/auth/sign_out"), "").await;
        let page = if page.status.is_redirection() {
            page
        } else {
            // A page that goes on by itself.
            browser.get(&page.link()).await
        };
        browser.follow(page).await
    }

    /// Posts a logout token, as the provider does.
    pub async fn post_logout_token(&self, token: &str) -> Page {
        let url = self.app.url("/auth/back_channel_sign_out");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let body = format!("logout_token={token}");
        let browser = Browser::new();
        browser
            .send(Method::POST, &url, &headers, Some(&body))
            .await
    }

    /// The authorization request of a new sign-in.
    pub async fn authorization_request(&self, browser: &Browser, start: &str) -> String {
        let mut page = browser.get(&self.app.url(start)).await;
        while page.location().path().starts_with("/auth/") {
            page = browser.get(page.location().as_str()).await;
        }
        let mut request = page.location();
        request.set_fragment(None);
        request.to_string()
    }

    /// What the application gets for a call of an API.
    pub async fn tokens(&self, browser: &Browser) -> String {
        browser.fetch(&self.app.url("/app/tokens")).await.body
    }

    /// What the session remembers of the user.
    pub async fn profile(&self, browser: &Browser) -> serde_json::Value {
        let page = browser.fetch(&self.app.url("/app/profile")).await;
        serde_json::from_str(&page.body).unwrap()
    }

    /// Waits until the provider has seen a refresh.
    pub async fn refreshed(&self) -> bool {
        for _ in 0..400 {
            if *self.provider.state.refreshes.lock().unwrap() > 0 {
                return true;
            }
            actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    pub async fn lives(&self, browser: &Browser) -> bool {
        browser.fetch(&self.app.url("/app/page")).await.status == 200
    }

    /// What a refusal tells: the page, and the readiness report.
    pub async fn told(&self, page: &Page) -> String {
        let status = self.app.auth.status().await;
        format!("{} {}", page.body, status.degraded.join(" "))
    }
}

/// An authorization response, by query or form post.
pub enum Response {
    Query(String),
    Form(String),
}

fn start_app(provider: &Provider, settings: Settings<'_>, clock: &ManualClock) -> App {
    let documents = &provider.state.documents;
    let product = &documents.product;
    let mut wanted: BTreeMap<String, String> = product.settings.clone();
    if !matches!(settings, Settings::Bare) {
        wanted.extend(product.needs.clone());
    }
    wanted.insert("AAD_CLIENT_ID".to_owned(), product.client_id.clone());
    if let Settings::And(name, value) = settings {
        wanted.insert(name.to_owned(), value.to_owned());
    }
    let values = documents.values();
    let filled = wanted
        .into_iter()
        .map(|(name, value)| (name, values.text(&value)));
    App::start(&filled.collect(), clock)
}

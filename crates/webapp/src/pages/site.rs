//! What every page knows about the site itself.

use std::sync::Arc;

use aad_auth::{
    config::{AuthorityKind, BaseUrl, Config, ReturnTo, StoreUrl},
    store::{Clock, SystemClock, Timestamp},
};
use actix_web::{HttpRequest, http::Method};
use serde::Serialize;
use url::Url;

use super::layout::Link;
use crate::{assets::AssetUrls, random_name::random_name};

/// A longer address is not worth coming back to.
const LONGEST: usize = ReturnTo::MAX_LENGTH;

/// The site: fixed at start. Cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<Inner>);

/// See [`Site`], which dereferences to it.
pub struct Inner {
    /// Where the site is, for the browser.
    pub base_url: BaseUrl,
    /// The prefix of the sign-in routes.
    pub route_prefix: String,
    /// The callback's path below the base URL.
    pub redirect_path: String,
    /// The effective redirect URI.
    pub redirect_uri: String,
    /// Where redirect URIs are registered.
    pub registration: Option<Link>,
    /// The emulator's address while it runs.
    pub emulator: Option<String>,
    /// Whom users sign in with.
    pub provider: Provider,
    /// Addresses of style, script and icon.
    pub assets: AssetUrls,
    /// Where sessions are kept, in words.
    pub store: &'static str,
    /// Names this process among several behind a load balancer.
    pub instance: String,
    /// Whether users are known by `tid` and `oid`.
    pub has_directory_claims: bool,
    /// Whether there is a user flow in which users edit their profile.
    pub edits_profile: bool,
    clock: Arc<dyn Clock>,
}

/// Whom users sign in with.
#[derive(Clone, Debug, Serialize)]
pub struct Provider {
    /// A name for sentences.
    pub name: String,
    /// The host that the sign-in button leads to.
    pub host: String,
    /// What is asked for.
    pub scopes: Vec<String>,
}

impl std::ops::Deref for Site {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Site {
    /// Describes the site from the configuration; `emulator` is its address while it runs.
    pub fn new(
        config: &Config,
        assets: impl FnOnce(&str) -> AssetUrls,
        emulator: Option<&Url>,
    ) -> Self {
        let emulator = emulator.map(|url| url.as_str().trim_end_matches('/').to_owned());
        Self(Arc::new(Inner {
            assets: assets(config.base_url.path()),
            base_url: config.base_url.clone(),
            route_prefix: config.route_prefix.clone(),
            redirect_path: config.redirect_path.clone(),
            redirect_uri: config.redirect_uri(),
            store: store(config),
            instance: random_name::<6>(),
            registration: registration(config, emulator.as_deref()),
            provider: Provider {
                name: provider_name(config, emulator.is_some()),
                host: host(config.authority.origin()),
                scopes: config.scopes.clone(),
            },
            emulator,
            has_directory_claims: config.authority.has_directory_claims(),
            edits_profile: config.edit_profile.is_some(),
            clock: Arc::new(SystemClock),
        }))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The address to come back to after signing in on this page. The sign-in routes themselves
    /// are none: their query carries `code` and `state`.
    pub fn page_of(&self, request: &HttpRequest) -> String {
        let uri = request.uri();
        let is_page = (request.method() == Method::GET || request.method() == Method::HEAD)
            && uri.path() != self.redirect_path
            && !uri.path().starts_with(&format!("{}/", self.route_prefix));
        let path = uri
            .path_and_query()
            .filter(|path| is_page && path.as_str().len() <= LONGEST);
        path.map_or("/", |path| path.as_str()).to_owned()
    }

    /// The browser's address of a page.
    pub fn href(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.path())
    }

    /// The browser's address of a sign-in route, such as `/sign_in`.
    pub fn auth_href(&self, route: &str) -> String {
        format!("{}{}{route}", self.base_url.path(), self.route_prefix)
    }

    /// The address of the sign-in button on the page `path_and_query`.
    pub fn sign_in_href(&self, path_and_query: &str) -> String {
        self.there_and_back("/sign_in", path_and_query)
    }

    /// The address where users edit their profile, and then come back to the page
    /// `path_and_query`; none where the provider has no such user flow.
    pub fn edit_profile_href(&self, path_and_query: &str) -> Option<String> {
        self.edits_profile
            .then(|| self.there_and_back("/edit_profile", path_and_query))
    }

    fn there_and_back(&self, route: &str, path_and_query: &str) -> String {
        let target = self.base_url.external(path_and_query);
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", target.as_str())
            .finish();
        format!("{}?{query}", self.auth_href(route))
    }
}

fn provider_name(config: &Config, emulator: bool) -> String {
    if emulator {
        return "The local emulator".to_owned();
    }
    match config.authority.kind() {
        AuthorityKind::Entra { .. } => "Microsoft Entra ID".to_owned(),
        _ => host(config.authority.origin()),
    }
}

fn store(config: &Config) -> &'static str {
    match &config.session_store {
        None | Some(StoreUrl::File(_)) => "A file on the server, sealed",
        Some(StoreUrl::Redis(_)) => "Redis, sealed",
        Some(_) => "The memory of the server: gone when it restarts",
    }
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// Where the redirect URI has to be entered; only Entra's clouds have a known page.
fn registration(config: &Config, emulator: Option<&str>) -> Option<Link> {
    if let Some(emulator) = emulator {
        return Some(Link {
            label: "Registered applications of the emulator".to_owned(),
            href: format!("{emulator}/"),
        });
    }
    let portal = match config.authority.origin().host_str()? {
        "login.microsoftonline.com" => "https://entra.microsoft.com",
        "login.microsoftonline.us" => "https://entra.microsoft.us",
        "login.partner.microsoftonline.cn" => "https://entra.microsoftonline.cn",
        _ => return None,
    };
    Some(Link {
        label: "Open its registration".to_owned(),
        href: format!(
            "{portal}/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Authentication/appId/{}",
            config.client_id
        ),
    })
}

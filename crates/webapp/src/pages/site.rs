//! Facts about the site that pages need: its addresses, its provider, its session store.

use std::sync::Arc;

use aad_auth::{
    config::{AuthorityKind, BaseUrl, Config, ReturnTo, StoreUrl},
    store::{Clock, SystemClock, Timestamp},
};
use actix_web::{HttpRequest, http::Method};
use serde::Serialize;
use url::Url;

use crate::{assets::AssetUrls, random_name::random_name};

/// In bytes. The user does not come back to a longer address.
const LONGEST: usize = ReturnTo::MAX_LENGTH;

/// The site. Fixed at the start; cheap to clone.
#[derive(Clone)]
pub struct Site(Arc<SiteInfo>);

/// The facts of a [`Site`], which dereferences to them.
pub struct SiteInfo {
    /// The base URL, as browsers see it.
    pub base_url: BaseUrl,
    /// The prefix of the sign-in routes.
    pub route_prefix: String,
    /// The callback's path below the base URL.
    pub redirect_path: String,
    /// The effective redirect URI.
    pub redirect_uri: String,
    /// The page on which redirect URIs are registered, where it is known.
    pub registration: Option<Link>,
    /// The local emulator's address; `None` where it does not run.
    pub emulator: Option<String>,
    /// The identity provider.
    pub provider: ProviderInfo,
    /// Addresses of style, script and icon.
    pub assets: AssetUrls,
    /// The kind of session store, as a phrase.
    pub store: &'static str,
    /// A random name of this process, to tell replicas behind a load balancer apart.
    pub instance: String,
    /// Whether `tid` and `oid` identify users; otherwise `iss` and `sub` do.
    pub has_directory_claims: bool,
    /// Whether there is a user flow in which users edit their profile.
    pub edits_profile: bool,
    clock: Arc<dyn Clock>,
}

/// A link with its label.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// The text of the link.
    pub label: String,
    /// An absolute or local address.
    pub href: String,
}

/// The identity provider, for display.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderInfo {
    /// Its name in a sentence.
    pub name: String,
    /// The host of its sign-in page.
    pub host: String,
    /// The scopes of the authorization request.
    pub scopes: Vec<String>,
}

impl std::ops::Deref for Site {
    type Target = SiteInfo;

    fn deref(&self) -> &SiteInfo {
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
        Self(Arc::new(SiteInfo {
            assets: assets(config.base_url.path()),
            base_url: config.base_url.clone(),
            route_prefix: config.route_prefix.clone(),
            redirect_path: config.redirect_path.clone(),
            redirect_uri: config.redirect_uri(),
            store: store(config),
            instance: random_name::<6>(),
            registration: registration(config, emulator.as_deref()),
            provider: ProviderInfo {
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

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The return address for a sign-in from the page of `request`, below the base URL.
    ///
    /// For the sign-in routes and for forms it is the home page: the query of a callback carries `code`
    /// and `state`.
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

    /// The address of a sign-in that comes back to `path_and_query`.
    pub fn sign_in_href(&self, path_and_query: &str) -> String {
        self.with_return_to("/sign_in", path_and_query)
    }

    /// The address of the user flow that edits a profile and comes back to `path_and_query`; `None`
    /// without such a user flow.
    pub fn edit_profile_href(&self, path_and_query: &str) -> Option<String> {
        self.edits_profile
            .then(|| self.with_return_to("/edit_profile", path_and_query))
    }

    fn with_return_to(&self, route: &str, path_and_query: &str) -> String {
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
        None | Some(StoreUrl::File(_)) => "Encrypted file on the server",
        Some(StoreUrl::Redis(_)) => "Redis, encrypted",
        Some(_) => "Memory of the server, lost at a restart",
    }
}

fn host(url: &Url) -> String {
    let name = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"))
}

/// The page on which the redirect URI is registered: of the emulator, or of Entra's portal.
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

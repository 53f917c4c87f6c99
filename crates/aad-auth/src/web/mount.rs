//! [`Auth`]: what an application holds and mounts.

use std::{
    iter,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::web::ServiceConfig;

use super::{
    ApplicationSession, AuthBuilder, AuthMiddleware, Guard, HeadBounds, Pages, StartError,
    address_watch::AddressWatch, peers::Peers, routes,
};
use crate::{
    acquisition::Acquirer,
    config::{Config, MAX_REDIRECT, ReturnTo},
    graph::GraphClient,
    policy::{self, Policy},
    random,
    sign_in::Engine,
    store::{HealthCache, StoreHealth},
};

/// Signs users in to an Actix application. Cheap to clone; shared by all workers.
///
/// ```no_run
/// use aad_auth::{Auth, User};
/// use actix_web::{App, HttpServer, get, web};
///
/// #[get("/profile")]
/// async fn profile(user: User) -> String {
///     format!("Hello {}", user.name())
/// }
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let auth = Auth::from_env()?;
/// HttpServer::new(move || {
///     App::new()
///         .configure(auth.routes())
///         .service(web::scope("/app").wrap(auth.require_user()).service(profile))
///         .wrap(auth.middleware())
/// })
/// .bind(("127.0.0.1", 5000))?
/// .run()
/// .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Auth(Arc<Instance>);

pub(super) struct Instance {
    pub(super) engine: Arc<Engine>,
    pub(super) acquirer: Arc<Acquirer>,
    pub(super) graph: GraphClient,
    pub(super) pages: Option<Arc<dyn Pages>>,
    pub(super) origin: String,
    pub(super) name: String,
    pub(super) head_bounds: HeadBounds,
    pub(super) peers: Arc<Peers>,
    pub(super) routes_mounted: AtomicBool,
    pub(super) store_health: HealthCache,
    pub(super) address_watch: AddressWatch,
}

impl Auth {
    /// Reads the `AAD_*` variables. Never waits for the provider.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used, in one message.
    pub fn from_env() -> Result<Self, StartError> {
        Self::builder(Config::from_env()?).build()
    }

    /// Builds an instance from a configuration.
    pub fn builder(config: Config) -> AuthBuilder {
        AuthBuilder::new(config)
    }

    pub(super) fn new(instance: Instance) -> Self {
        Self(Arc::new(instance))
    }

    pub(super) const fn of(instance: Arc<Instance>) -> Self {
        Self(instance)
    }

    pub(super) fn downgrade(&self) -> Weak<Instance> {
        Arc::downgrade(&self.0)
    }

    /// The name that tells this instance from others of the application; empty for the usual one.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(super) fn head_bounds(&self) -> HeadBounds {
        self.0.head_bounds
    }

    pub(super) fn peers(&self) -> &Arc<Peers> {
        &self.0.peers
    }

    pub(super) fn routes_are_mounted(&self) -> bool {
        self.0.routes_mounted.load(Ordering::Relaxed)
    }

    /// The routes under the prefix, `/auth` by default: `App::new().configure(auth.routes())`.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let auth = self.clone();
        move |config| {
            auth.0.routes_mounted.store(true, Ordering::Relaxed);
            routes::mount(&auth, config);
        }
    }

    /// The middleware: the last `.wrap` of the application, so that it is the outermost.
    pub fn middleware(&self) -> AuthMiddleware {
        AuthMiddleware::new(self.clone())
    }

    /// `actix_session` for the application's own data, bound to the signed-in session. It is wrapped
    /// around whatever uses it, inside of [`middleware`](Self::middleware).
    pub fn application_session(&self) -> ApplicationSession {
        ApplicationSession::new(self.clone())
    }

    /// Lets signed-in users in. Short for `require(user())`.
    pub fn require_user(&self) -> Guard {
        self.require(policy::user())
    }

    /// Lets in whom the policy lets in; answers everybody else.
    pub fn require(&self, policy: impl Into<Policy>) -> Guard {
        Guard::new(self.clone(), policy.into())
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.0.engine.config()
    }

    /// Where to send somebody who wants to sign in and come back to `return_to`.
    pub fn sign_in_path(&self, return_to: &ReturnTo) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("return_to", return_to.as_str());
        format!("{}?{}", self.path("/sign_in"), query.finish())
    }

    /// The same for what a browser has asked the application for. What does not fit into a redirect is
    /// left out, which the address then says.
    pub(super) fn sign_in_from(&self, path_and_query: &str) -> String {
        let base = &self.config().base_url;
        let kept = base.kept(&format!("{}{path_and_query}", base.path()));
        let whole = self.sign_in_path(&kept.address);
        if whole.len() <= MAX_REDIRECT && !kept.shortened {
            return whole;
        }
        let shorter = kept.address.shorter().chain([base.home()]);
        let mut paths = iter::once(whole).chain(shorter.map(|address| self.sign_in_path(&address)));
        let fitting = paths.find(|path| path.len() + SHORTENED.len() + 3 <= MAX_REDIRECT);
        let path = fitting.unwrap_or_else(|| self.sign_in_path(&base.home()));
        format!("{path}&{SHORTENED}=1")
    }

    /// The address, as browsers see it, of one of the crate's routes, such as `/sign_out`.
    pub fn path(&self, route: &str) -> String {
        let config = self.config();
        format!("{}{}", config.base_url.path(), config.route(route))
    }

    /// What sign-in and sign-out work with: for tests, metrics and administrators' code.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// Tokens for downstream APIs: for handlers that call one by themselves.
    pub fn acquirer(&self) -> &Arc<Acquirer> {
        &self.0.acquirer
    }

    pub(super) async fn store_health(&self) -> StoreHealth {
        self.0.store_health.get().await
    }

    pub(super) fn graph(&self) -> &GraphClient {
        &self.0.graph
    }

    /// Finishes what the store has accepted and lets go of it. Call it after the server has ended:
    /// requests find no sessions afterwards.
    pub async fn close(&self) {
        if let Err(error) = self.engine().sessions().store().close().await {
            tracing::warn!(%error, "the session store could not be closed in good order");
        }
    }

    pub(super) fn pages(&self) -> Option<&dyn Pages> {
        self.0.pages.as_deref()
    }

    pub(super) fn is_same_instance(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What the first requests show of the address that browsers see.
    pub(super) fn address_watch(&self) -> &AddressWatch {
        &self.0.address_watch
    }

    pub(super) fn origin(&self) -> &str {
        &self.0.origin
    }

    pub(super) fn home(&self) -> String {
        self.config().base_url.home().as_str().to_owned()
    }

    /// Who may frame the front-channel route: the authority, under each of its names, and whoever
    /// has the provider's sign-out page.
    pub(super) fn frame_ancestors(&self) -> String {
        let authority = &self.config().authority;
        let metadata = self.engine().provider().metadata_now();
        let end_session = metadata
            .as_ref()
            .and_then(|metadata| metadata.end_session_endpoint.as_ref());
        let mut origins = vec![authority.origin().origin().ascii_serialization()];
        origins.extend(end_session.map(|url| url.origin().ascii_serialization()));
        if let Some(cloud) = authority.cloud() {
            let hosts = [cloud.login_host]
                .into_iter()
                .chain(cloud.login_aliases.iter().copied());
            origins.extend(hosts.map(|host| format!("https://{host}")));
        }
        origins.sort();
        origins.dedup();
        origins.join(" ")
    }

    /// Whether requests from the provider's site are expected at a path, by this instance or by one
    /// beside it: the outer middleware sees the inner one's requests too.
    pub(super) fn accepts_cross_site(&self, path: &str) -> bool {
        self.peers().any(|one| one.is_cross_site_route(path))
    }

    fn is_cross_site_route(&self, path: &str) -> bool {
        // The start of a sign-in is among them, since a form there reads, changes and sets nothing.
        let config = self.config();
        [config.route("/sign_in"), config.route(routes::BACK_CHANNEL)]
            .iter()
            .any(|own| own == path)
            || path == config.redirect_path
    }

    pub(super) fn new_reference(&self) -> String {
        random::token::<9>(self.engine().random())
    }
}

/// Says at the start of a sign-in that the return address is not all of what was asked for. Anybody
/// can put it into a link: then a user is told so without need, and nothing else.
pub(super) const SHORTENED: &str = "shortened";

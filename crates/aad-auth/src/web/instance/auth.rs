//! [`Auth`]: one mounted instance, shared by all workers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{
    address_watch::AddressWatch,
    peers::{Peer, Peers},
};
use crate::{
    acquisition::Acquirer,
    config::Config,
    graph::GraphClient,
    random,
    sign_in::Engine,
    store::{HealthCache, StoreHealth},
    web::{
        pages::{PageAssets, PageWriter, Pages},
        request::HeadBounds,
    },
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

pub(in crate::web) struct Instance {
    pub(in crate::web) engine: Arc<Engine>,
    pub(in crate::web) acquirer: Arc<Acquirer>,
    pub(in crate::web) graph: GraphClient,
    pub(in crate::web) pages: Option<Arc<dyn Pages>>,
    pub(in crate::web) assets: PageAssets,
    pub(in crate::web) origin: String,
    pub(in crate::web) head_bounds: HeadBounds,
    pub(in crate::web) peer: Arc<Peer>,
    pub(in crate::web) peers: Arc<Peers>,
    pub(in crate::web) routes_mounted: AtomicBool,
    pub(in crate::web) store_health: HealthCache,
    pub(in crate::web) address_watch: AddressWatch,
}

impl Auth {
    pub(in crate::web) fn new(instance: Instance) -> Self {
        Self(Arc::new(instance))
    }

    /// The name that tells this instance from others of the application; empty for the usual one.
    pub fn name(&self) -> &str {
        self.0.peer.name()
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        self.0.engine.config()
    }

    /// What sign-in and sign-out work with.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// Acquires and refreshes tokens for downstream APIs.
    pub(crate) fn acquirer(&self) -> &Arc<Acquirer> {
        &self.0.acquirer
    }

    pub(in crate::web) fn graph(&self) -> &GraphClient {
        &self.0.graph
    }

    pub(in crate::web) fn pages(&self) -> Option<&dyn Pages> {
        self.0.pages.as_deref()
    }

    /// The address, as browsers see it, of the style sheet of the crate's pages.
    ///
    /// Link it from pages of your own to share colours, buttons and cards. It has the hash of its content.
    pub fn style_sheet(&self) -> String {
        self.path(&self.assets().style_sheet.route())
    }

    pub(in crate::web) fn assets(&self) -> &PageAssets {
        &self.0.assets
    }

    /// Writes pages in the crate's own design.
    pub(in crate::web) fn page_writer(&self) -> PageWriter<'_> {
        PageWriter {
            assets: self.assets(),
            prefix: self.path(""),
        }
    }

    pub(in crate::web) fn head_bounds(&self) -> HeadBounds {
        self.0.head_bounds
    }

    pub(in crate::web) fn peers(&self) -> &Arc<Peers> {
        &self.0.peers
    }

    /// Whether the two were built beside each other.
    pub(in crate::web) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0.peers, &other.0.peers)
    }

    pub(in crate::web) fn is_same_instance(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(in crate::web) fn note_mounted_routes(&self) {
        self.0.routes_mounted.store(true, Ordering::Relaxed);
    }

    pub(in crate::web) fn routes_are_mounted(&self) -> bool {
        self.0.routes_mounted.load(Ordering::Relaxed)
    }

    pub(in crate::web) async fn store_health(&self) -> StoreHealth {
        self.0.store_health.get().await
    }

    /// What the first requests show of the address that browsers see.
    pub(in crate::web) fn address_watch(&self) -> &AddressWatch {
        &self.0.address_watch
    }

    /// The origin of the base URL, as browsers send it.
    pub(in crate::web) fn origin(&self) -> &str {
        &self.0.origin
    }

    /// A new reference for the user's support, on a page and in the log.
    pub(in crate::web) fn new_reference(&self) -> String {
        random::token::<9>(self.engine().random())
    }
}

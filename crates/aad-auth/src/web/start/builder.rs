//! From a configuration to an instance.

use std::{rc::Rc, sync::Arc, time::Duration};

use crate::{
    clock::{Clock, SystemClock},
    config::{Config, TenantResolver},
    random::{Random, SystemRandom},
    session::UserSnapshot,
    sign_in::{Admission, SignInHook, SignOutHook},
    store::Store,
    web::{
        instance::Auth,
        pages::{Look, Pages},
        request::HeadBounds,
    },
};

/// Builds an [`Auth`]. Everything has a default that is right for production.
///
/// ```no_run
/// use aad_auth::{Auth, Config, Look};
///
/// let auth = Auth::builder(Config::from_env()?)
///     .look(Look::new().product("Contoso Orders"))
///     .build()?;
/// # drop(auth);
/// # Ok::<_, aad_auth::StartError>(())
/// ```
pub struct AuthBuilder {
    pub(in crate::web) config: Config,
    pub(in crate::web) clock: Arc<dyn Clock>,
    pub(in crate::web) random: Arc<dyn Random>,
    pub(in crate::web) store: Option<Arc<dyn Store>>,
    pub(in crate::web) pages: Option<Arc<dyn Pages>>,
    pub(in crate::web) look: Look,
    pub(in crate::web) hook: Option<SignInHook>,
    pub(in crate::web) sign_out_hook: Option<SignOutHook>,
    pub(in crate::web) name: String,
    pub(in crate::web) prefix: Option<String>,
    pub(in crate::web) beside: Option<Auth>,
    pub(in crate::web) shutdown_timeout: Duration,
    pub(in crate::web) tenants: Option<Arc<dyn TenantResolver>>,
    pub(in crate::web) head_bounds: HeadBounds,
}

impl AuthBuilder {
    pub(in crate::web) fn new(config: Config) -> Self {
        Self {
            config,
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            store: None,
            pages: None,
            look: Look::new(),
            hook: None,
            sign_out_hook: None,
            name: String::new(),
            prefix: None,
            beside: None,
            shutdown_timeout: Duration::from_secs(30),
            tenants: None,
            head_bounds: HeadBounds::default(),
        }
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Keeps sessions in a store of the application's, instead of `AAD_SESSION_STORE`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use aad_auth::{Auth, Config, StartError, store::{MemoryStore, SystemClock}};
    ///
    /// fn build(config: Config) -> Result<Auth, StartError> {
    ///     let store = MemoryStore::with_capacity(Arc::new(SystemClock), 64 * 1024 * 1024);
    ///     Auth::builder(config).store(Arc::new(store)).build()
    /// }
    /// ```
    #[must_use]
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = Some(store);
        self
    }

    /// How long an orderly shutdown of the process may take: `HttpServer::shutdown_timeout`, and
    /// what comes before it; default 30 s, like Actix's. A restart that overlaps waits so long, and
    /// 5 s more, until the previous process lets go of the store's file.
    #[must_use]
    pub const fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Sets product name, accent colour and logo of the crate's pages; default: none of them, in teal.
    ///
    /// See [`Look`] for an example.
    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = look;
        self
    }

    /// Renders the crate's pages in the application's own layout, instead of the crate's.
    ///
    /// See [`Pages`] for an example.
    #[must_use]
    pub fn pages(mut self, pages: impl Pages) -> Self {
        self.pages = Some(Arc::new(pages));
        self
    }

    /// Asks the application about each sign-in, after the tokens are verified and before there is
    /// a session. The hook has 30 s: only the browser waits.
    ///
    /// ```
    /// use aad_auth::{Admission, Auth, Config, StartError};
    ///
    /// fn build(config: Config) -> Result<Auth, StartError> {
    ///     let builder = Auth::builder(config).on_sign_in(|user| async move {
    ///         match user.has_role("Staff") {
    ///             true => Admission::Admit,
    ///             false => Admission::Refuse,
    ///         }
    ///     });
    ///     builder.build()
    /// }
    /// ```
    #[must_use]
    pub fn on_sign_in<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Rc<UserSnapshot>) -> A + Send + Sync + 'static,
        A: Future<Output = Admission> + 'static,
    {
        self.hook = Some(Arc::new(move |user| Box::pin(hook(user))));
        self
    }

    /// Tells the application that a user has signed out here, after the session has ended. The
    /// browser does not wait for it. Sessions that end in other ways (their limits, the end of all
    /// sessions, a sign-out at the provider) are not told: what must not outlive a session belongs
    /// into data that does not either.
    ///
    /// ```
    /// use aad_auth::{Auth, Config, StartError};
    ///
    /// fn build(config: Config) -> Result<Auth, StartError> {
    ///     Auth::builder(config)
    ///         .on_sign_out(|user| async move {
    ///             let owner = user.key.to_storage_key();
    ///             // Delete what the application has cached under `owner`.
    ///             # drop(owner);
    ///         })
    ///         .build()
    /// }
    /// ```
    #[must_use]
    pub fn on_sign_out<F, A>(mut self, hook: F) -> Self
    where
        F: Fn(Rc<UserSnapshot>) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + 'static,
    {
        self.sign_out_hook = Some(Arc::new(move |user| Box::pin(hook(user))));
        self
    }

    /// The name of a further instance in one application, the `NAME` of its
    /// [`InstanceName`](crate::InstanceName): 1 to 32 lower-case letters, digits and hyphens. It is
    /// part of the names of its cookies.
    ///
    /// See [`beside`](Self::beside) for an example.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Mounts the routes elsewhere than `AAD_ROUTE_PREFIX` says. A redirect path below the old
    /// prefix moves along.
    ///
    /// See [`beside`](Self::beside) for an example.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Another instance of the same application. One is enough when there are several: the
    /// new instance is then beside all of them. [`build`](Self::build) refuses what they would
    /// share by mistake; without this line, requests that pass both middlewares are
    /// answered 500, so that it cannot be forgotten.
    ///
    /// ```
    /// use aad_auth::{Auth, Config, StartError};
    ///
    /// fn two(staff: Config, partners: Config) -> Result<(Auth, Auth), StartError> {
    ///     let staff = Auth::builder(staff).build()?;
    ///     let partners = Auth::builder(partners)
    ///         .name("partners")
    ///         .prefix("/partners/auth")
    ///         .beside(&staff)
    ///         .build()?;
    ///     Ok((staff, partners))
    /// }
    /// ```
    #[must_use]
    pub fn beside(mut self, other: &Auth) -> Self {
        self.beside = Some(other.clone());
        self
    }

    /// Asks the application whether a tenant's users may sign in and call, for example in its table
    /// of customers: at each sign-in and each bearer request, after the token is verified. It
    /// takes the place of a list in `AAD_ALLOWED_TENANTS`, which is then `*`. With an authority of
    /// a single tenant it is not asked.
    ///
    /// See [`TenantResolver`] for an example.
    #[must_use]
    pub fn resolve_tenants(mut self, resolver: impl TenantResolver) -> Self {
        self.tenants = Some(Arc::new(resolver));
        self
    }

    /// How large the head of a request may be that passes the middleware, for applications with longer
    /// addresses or more cookies.
    ///
    /// See [`HeadBounds::target`] for an example.
    #[must_use]
    pub const fn head_bounds(mut self, bounds: HeadBounds) -> Self {
        self.head_bounds = bounds;
        self
    }
}

//! What an application mounts: routes, middleware and guards.

use actix_web::web::ServiceConfig;

use crate::{
    config::Config,
    policy::{self, Policy},
    web::{
        access::{ApplicationSession, AuthMiddleware, Guard},
        instance::Auth,
        routes,
        start::{AuthBuilder, StartError},
    },
};

impl Auth {
    /// Reads the `AAD_*` variables. Never waits for the provider.
    ///
    /// See [`Auth`] for an example.
    ///
    /// # Errors
    /// Every setting that is missing or cannot be used, in one message.
    pub fn from_env() -> Result<Self, StartError> {
        Self::builder(Config::from_env()?).build()
    }

    /// Builds an instance from a configuration.
    ///
    /// See [`AuthBuilder`] for an example.
    pub fn builder(config: Config) -> AuthBuilder {
        AuthBuilder::new(config)
    }

    /// The routes under the prefix, `/auth` by default: `App::new().configure(auth.routes())`.
    ///
    /// See [`Auth`] for an example.
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let auth = self.clone();
        move |config| {
            auth.note_mounted_routes();
            routes::register(&auth, config);
        }
    }

    /// The middleware: the last `.wrap` of the application, so that it is the outermost.
    ///
    /// See [`Auth`] for an example.
    pub fn middleware(&self) -> AuthMiddleware {
        AuthMiddleware::new(self.clone())
    }

    /// `actix_session` for the application's own data, bound to the signed-in session. It is wrapped
    /// around whatever uses it, inside of [`middleware`](Self::middleware).
    ///
    /// See [`ApplicationSession`] for an example.
    pub fn application_session(&self) -> ApplicationSession {
        ApplicationSession::new(self.clone())
    }

    /// Lets signed-in users in. Short for `require(user())`.
    ///
    /// See [`Auth`] for an example.
    pub fn require_user(&self) -> Guard {
        self.require(policy::user())
    }

    /// Guards a scope or resource: lets in callers that satisfy the policy, and answers all others.
    ///
    /// ```
    /// use aad_auth::{Auth, bearer, role};
    /// use actix_web::web;
    ///
    /// fn mount(auth: &Auth, config: &mut web::ServiceConfig) {
    ///     config.service(web::scope("/admin").wrap(auth.require(role("Admin"))));
    ///     config.service(web::scope("/api").wrap(auth.require(bearer().scope("Tasks.Read"))));
    /// }
    /// ```
    pub fn require(&self, policy: impl Into<Policy>) -> Guard {
        Guard::new(self.clone(), policy.into())
    }

    /// Finishes the changes that the store has accepted, and closes it. Call it after the server has
    /// ended: requests find no sessions afterwards.
    ///
    /// ```no_run
    /// # use aad_auth::Auth;
    /// # use actix_web::HttpServer;
    /// # async fn run(auth: Auth) -> std::io::Result<()> {
    /// # let server = HttpServer::new(actix_web::App::new).bind(("127.0.0.1", 5000))?;
    /// let ended = server.run().await;
    /// auth.close().await;
    /// ended
    /// # }
    /// ```
    pub async fn close(&self) {
        if let Err(error) = self.engine().sessions().store().close().await {
            tracing::warn!(%error, "the session store could not be closed in good order");
        }
    }
}

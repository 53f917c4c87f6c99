//! An application that signs in with the product.

use std::{collections::BTreeMap, net::TcpListener, sync::Arc};

use aad_auth::{
    AppRole, Auth, Caller, Config, HasRole, User, bearer,
    config::Source,
    downstream::AcquireError,
    internals::{AuthInternals, UserInternals},
    role,
    testing::ManualClock,
};
use actix_web::{App as ActixApp, HttpServer, Responder, get, web};

use crate::server::{Running, listen};

pub const CLIENT_SECRET: &str = "a~secret+of/the=application%1";

/// A running application; ends when dropped.
pub struct App {
    pub auth: Auth,
    pub port: u16,
    _running: Running,
}

impl App {
    /// An application with these settings beside its own.
    pub fn start(settings: &BTreeMap<String, String>, clock: &ManualClock) -> Self {
        let (listener, port) = listen();
        let mut source = Source::new()
            .with("AAD_CLIENT_SECRET", CLIENT_SECRET)
            .with("AAD_SESSION_STORE", "memory")
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
            .with("AAD_SESSION_IDLE", "90d")
            .with("AAD_SESSION_MAX", "90d")
            .with("AAD_BASE_URL", format!("http://localhost:{port}"));
        for (name, value) in settings {
            source.set(name, value);
        }
        let config = Config::parse(&source).unwrap();
        let auth = Auth::builder(config).clock(Arc::new(clock.clone()));
        let auth = auth.build().unwrap();
        let running = serve(auth.clone(), listener);
        Self {
            auth,
            port,
            _running: running,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

fn serve(auth: Auth, listener: TcpListener) -> Running {
    Running::start(move || {
        HttpServer::new(move || {
            ActixApp::new()
                .configure(auth.routes())
                .app_data(web::Data::new(auth.clone()))
                .service(
                    web::scope("/app")
                        .wrap(auth.require_user())
                        .service(page)
                        .service(profile)
                        .service(tokens)
                        .service(
                            web::resource("/editors")
                                .wrap(auth.require(role(Editor::VALUE)))
                                .to(editors),
                        )
                        .service(typed),
                )
                .service(
                    web::resource("/api/editors")
                        .wrap(auth.require(bearer() & role(Editor::VALUE)))
                        .to(roles),
                )
                .wrap(auth.middleware())
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run()
    })
}

#[get("/page")]
async fn page(user: User) -> impl Responder {
    format!("subject {}", user.snapshot().sub)
}

pub struct Editor;

impl AppRole for Editor {
    const VALUE: &'static str = "Editor";
}

async fn editors(user: User) -> impl Responder {
    format!("roles {}", user.snapshot().roles.join(" "))
}

#[get("/typed")]
async fn typed(editor: HasRole<Editor>) -> impl Responder {
    format!("editor {}", editor.user.snapshot().sub)
}

async fn roles(caller: Caller) -> impl Responder {
    format!("roles {}", caller.roles().join(" "))
}

/// What the session remembers of the user.
#[get("/profile")]
async fn profile(user: User) -> impl Responder {
    let user = user.snapshot();
    let text = |value: &Option<aad_auth::session::Pii>| {
        value.as_ref().map(|value| value.expose().to_owned())
    };
    web::Json(serde_json::json!({
        "name": text(&user.name),
        "preferred_username": text(&user.preferred_username),
        "email": text(&user.email),
        "roles": user.roles,
        "groups": user.groups.ids,
        "overage": user.groups.overage,
    }))
}

/// What the application gets for a call of the provider's API.
#[get("/tokens")]
async fn tokens(auth: web::Data<Auth>, user: User) -> impl Responder {
    match auth.acquirer().tokens(user.session()).await {
        Ok(_) => "an access token".to_owned(),
        Err(AcquireError::NoAccessToken) => "no access token".to_owned(),
        Err(AcquireError::InteractionRequired(_)) => "a new sign-in".to_owned(),
        Err(error) => format!("failed: {error}"),
    }
}

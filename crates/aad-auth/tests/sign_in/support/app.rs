//! An application with the middleware, on a free port, in a thread of its own.

use std::{net::TcpListener, sync::mpsc, thread};

use aad_auth::{Auth, AuthBuilder, Caller, Config, Graph, User, config::Source, role, user};
use actix_web::{
    App as ActixApp, HttpRequest, HttpResponse, HttpServer, Responder, dev::ServerHandle, get, web,
};
use entra_emulator::Emulator;

use super::apis;

pub const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
pub const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
pub const CLIENT_SECRET: &str = "emulator~secret+for/webapp=1";

/// An emulator and an application that signs in to it.
pub struct World {
    pub emulator: Emulator,
    pub app: App,
}

impl World {
    pub fn start() -> Self {
        Self::with(|source| source)
    }

    /// A world whose settings are changed first.
    pub fn with(change: impl FnOnce(Source) -> Source) -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let app = App::start(&emulator, change);
        Self { emulator, app }
    }

    /// Signs in at the provider without a page from now on.
    pub fn users(&self, user: &str) {
        self.emulator.control().auto_sign_in(Some(user));
    }
}

/// A running application; ends when dropped.
pub struct App {
    pub auth: Auth,
    pub port: u16,
    handle: ServerHandle,
}

impl App {
    pub fn start(emulator: &Emulator, change: impl FnOnce(Source) -> Source) -> Self {
        Self::start_at(emulator.url().as_str(), change, |builder| builder)
    }

    pub fn start_at(
        authority_host: &str,
        change: impl FnOnce(Source) -> Source,
        build: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = tempfile::tempdir().unwrap();
        let source = Source::new()
            .with("AAD_AUTHORITY_HOST", authority_host.trim_end_matches('/'))
            .with("AAD_TENANT_ID", TENANT)
            .with("AAD_CLIENT_ID", CLIENT)
            .with("AAD_CLIENT_SECRET", CLIENT_SECRET)
            .with("AAD_SESSION_STORE", "memory")
            .with("AAD_STATE_DIR", state.path().to_string_lossy())
            .with("AAD_BASE_URL", format!("http://localhost:{port}"));
        let config = Config::parse(&change(source)).unwrap();
        let auth = build(Auth::builder(config)).build().unwrap();
        let handle = serve(auth.clone(), listener);
        Self { auth, port, handle }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

fn serve(auth: Auth, listener: TcpListener) -> ServerHandle {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                ActixApp::new()
                    .configure(auth.routes())
                    .service(home)
                    .service(
                        web::scope("/app")
                            .wrap(auth.require_user())
                            .service(profile)
                            .service(deep),
                    )
                    .service(
                        web::scope("/spa")
                            .wrap(auth.require_user().keep_fragment())
                            .service(deep),
                    )
                    .service(
                        web::scope("/admin")
                            .wrap(auth.require(role("Admin")))
                            .service(deep),
                    )
                    .service(
                        web::scope("/api")
                            .wrap(auth.require(user() | aad_auth::bearer()))
                            .service(me),
                    )
                    .configure(|config| apis::mount(&auth, config))
                    .wrap(auth.middleware())
            })
            .workers(2)
            .listen(listener)
            .unwrap()
            .run();
            sender.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

#[get("/")]
async fn home(user: Option<User>) -> impl Responder {
    user.map_or_else(
        || "nobody".to_owned(),
        |user| format!("hello {}", user.name()),
    )
}

#[actix_web::route("/{tail:.*}", method = "GET", method = "POST")]
async fn deep(request: HttpRequest, user: User) -> impl Responder {
    format!("{} for {}", request.uri(), user.name())
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    display_name: String,
}

#[get("/graph")]
async fn profile(user: User, graph: Graph) -> Result<String, aad_auth::Error> {
    let profile: Profile = graph.get("/me").await?;
    Ok(format!("{} for {}", profile.display_name, user.name()))
}

#[get("/me")]
async fn me(caller: Caller) -> impl Responder {
    match caller {
        Caller::User(user) => HttpResponse::Ok().json(serde_json::json!({
            "auth": "session", "tid": user.snapshot().tid(), "oid": user.snapshot().oid(),
            "sub": user.snapshot().sub, "roles": user.snapshot().roles,
            "handle": user.session().handle(),
        })),
        Caller::Bearer(token) => HttpResponse::Ok().json(serde_json::json!({
            "auth": "bearer", "tid": token.tid().map(ToString::to_string),
            "scopes": token.scopes().collect::<Vec<_>>(),
        })),
    }
}

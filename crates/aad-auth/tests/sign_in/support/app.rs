//! An application with the middleware, on a free port, in a thread of its own.

use std::{net::TcpListener, sync::Arc, time::Duration};

use aad_auth::{
    Auth, AuthBuilder, Caller, Config, Graph, Oid, Tid, User, UserKey,
    config::Source,
    internals::{AuthInternals, UserInternals},
    role,
    store::{StoreError, SystemClock},
    testing::{FaultyStore, StoreFault},
    user,
};
use actix_session::Session;
use actix_web::{
    App as ActixApp, HttpRequest, HttpResponse, HttpServer, Responder, get, post, web,
};
use entra_emulator::Emulator;
use futures_util::{StreamExt, stream};

use super::{Browser, Page, apis};
use crate::server::{Running, listen};

pub const TENANT: &str = "11110000-aaaa-4bbb-8ccc-000000000001";
pub const CLIENT: &str = "00001111-aaaa-4222-8333-000000000001";
pub const CLIENT_SECRET: &str = "emulator~secret+for/webapp=1";

/// What a store answers that is away.
pub const AWAY: StoreFault = StoreFault::Fail(StoreError::Unavailable);

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

    /// A world on a store that fails when it is told to.
    pub fn on_faulty_store() -> (Self, Arc<FaultyStore>) {
        let emulator = Emulator::builder().start().unwrap();
        let store = Arc::new(FaultyStore::new(Arc::new(SystemClock)));
        let handed = Arc::clone(&store);
        let app = App::start_at(emulator.url().as_str(), |s| s, |b| b.store(handed));
        (Self { emulator, app }, store)
    }

    /// A browser in which `user` is signed in.
    pub async fn signed_in(&self, user: &str) -> Browser {
        self.users(user);
        let browser = Browser::new();
        assert_eq!(browser.open(&self.app.url("/app/x")).await.status, 200);
        browser
    }

    /// The key of a user of the directory.
    pub fn key_of(&self, user: &str) -> UserKey {
        let directory = self.emulator.control().directory();
        let user = directory.find_user(user, None).unwrap();
        UserKey::Directory {
            tid: Tid::parse(&user.tenant).unwrap(),
            oid: Oid::parse(&user.id).unwrap(),
        }
    }

    /// Whether the browser's session lives.
    pub async fn lives(&self, browser: &Browser) -> bool {
        browser.fetch(&self.app.url("/app/x")).await.status == 200
    }

    /// The application with the emulator as just any OpenID provider: users are known by their
    /// subject.
    pub fn generic() -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let issuer = emulator.authority(TENANT);
        let settings = |source: Source| {
            let mut source = source.with("AAD_AUTHORITY", issuer);
            source.set("AAD_AUTHORITY_HOST", "");
            source.set("AAD_TENANT_ID", "");
            source
        };
        let app = App::start_at("", settings, |builder| builder);
        Self { emulator, app }
    }

    /// Signs the browser's user out at the provider, as another application would.
    pub async fn sign_out_at_provider(&self, browser: &Browser) -> Page {
        let said = self.me(browser).await;
        let hint = said["login_hint"].as_str().unwrap();
        let url = format!(
            "{}{TENANT}/oauth2/v2.0/logout?logout_hint={hint}",
            self.emulator.url()
        );
        browser.get(&url).await
    }

    /// What `/api/me` says of the browser's session.
    pub async fn me(&self, browser: &Browser) -> serde_json::Value {
        let page = browser.fetch(&self.app.url("/api/me")).await;
        serde_json::from_str(&page.body).unwrap()
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
    _running: Running,
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
        let (listener, port) = listen();
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
                .service(home)
                .service(
                    web::scope("/app")
                        .wrap(auth.require_user())
                        .service(events)
                        .service(socket)
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
                .service(
                    web::scope("/data")
                        .wrap(auth.application_session())
                        .service(put_data)
                        .service(get_data)
                        .service(sign_out_between),
                )
                .wrap(auth.middleware())
        })
        .workers(2)
        .listen(listener)
        .unwrap()
        .run()
    })
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
async fn profile(user: User, graph: Graph) -> Result<String, aad_auth::DownstreamError> {
    let profile: Profile = graph.get("/me").await?;
    Ok(format!("{} for {}", profile.display_name, user.name()))
}

/// Server-sent events without end.
#[get("/events")]
async fn events(auth: web::Data<Auth>, user: User) -> HttpResponse {
    let ticks = stream::unfold((), |()| async {
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        let tick = web::Bytes::from_static(b"data: tick\n\n");
        Some((Ok::<_, actix_web::Error>(tick), ()))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(auth.while_signed_in(&user, ticks))
}

/// A WebSocket that answers each message with itself.
#[get("/socket")]
async fn socket(
    auth: web::Data<Auth>,
    user: User,
    request: HttpRequest,
    body: web::Payload,
) -> actix_web::Result<HttpResponse> {
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = auth.while_signed_in(&user, messages);
    actix_web::rt::spawn(async move {
        let mut messages = std::pin::pin!(messages);
        while let Some(Ok(message)) = messages.next().await {
            if let actix_ws::Message::Text(text) = message {
                session.text(text).await.unwrap();
            }
        }
        let _ = session
            .close(Some(actix_ws::CloseCode::Policy.into()))
            .await;
    });
    Ok(response)
}

/// Keeps the body as application data.
#[post("/put")]
async fn put_data(session: Session, value: String) -> actix_web::Result<HttpResponse> {
    session.insert("value", value)?;
    Ok(HttpResponse::NoContent().finish())
}

#[get("/get")]
async fn get_data(session: Session) -> actix_web::Result<String> {
    Ok(session.get("value")?.unwrap_or_default())
}

/// Changes application data of a session that ends meanwhile.
#[post("/late")]
async fn sign_out_between(
    auth: web::Data<Auth>,
    user: User,
    session: Session,
) -> actix_web::Result<HttpResponse> {
    session.insert("value", "late")?;
    auth.engine().sessions().end(user.session()).await.unwrap();
    Ok(HttpResponse::NoContent().finish())
}

#[get("/me")]
async fn me(caller: Caller) -> impl Responder {
    match caller {
        Caller::User(user) => HttpResponse::Ok().json(serde_json::json!({
            "auth": "session", "tid": user.snapshot().tid(), "oid": user.snapshot().oid(),
            "sub": user.snapshot().sub, "roles": user.snapshot().roles,
            "handle": user.session().handle(), "sid": user.snapshot().sid,
            "iss": user.snapshot().iss,
            "login_hint": user.snapshot().login_hint.as_ref().map(aad_auth::session::Pii::expose),
        })),
        Caller::Bearer(token) => HttpResponse::Ok().json(serde_json::json!({
            "auth": "bearer", "tid": token.tid().map(ToString::to_string),
            "scopes": token.scopes().collect::<Vec<_>>(),
        })),
    }
}

//! The application and its provider.

use std::{fs, net::TcpListener};

use aad_auth::{
    Auth, Oid, Tid, UserKey,
    config::{Config, Source},
};
use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web::Data,
};
use entra_emulator::{Directory, Emulator};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;
use webapp::{
    app::{Parts, app},
    assets::Assets,
    server::{Limits, Options, serve},
    settings::Settings,
};

use super::Browser;

pub(crate) const ADA: &str = "ada@northwind.example.test";
pub(crate) const NOOR: &str = "noor@northwind.example.test";

/// The application at `localhost`, its provider at `127.0.0.1`.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    /// The application's origin.
    pub(crate) site: String,
    /// Where the application listens.
    pub(crate) port: u16,
    auth: Auth,
    _folder: TempDir,
}

/// How a world differs from the usual one.
#[derive(Default)]
struct Setup {
    https: bool,
    worker: Option<String>,
    proxied: bool,
}

impl World {
    /// By plain http.
    pub(crate) fn new() -> Self {
        Self::with(&Setup::default(), |source| source)
    }

    /// By plain http at a port of its own, behind a proxy that browsers see at `base_url`.
    pub(crate) fn behind_proxy(base_url: &str) -> Self {
        let at = base_url.to_owned();
        let setup = Setup {
            proxied: true,
            ..Setup::default()
        };
        let mut world = Self::with(&setup, |source| source.with("AAD_BASE_URL", at));
        base_url.clone_into(&mut world.site);
        world.emulator.control().edit_directory(|directory| {
            for application in &mut directory.applications {
                let paths = ["/auth/redirect", "/auth/post_sign_out"];
                let uris = paths.map(|path| format!("{base_url}{path}"));
                application.web.redirect_uris.extend(uris);
                application.web.logout_url = None;
            }
        });
        world
    }

    /// By plain http, with a service worker's script at `/worker.js`, and a page at `/worker-page` that
    /// may register it: the pages' own policy (trusted types) does not let them.
    pub(crate) fn with_worker(script: String) -> Self {
        let setup = Setup {
            worker: Some(script),
            ..Setup::default()
        };
        Self::with(&setup, |source| source)
    }

    /// Both by https, with certificates of the emulator's authority.
    pub(crate) fn over_https(settings: impl FnOnce(Source) -> Source) -> Self {
        let setup = Setup {
            https: true,
            ..Setup::default()
        };
        Self::with(&setup, settings)
    }

    fn with(setup: &Setup, settings: impl FnOnce(Source) -> Source) -> Self {
        let https = setup.https;
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if https { "https" } else { "http" };
        let site = format!("{scheme}://localhost:{port}");
        let directory = Directory::default().with_applications_at(&Url::parse(&site).unwrap());
        let emulator = Emulator::builder().tls(https).directory(directory);
        let emulator = emulator.start().unwrap();
        let ready = emulator.ready_env(Some(&format!("{site}/auth/redirect")));
        let lines = ready.lines().filter_map(|line| line.split_once('='));
        let source = lines
            .collect::<Source>()
            .with("AAD_SESSION_STORE", "memory")
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
        let source = settings(with_certificates(source, &emulator, &folder));
        let config = Config::parse(&source).unwrap_or_else(|error| panic!("{error}"));
        // With an emulator of its own the application answers this machine only, and no proxy.
        let own_emulator = Some(emulator.url()).filter(|_| !setup.proxied);
        let parts = Parts::new(config, Assets::new(None), own_emulator.as_ref()).unwrap();
        let auth = parts.auth.clone();
        let tls = Settings::parse(&source).unwrap().tls;
        let options = Options {
            tls: tls.map(|files| files.load().unwrap()),
            limits: Limits::new(256),
            bare_headers: parts.headers.for_bare_answers(),
        };
        let worker = Data::new(setup.worker.clone());
        let app = move || {
            app(&parts)
                .app_data(worker.clone())
                .wrap(from_fn(worker_routes))
        };
        let server = serve(app, vec![listener], options, std::future::pending());
        actix_web::rt::spawn(server.unwrap());
        Self {
            emulator,
            site,
            port,
            auth,
            _folder: folder,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The provider's origin, with a `/` at its end.
    pub(crate) fn provider(&self) -> String {
        self.emulator.url().to_string()
    }

    /// Whoever comes to the provider is this user, without a page; nobody: the account picker.
    pub(crate) fn users(&self, user: Option<&str>) {
        self.emulator.control().auto_sign_in(user);
    }

    /// From now on the provider tells this application of sign-outs, by a frame.
    pub(crate) fn register_front_channel(&self) {
        let url = self.url("/auth/front_channel_sign_out");
        self.emulator.control().edit_directory(|directory| {
            for application in &mut directory.applications {
                application.web.logout_url = Some(url.clone());
            }
        });
    }

    /// The provider's end-session endpoint.
    pub(crate) fn provider_sign_out(&self) -> String {
        format!("{}common/oauth2/v2.0/logout", self.provider())
    }

    /// Signs in at `path`, and leaves the provider to its account picker.
    pub(crate) async fn sign_in(&self, browser: &Browser, user: &str, path: &str) {
        self.users(Some(user));
        let sign_in = format!("/auth/sign_in?return_to={path}");
        browser.open(&self.url(&sign_in)).await;
        browser.arrive(&self.url(path)).await;
        self.users(None);
    }

    /// Who the application says is signed in, asked by a script of the page.
    pub(crate) async fn who(&self, browser: &Browser) -> Value {
        let script = "return fetch('/api/me', { headers: { accept: 'application/json' } })
            .then((answer) => answer.ok ? answer.json() : null)
            .then((me) => me && me.preferred_username)";
        browser.script(script).await
    }

    /// Ends all sessions of Ada here, as somebody else or a limit would.
    pub(crate) async fn end_sessions_of_ada(&self) {
        let directory = self.emulator.control().directory();
        let user = directory.users.iter();
        let mut user = user.filter(|user| user.user_principal_name == ADA);
        let user = user.next().unwrap();
        let key = UserKey::Directory {
            tid: Tid::parse(&user.tenant).unwrap(),
            oid: Oid::parse(&user.id).unwrap(),
        };
        let sessions = self.auth.sessions();
        assert!(sessions.end_all_of(&key).await.unwrap() > 0);
    }
}

/// Over https: the application's own certificate, and trust in the authority that has signed both.
fn with_certificates(source: Source, emulator: &Emulator, folder: &TempDir) -> Source {
    let Some(ca) = emulator.ca_pem() else {
        return source;
    };
    let (certificate, key) = emulator.certificate_for(&["localhost"]).unwrap();
    let write = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        fs::write(&path, pem).unwrap();
        path.display().to_string()
    };
    source
        .with("AAD_CA_FILE", write("ca.pem", ca))
        .with("TLS_CERT_FILE", write("certificate.pem", &certificate))
        .with("TLS_KEY_FILE", write("key.pem", &key))
}

/// The two answers that a test with a service worker needs.
async fn worker_routes(
    worker: Data<Option<String>>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, Error> {
    let content =
        |kind: &'static str, body: String| HttpResponse::Ok().content_type(kind).body(body);
    let answer = match (worker.as_ref(), request.path()) {
        (Some(script), "/worker.js") => content("text/javascript", script.clone()),
        (Some(_), "/worker-page") => content("text/html", "<!doctype html>".to_owned()),
        _ => return Ok(next.call(request).await?.map_into_boxed_body()),
    };
    Ok(request.into_response(answer))
}

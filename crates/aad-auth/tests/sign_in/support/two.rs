//! One application with two instances: the staff's tenant and the partners'.

use std::net::TcpListener;

use aad_auth::{
    AppRole, Auth, AuthBuilder, Caller, Config, HasRole, InstanceName, User, config::Source, user,
};
use actix_session::Session;
use actix_web::{App, HttpServer, Responder, get, web};
use entra_emulator::Emulator;

use super::{CLIENT, CLIENT_SECRET, TENANT};
use crate::server::{Running, listen};

pub const FRANK: &str = "frank@fabrikam.example.test";
const PARTNER_TENANT: &str = "22220000-aaaa-4bbb-8ccc-000000000002";
const PARTNER_CLIENT: &str = "00001111-aaaa-4222-8333-000000000002";

pub struct Partners;

impl InstanceName for Partners {
    const NAME: &'static str = "partners";
}

/// Both instances, mounted in one application; ends when dropped.
pub struct Two {
    pub emulator: Emulator,
    pub partners: Auth,
    pub port: u16,
    _running: Running,
}

impl Two {
    /// `build` finishes the partners' builder.
    pub fn start(build: impl FnOnce(AuthBuilder, &Auth) -> AuthBuilder) -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let (listener, port) = listen();
        let redirect = format!("http://localhost:{port}/partners/auth/redirect");
        let control = emulator.control();
        let registered = control.register_redirect_uri(PARTNER_CLIENT, &redirect);
        registered.unwrap();
        let host = emulator.url();
        let staff = Auth::builder(staff_config(host.as_str(), port));
        let staff = staff.build().unwrap();
        let partners = Auth::builder(partner_config(host.as_str(), port));
        let partners = build(partners, &staff).build().unwrap();
        let running = serve(staff, partners.clone(), listener);
        Self {
            emulator,
            partners,
            port,
            _running: running,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    pub fn users(&self, user: &str) {
        self.emulator.control().auto_sign_in(Some(user));
    }
}

pub fn staff_config(host: &str, port: u16) -> Config {
    config(host, port, (TENANT, CLIENT, CLIENT_SECRET))
}

pub fn partner_config(host: &str, port: u16) -> Config {
    let secret = "emulator~secret~multi-tenant";
    config(host, port, (PARTNER_TENANT, PARTNER_CLIENT, secret))
}

fn config(host: &str, port: u16, (tenant, client, secret): (&str, &str, &str)) -> Config {
    let source = Source::new()
        .with("AAD_AUTHORITY_HOST", host.trim_end_matches('/'))
        .with("AAD_TENANT_ID", tenant)
        .with("AAD_CLIENT_ID", client)
        .with("AAD_CLIENT_SECRET", secret)
        .with("AAD_SESSION_STORE", "memory")
        .with("AAD_SESSION_SECRET", "QUJD".repeat(22))
        .with("AAD_BASE_URL", format!("http://localhost:{port}"));
    Config::parse(&source).unwrap()
}

fn serve(staff: Auth, partners: Auth, listener: TcpListener) -> Running {
    Running::start(move || {
        HttpServer::new(move || {
            App::new()
                .configure(staff.routes())
                .configure(partners.routes())
                .service(home)
                .service(count)
                .service(
                    web::scope("/app")
                        .wrap(staff.require_user())
                        .service(for_staff),
                )
                .service(
                    web::scope("/partners/app")
                        .wrap(partners.require_user())
                        .service(for_partners)
                        .service(for_readers),
                )
                .service(
                    web::scope("/partners/api")
                        .wrap(partners.require(user() | aad_auth::bearer()))
                        .service(caller),
                )
                .wrap(staff.application_session())
                .wrap(partners.middleware())
                .wrap(staff.middleware())
        })
        .workers(1)
        .listen(listener)
        .unwrap()
        .disable_signals()
        .run()
    })
}

#[get("/")]
async fn home(staff: Option<User>, partner: Option<User<Partners>>) -> impl Responder {
    let name = |name: Option<String>| name.unwrap_or_else(|| "nobody".to_owned());
    let staff = name(staff.map(|user| user.name().to_string()));
    let partner = name(partner.map(|user| user.name().to_string()));
    format!("staff {staff}, partner {partner}")
}

#[get("/count")]
async fn count(session: Session) -> impl Responder {
    let count = session.get::<u32>("count").unwrap().unwrap_or(0) + 1;
    session.insert("count", count).unwrap();
    count.to_string()
}

#[get("/x")]
async fn for_staff(user: User) -> impl Responder {
    format!("staff {}", user.name())
}

#[get("/x")]
async fn for_partners(user: User<Partners>) -> impl Responder {
    format!("partner {}", user.name())
}

struct Reader;

impl AppRole for Reader {
    const VALUE: &'static str = "Reader";
}

#[get("/reader")]
async fn for_readers(reader: HasRole<Reader, Partners>) -> impl Responder {
    format!("reader {}", reader.user.name())
}

#[get("/me")]
async fn caller(caller: Caller<Partners>) -> impl Responder {
    match caller {
        Caller::User(user) => user.name().to_string(),
        Caller::Bearer(_) => "bearer".to_owned(),
    }
}

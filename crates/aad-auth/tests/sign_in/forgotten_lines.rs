//! R51, R52: real applications whose author has forgotten `.wrap(auth.middleware())` or
//! `.configure(auth.routes())`.

use aad_auth::{AccessError, AppRole, Auth, Caller, Graph, HasRole, User};
use actix_web::{
    App, HttpServer,
    middleware::Condition,
    web::{self, ServiceConfig},
};

use crate::{
    server::{Running, listen},
    support::{
        Browser, Page,
        two::{Partners, staff_config},
    },
};

struct Admin;

impl AppRole for Admin {
    const VALUE: &'static str = "Admin";
}

/// One page for each extractor, alone and as an option.
fn pages(config: &mut ServiceConfig) {
    macro_rules! page {
        ($path:literal, $extractor:ty) => {
            config.route(
                $path,
                web::get().to(|taken: $extractor| async move {
                    drop(taken);
                    "let in"
                }),
            );
        };
    }
    page!("/user", User);
    page!("/role", HasRole<Admin>);
    page!("/graph", Graph);
    page!("/caller", Caller);
    page!("/two", (User, Graph));
    page!("/partner", User<Partners>);
    page!("/user_or_not", Option<User>);
    page!("/role_or_not", Option<HasRole<Admin>>);
    page!("/graph_or_not", Option<Graph>);
    page!("/caller_or_not", Option<Caller>);
    page!("/partner_or_not", Option<User<Partners>>);
    page!("/user_or_why", Result<User, AccessError>);
}

const OF_THE_INSTANCE: [&str; 5] = ["/user", "/role", "/graph", "/caller", "/two"];
const OPTIONAL: [&str; 4] = [
    "/user_or_not",
    "/role_or_not",
    "/graph_or_not",
    "/user_or_why",
];

/// An application that has, or has not, the two lines.
struct Application {
    port: u16,
    _running: Running,
}

impl Application {
    fn start(middleware: bool, routes: bool) -> Self {
        let (listener, port) = listen();
        let auth = Auth::builder(staff_config("http://127.0.0.1:9", port));
        let auth = auth.build().unwrap();
        let running = Running::start(move || {
            let server = HttpServer::new(move || {
                let guarded = web::scope("/guarded").wrap(auth.require_user());
                let data = web::scope("/data").wrap(auth.application_session());
                App::new()
                    .configure(|config| {
                        if routes {
                            auth.routes()(config);
                        }
                    })
                    .configure(pages)
                    .service(guarded.configure(pages))
                    .service(data.configure(pages))
                    .wrap(Condition::new(middleware, auth.middleware()))
            });
            let server = server.workers(1).disable_signals();
            server.listen(listener).unwrap().run()
        });
        Self {
            port,
            _running: running,
        }
    }

    async fn get(&self, path: &str) -> Page {
        let url = format!("http://localhost:{}{path}", self.port);
        Browser::new().get(&url).await
    }

    async fn names(&self, path: &str, line: &str) {
        let page = self.get(path).await;
        assert_eq!(page.status, 500, "{path}: {page:?}");
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            page.body.contains(line),
            cfg!(debug_assertions),
            "{path}: {page:?}"
        );
    }
}

const WRAP: &str = ".wrap(auth.middleware())";
const CONFIGURE: &str = ".configure(auth.routes())";

#[actix_web::test]
async fn r51_a_forgotten_middleware_is_a_500_with_the_line_for_every_extractor() {
    let app = Application::start(false, true);
    let optional = OPTIONAL
        .iter()
        .chain(&["/caller_or_not", "/partner_or_not"]);
    for path in OF_THE_INSTANCE.iter().chain(&["/partner"]).chain(optional) {
        app.names(path, WRAP).await;
        app.names(&format!("/guarded{path}"), WRAP).await;
        app.names(&format!("/data{path}"), WRAP).await;
    }
    for route in [
        "/auth/sign_in",
        "/auth/sign_out",
        "/auth/redirect?code=x&state=y",
    ] {
        app.names(route, WRAP).await;
    }
}

#[actix_web::test]
async fn r51_without_both_lines_a_page_for_users_names_the_first() {
    let app = Application::start(false, false);
    for path in OF_THE_INSTANCE {
        app.names(path, WRAP).await;
        app.names(&format!("/guarded{path}"), WRAP).await;
        app.names(&format!("/data{path}"), WRAP).await;
    }
}

#[actix_web::test]
async fn r52_forgotten_routes_are_a_500_with_the_line_for_every_extractor_of_a_user() {
    let app = Application::start(true, false);
    for path in OF_THE_INSTANCE.iter().chain(&OPTIONAL) {
        app.names(path, CONFIGURE).await;
        app.names(&format!("/guarded{path}"), CONFIGURE).await;
        app.names(&format!("/data{path}"), CONFIGURE).await;
    }
    // An API for bearer tokens has no routes, and may have pages for everybody.
    assert_eq!(app.get("/caller_or_not").await.status, 200);
}

#[actix_web::test]
async fn with_both_lines_a_visitor_is_sent_to_sign_in_or_let_in_as_one() {
    let app = Application::start(true, true);
    for path in OF_THE_INSTANCE {
        assert_eq!(app.get(path).await.status, 302, "{path}");
    }
    for path in OPTIONAL {
        assert_eq!(app.get(path).await.body, "let in", "{path}");
    }
    // Of an instance that is not there: for an option Actix makes `None` of it.
    app.names("/partner", WRAP).await;
}

//! The pages of an application that renders none of them itself, as in the README's first example: at
//! the width of a telephone and a desk, light and dark, plain and with the application's look.

use std::net::TcpListener;

use aad_auth::{Auth, Config, Look, User, config::Source, role};
use actix_web::{App, HttpServer, web};
use entra_emulator::{Directory, Emulator, Endpoint, Fault};
use serde_json::json;
use url::Url;

use crate::{
    pages::look,
    support::{ADA, Browser, NOOR, open_browser},
};

const LOGO: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 40'>\
    <script>document.documentElement.remove()</script>\
    <rect width='40' height='40' rx='6' fill='#c75000'/><rect x='52' y='12' width='108' height='16' fill='#c75000'/></svg>";

/// The application at `localhost`, and its provider at `127.0.0.1`.
struct Plain {
    emulator: Emulator,
    site: String,
}

impl Plain {
    fn new(look: Look) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let directory = Directory::default().with_applications_at(&Url::parse(&site).unwrap());
        let emulator = Emulator::builder().directory(directory).start().unwrap();
        let settings = emulator.ready_env(Some(&format!("{site}/auth/redirect")));
        let lines = settings.lines().filter_map(|line| line.split_once('='));
        let source = lines
            .collect::<Source>()
            .with("AAD_SESSION_STORE", "memory")
            .with("AAD_SESSION_SECRET", "QUJD".repeat(22));
        let config = Config::parse(&source).unwrap_or_else(|error| panic!("{error}"));
        let auth = Auth::builder(config).look(look).build().unwrap();
        let server = HttpServer::new(move || {
            App::new()
                .configure(auth.routes())
                .service(
                    web::scope("/app")
                        .wrap(auth.require_user())
                        .route("/profile", web::get().to(profile)),
                )
                .service(
                    web::scope("/admin")
                        .wrap(auth.require(role("Admin")))
                        .route("/dashboard", web::get().to(profile)),
                )
                .service(
                    web::scope("/spa")
                        .wrap(auth.require_user().keep_fragment())
                        .route("/page", web::get().to(profile)),
                )
                .wrap(auth.middleware())
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap();
        actix_web::rt::spawn(server.run());
        Self { emulator, site }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    async fn sign_in(&self, browser: &Browser, user: &str) {
        self.emulator.control().auto_sign_in(Some(user));
        browser.open(&self.url("/app/profile")).await;
        browser.arrive(&self.url("/app/profile")).await;
    }
}

async fn profile(user: User) -> String {
    format!("Hello {}", user.name())
}

async fn look_at_all(browser: &Browser, plain: &Plain, prefix: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let name = |page: &str| format!("{prefix}-{page}");
    for (page, path) in [
        ("confirm-sign-out", "/auth/sign_out"),
        ("not-signed-in", "/auth/post_sign_out"),
        ("sign-in-refused", "/auth/redirect?code=x&state=y"),
    ] {
        browser.open(&plain.url(path)).await;
        look(browser, &name(page), &mut faults).await;
    }
    let broken = Fault::status(Endpoint::Token, 500);
    plain.emulator.control().faults().set(broken);
    plain.emulator.control().auto_sign_in(Some(ADA));
    browser.open(&plain.url("/app/profile")).await;
    browser.arrive(&plain.url("/auth/redirect?")).await;
    browser.click("details summary").await;
    look(browser, &name("sign-in-failed"), &mut faults).await;
    plain.emulator.control().faults().clear();
    plain.sign_in(browser, NOOR).await;
    for (page, path) in [
        ("forbidden", "/admin/dashboard"),
        ("still-signed-in", "/auth/post_sign_out"),
        ("confirm", "/auth/sign_out"),
    ] {
        browser.open(&plain.url(path)).await;
        look(browser, &name(page), &mut faults).await;
    }
    browser.leaving().await;
    browser.press("Sign out").await;
    browser.arrive(&plain.url("/auth/post_sign_out?")).await;
    look(browser, &name("signed-out"), &mut faults).await;
    faults
}

#[actix_web::test]
async fn pages_without_a_look_are_designed_and_fit() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let plain = Plain::new(Look::new());
    let faults = look_at_all(&browser, &plain, "plain").await;
    assert_eq!(faults, [""; 0]);
    // The style sheet is in force: a button has the height that a finger needs.
    browser.open(&plain.url("/auth/sign_out")).await;
    let height = "return document.querySelector('.button').getBoundingClientRect().height";
    let height = browser.script(height).await;
    assert!(height.as_f64().unwrap() >= 44.0, "{height}");
    print_is_black_on_white(&browser).await;
    keep_interstitial(&browser, &plain).await;
}

async fn print_is_black_on_white(browser: &Browser) {
    let scheme = json!({ "name": "prefers-color-scheme", "value": "dark" });
    let print = json!({ "media": "print", "features": [scheme] });
    browser.devtools("Emulation.setEmulatedMedia", print).await;
    let script = "const of = (name) => getComputedStyle(document.querySelector(name));
        return [of('body').backgroundColor, of('h1').color, of('.actions').display]";
    let printed = browser.script(script).await;
    assert_eq!(
        printed,
        json!(["rgb(255, 255, 255)", "rgb(0, 0, 0)", "none"])
    );
    let screen = json!({ "media": "", "features": [] });
    browser.devtools("Emulation.setEmulatedMedia", screen).await;
}

/// The page that leads on, held by a browser that runs no scripts.
async fn keep_interstitial(browser: &Browser, plain: &Plain) {
    let off = json!({ "value": true });
    browser
        .devtools("Emulation.setScriptExecutionDisabled", off)
        .await;
    browser.open(&plain.url("/spa/page")).await;
    browser.find("a.button.primary").await;
    let on = json!({ "value": false });
    browser
        .devtools("Emulation.setScriptExecutionDisabled", on)
        .await;
    let mut faults = Vec::new();
    look(browser, "plain-interstitial", &mut faults).await;
    assert_eq!(faults, [""; 0]);
}

#[actix_web::test]
async fn pages_with_name_colour_and_logo_fit_and_the_logo_runs_no_script() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let look = Look::new()
        .product("Contoso <Orders> & Returns")
        .accent("#c75000")
        .logo("image/svg+xml", LOGO);
    let plain = Plain::new(look);
    let faults = look_at_all(&browser, &plain, "branded").await;
    assert_eq!(faults, [""; 0]);
    browser.open(&plain.url("/auth/sign_out")).await;
    let script = "const image = document.querySelector('img'); return [image.complete && image.naturalWidth > 0, image.src]";
    let image = browser.script(script).await;
    assert_eq!(image[0], true, "{image}");
    // Opened by its address it is a document, and its script still does not run.
    browser.open(image[1].as_str().unwrap()).await;
    let root = browser
        .script("return document.documentElement && document.documentElement.tagName")
        .await;
    assert_eq!(root, "svg");
}

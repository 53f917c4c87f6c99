//! Where the application is and how its cookies are called: a base URL with a path, names of one's
//! own.

use actix_web::{App, HttpResponse, http::Method, test as web_test, web};

use aad_auth::Auth;

use crate::support::{ADA, Browser, CLIENT, World, two::staff_config};

const PORTAL: &str = "/portal";

/// An application that browsers see below `/portal`, which the proxy strips.
fn below_a_path(response_mode: &str) -> World {
    let world = World::with(|source| {
        let base = format!("{}{PORTAL}", source.get("AAD_BASE_URL").unwrap());
        source
            .with("AAD_BASE_URL", base)
            .with("AAD_RESPONSE_MODE", response_mode)
    });
    let control = world.emulator.control();
    for route in ["redirect", "post_sign_out"] {
        let uri = format!("http://localhost:5000{PORTAL}/auth/{route}");
        control.register_redirect_uri(CLIENT, &uri).unwrap();
    }
    world.users(ADA);
    world
}

#[actix_web::test]
async fn every_address_carries_the_path_of_the_base_url() {
    let world = below_a_path("query");
    let browser = Browser::behind_proxy(PORTAL);
    let guarded = browser.get(&world.app.url("/portal/app/deep?x=1")).await;
    assert_eq!(guarded.location().path(), "/portal/auth/sign_in");
    assert_eq!(
        guarded.parameter("return_to").unwrap(),
        "/portal/app/deep?x=1"
    );
    let start = browser.get(guarded.location().as_str()).await;
    assert_eq!(
        start.parameter("redirect_uri").unwrap(),
        world.app.url("/portal/auth/redirect")
    );
    let page = browser.follow(start).await;
    assert_eq!(page.url.as_str(), world.app.url("/portal/app/deep?x=1"));
    assert_eq!(page.body, "/app/deep?x=1 for Ada Admin");

    let confirm = browser.get(&world.app.url("/portal/auth/sign_out")).await;
    assert!(
        confirm.body.contains("action=\"/portal/auth/sign_out\""),
        "{}",
        confirm.body
    );
    let style = world.app.auth.style_sheet();
    assert!(style.starts_with("/portal/auth/assets/"), "{style}");
    assert!(confirm.body.contains(&format!("href=\"{style}\"")));
    let style = browser.fetch(&world.app.url(&style)).await;
    assert_eq!(style.status, 200);
    let end = browser
        .post(&world.app.url("/portal/auth/sign_out"), "")
        .await;
    assert_eq!(
        end.parameter("post_logout_redirect_uri").unwrap(),
        world.app.url("/portal/auth/post_sign_out")
    );
}

#[actix_web::test]
async fn the_401_contract_and_pages_on_the_way_carry_it_too() {
    let world = below_a_path("form_post");
    let browser = Browser::behind_proxy(PORTAL);
    let script = browser.fetch(&world.app.url("/portal/app/x")).await;
    let problem: serde_json::Value = serde_json::from_str(&script.body).unwrap();
    let login_url = problem["login_url"].as_str().unwrap();
    assert!(
        login_url.starts_with("/portal/auth/sign_in?return_to="),
        "{login_url}"
    );
    let page = browser.get(&world.app.url("/portal/spa/x")).await;
    assert!(
        page.link()
            .starts_with(&world.app.url("/portal/auth/sign_in?"))
    );
    assert!(page.body.contains("<script src=\"/portal/auth/assets/"));
    let provider = browser.open(&page.link()).await;
    let (action, fields) = provider.form();
    let hop = browser.post_across(&action, &fields).await;
    let (action, fields) = hop.form();
    assert_eq!(action, world.app.url("/portal/auth/redirect"));
    let back = browser.post(&action, &fields).await;
    assert_eq!(back.location().as_str(), world.app.url("/portal/spa/x"));
}

#[actix_web::test]
async fn a_return_address_beside_the_path_is_refused() {
    let world = below_a_path("query");
    for address in ["/other", "/portalevil", "/portal/../other", "/"] {
        let browser = Browser::behind_proxy(PORTAL);
        let start = format!("/portal/auth/sign_in?return_to={address}");
        let callback = browser.until_callback(&world.app.url(&start)).await;
        let back = browser.get(&callback).await;
        assert_eq!(
            back.location().as_str(),
            world.app.url("/portal/"),
            "{address}"
        );
    }
}

#[actix_web::test]
async fn cookies_and_routes_have_the_names_that_are_configured() {
    let world = World::with(|source| {
        source
            .with("AAD_COOKIE_NAME", "shop")
            .with("AAD_ROUTE_PREFIX", "/account")
            .with("AAD_REDIRECT_PATH", "/back/from/sign-in")
    });
    let control = world.emulator.control();
    let uri = "http://localhost:5000/back/from/sign-in";
    control.register_redirect_uri(CLIENT, uri).unwrap();
    world.users(ADA);
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_eq!(page.body, "/app/x for Ada Admin");
    let names: Vec<String> = browser.cookies("localhost").into_keys().collect();
    assert_eq!(names.len(), 2);
    assert!(
        names.iter().all(|name| name.starts_with("shop-")),
        "{names:?}"
    );
    for path in ["/auth/sign_in", "/auth/redirect"] {
        assert_eq!(browser.get(&world.app.url(path)).await.status, 404);
    }
}

#[actix_web::test]
async fn what_the_application_has_below_the_prefix_stays_its_own() {
    let world = World::start();
    let routes = || {
        let theirs = |path: &str| web::resource(path.to_owned()).to(HttpResponse::Accepted);
        move |config: &mut web::ServiceConfig| {
            config.service(theirs("/auth"));
            config.service(theirs("/auth/help"));
            config.service(theirs("/auth/sign_in/help"));
            config.service(theirs("/auth/edit_profile"));
        }
    };
    let auth = &world.app.auth;
    let app = App::new().configure(auth.routes()).configure(routes());
    let app = web_test::init_service(app.wrap(auth.middleware())).await;
    let status = async |method: Method, path: &str| {
        let request = web_test::TestRequest::with_uri(path).method(method);
        let answer = web_test::call_service(&app, request.to_request()).await;
        answer.status().as_u16()
    };
    // No user flow is configured, so that the address to edit a profile is not ours.
    for path in [
        "/auth",
        "/auth/help",
        "/auth/sign_in/help",
        "/auth/edit_profile",
    ] {
        assert_eq!(status(Method::GET, path).await, 202, "{path}");
    }
    let style = auth.style_sheet();
    let encoded = style.replace(".css", "%2Ecss");
    let elsewhere = style.replace("/auth/", "/authentic/");
    for (method, path, expected) in [
        (Method::GET, style.as_str(), 200),
        (Method::GET, encoded.as_str(), 200),
        (Method::GET, "/auth/sign_out", 200),
        (Method::PUT, "/auth/sign_out", 405),
        (Method::GET, "/auth/elsewhere", 404),
        (Method::GET, elsewhere.as_str(), 404),
    ] {
        assert_eq!(status(method, path).await, expected, "{path}");
    }
}

/// Requests from other sites are let through to the redirect path: no other route may answer there.
#[actix_web::test]
async fn a_redirect_path_that_is_another_routes_is_refused_at_the_start() {
    let start = |path: &str| {
        let mut config = staff_config("http://127.0.0.1:9", 5000);
        config.redirect_path = path.into();
        let started = Auth::builder(config).build();
        started.map(drop).map_err(|refusal| refusal.to_string())
    };
    for route in ["/sign_in", "/sign_out", "/post_sign_out", "/assets/x.css"] {
        let refusal = start(&format!("/auth{route}")).unwrap_err();
        assert!(refusal.contains("AAD_REDIRECT_PATH"), "{route}: {refusal}");
    }
    for path in ["/auth/callback", "/sign_in", "/auth/sign_in/here"] {
        assert_eq!(start(path), Ok(()), "{path}");
    }
}

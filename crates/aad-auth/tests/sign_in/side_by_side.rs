//! Two instances in one application: nothing of one opens anything of the other.

use std::collections::BTreeSet;

use aad_auth::{
    Auth, AuthBuilder, InstanceConflict, InstanceName, StartError, User, config::Config,
};
use actix_web::{App, http::StatusCode, test as web_test, web};

use crate::support::{
    ADA, Browser, ROBIN,
    two::{FRANK, Partners, Two, partner_config, staff_config},
};

fn beside(builder: AuthBuilder, staff: &Auth) -> AuthBuilder {
    let builder = builder.name(Partners::NAME).prefix("/partners/auth");
    builder.beside(staff)
}

const SIGN_IN_PARTNER: &str =
    "/partners/auth/sign_in?prompt=select_account&return_to=/partners/app/x";

/// Ada signs in as staff, then Frank as a partner, in one browser.
async fn both_signed_in(two: &Two) -> Browser {
    let browser = Browser::new();
    two.users(ADA);
    let page = browser.open(&two.url("/app/x")).await;
    assert_eq!(page.body, "staff Ada Admin");
    two.users(FRANK);
    let page = browser.open(&two.url(SIGN_IN_PARTNER)).await;
    assert_eq!(page.body, "partner Frank Fabrikam");
    browser
}

#[actix_web::test]
async fn one_browser_signs_in_at_both_with_four_cookies_of_their_own() {
    let two = Two::start(beside);
    let browser = both_signed_in(&two).await;
    let home = browser.open(&two.url("/")).await;
    assert_eq!(home.body, "staff Ada Admin, partner Frank Fabrikam");
    let names: BTreeSet<_> = browser.cookies("localhost").into_keys().collect();
    let port = two.port;
    let expected = [
        format!("aad-browser-{port}"),
        format!("aad-partners-browser-{port}"),
        format!("aad-partners-session-{port}"),
        format!("aad-session-{port}"),
    ];
    assert_eq!(names, BTreeSet::from(expected));
    // The extractors of the other instance find their own user, with their own roles.
    let page = browser.get(&two.url("/partners/app/reader")).await;
    assert_eq!(page.body, "reader Frank Fabrikam");
    let page = browser.get(&two.url("/partners/api/me")).await;
    assert_eq!(page.body, "Frank Fabrikam");
}

#[actix_web::test]
async fn a_session_of_one_opens_nothing_of_the_other() {
    let two = Two::start(beside);
    let browser = Browser::new();
    two.users(ADA);
    browser.open(&two.url("/app/x")).await;
    for path in [
        "/partners/app/x",
        "/partners/app/reader",
        "/partners/api/me",
    ] {
        let page = browser.fetch(&two.url(path)).await;
        assert_eq!(page.status, 401, "{path}");
        assert!(page.body.contains("\"login_url\":\"/partners/auth/sign_in"));
    }
    // Nor under the other's cookie name, where both even share a secret.
    let (_, value) = browser.session_cookie().unwrap();
    let name = &two.partners.config().cookies.session;
    browser.set_cookie("localhost", name, &value);
    assert_eq!(browser.fetch(&two.url("/partners/app/x")).await.status, 401);
    let home = browser.open(&two.url("/")).await;
    assert_eq!(home.body, "staff Ada Admin, partner nobody");
}

#[actix_web::test]
async fn a_callback_of_one_is_refused_by_the_other() {
    let two = Two::start(beside);
    let browser = Browser::new();
    two.users(ADA);
    let callback = browser.until_callback(&two.url("/app/x")).await;
    let other = callback.replace("/auth/redirect", "/partners/auth/redirect");
    let page = browser.get(&other).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("AAD-FLOW-STATE"), "{}", page.body);
    assert!(page.all("set-cookie").is_empty());
}

#[actix_web::test]
async fn a_sign_out_at_one_leaves_the_other() {
    let two = Two::start(beside);
    let browser = both_signed_in(&two).await;
    let answer = browser.post(&two.url("/partners/auth/sign_out"), "").await;
    assert!(answer.leads_on());
    let home = browser.open(&two.url("/")).await;
    assert_eq!(home.body, "staff Ada Admin, partner nobody");
}

#[actix_web::test]
async fn the_applications_own_session_data_coexist() {
    let two = Two::start(beside);
    let browser = Browser::new();
    assert_eq!(browser.get(&two.url("/count")).await.body, "1");
    let own = format!("aad-session-data-{}", two.port);
    let anonymous = browser.cookies("localhost")[&own].clone();
    two.users(ADA);
    browser.open(&two.url("/app/x")).await;
    assert_eq!(
        browser.get(&two.url("/count")).await.body,
        "1",
        "the staff's own"
    );
    let known = browser.cookies("localhost")[&own].clone();
    assert_ne!(known, anonymous, "its id is another one after a sign-in");
    // Neither a sign-in nor a sign-out at the other instance has to do with it.
    two.users(FRANK);
    browser.open(&two.url(SIGN_IN_PARTNER)).await;
    assert_eq!(browser.get(&two.url("/count")).await.body, "2");
    browser.post(&two.url("/partners/auth/sign_out"), "").await;
    assert_eq!(browser.get(&two.url("/count")).await.body, "3");
    browser.post(&two.url("/auth/sign_out"), "").await;
    assert_eq!(browser.get(&two.url("/count")).await.body, "1");
}

#[actix_web::test]
async fn application_data_of_one_user_do_not_reach_the_next_one() {
    let two = Two::start(beside);
    let browser = Browser::new();
    let count = async || browser.get(&two.url("/count")).await.body;
    for user in [ADA, ADA, ROBIN] {
        two.users(user);
        browser.open(&two.url("/app/x")).await;
        let same = user == ADA;
        if !same {
            assert_eq!(count().await, "1", "Robin does not have what was Ada's");
            break;
        }
        count().await;
        // As if it had run out.
        let cookies = browser.cookies("localhost");
        let session = cookies.keys().find(|name| name.starts_with("aad-session"));
        browser.forget_cookie("localhost", session.unwrap());
    }
    // And while the session of the one lives.
    two.users(ADA);
    browser
        .open(&two.url("/auth/sign_in?prompt=select_account"))
        .await;
    assert_eq!(count().await, "1");
    assert_eq!(count().await, "2");
}

#[actix_web::test]
async fn the_outer_middleware_lets_the_inner_ones_callback_through() {
    let two = Two::start(beside);
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let post = |path: &str| {
        let url = two.url(path);
        async move {
            let method = awc::http::Method::POST;
            let (browser, form) = (Browser::new(), Some("code=a&state=b"));
            let page = browser.send(method, &url, &headers, form).await;
            page.body.contains("AAD-CROSS-SITE")
        }
    };
    for path in ["/auth/redirect", "/partners/auth/redirect"] {
        assert!(!post(path).await, "{path}");
    }
    assert!(post("/partners/auth/sign_out").await);
}

#[actix_web::test]
async fn instances_that_do_not_know_of_each_other_answer_500() {
    let two = Two::start(|builder, _| builder.name("partners").prefix("/partners/auth"));
    let page = Browser::new().get(&two.url("/")).await;
    assert_eq!(page.status, 500);
}

fn refused(
    change: impl FnOnce(&mut Config),
    build: impl FnOnce(AuthBuilder) -> AuthBuilder,
) -> Option<InstanceConflict> {
    let host = "http://127.0.0.1:9";
    let staff = Auth::builder(staff_config(host, 5000)).build().unwrap();
    let mut config = partner_config(host, 5000);
    change(&mut config);
    match build(Auth::builder(config).beside(&staff)).build() {
        Ok(_) => None,
        Err(StartError::Instance(conflict)) => Some(conflict),
        Err(other) => panic!("{other}"),
    }
}

#[actix_web::test]
async fn what_two_instances_would_share_is_refused_at_the_start() {
    let unchanged = |_: &mut Config| {};
    let named = |builder: AuthBuilder| builder.name("partners").prefix("/partners/auth");
    assert_eq!(refused(unchanged, named), None);
    assert_eq!(
        refused(unchanged, |b| b.prefix("/partners/auth")),
        Some(InstanceConflict::Name)
    );
    for prefix in ["/auth", "/auth/partners"] {
        let found = refused(unchanged, |b| b.name("partners").prefix(prefix));
        assert_eq!(found, Some(InstanceConflict::Prefix), "{prefix}");
    }
    for path in ["/auth/redirect", "/auth/partners"] {
        let found = refused(
            |c| c.redirect_path = path.into(),
            |b| b.name("partners").prefix("/auth-of-partners"),
        );
        // It moves along with the prefix, unless it lies elsewhere.
        assert_eq!(found, None, "{path}");
        let elsewhere = |c: &mut Config| {
            c.route_prefix = "/partners/auth".into();
            c.redirect_path = path.into();
        };
        let found = refused(elsewhere, |b| b.name("partners"));
        assert_eq!(found, Some(InstanceConflict::RedirectPath), "{path}");
    }
    let found = refused(|c| *c = partner_config("http://127.0.0.1:9", 5001), named);
    assert_eq!(found, Some(InstanceConflict::Origin));
    for name in ["Partners", "a b", "a;b", &"a".repeat(33)] {
        let found = refused(unchanged, |b| b.name(name).prefix("/partners/auth"));
        assert_eq!(found, Some(InstanceConflict::BadName), "{name}");
    }
    let found = refused(unchanged, |b| b.name("partners").prefix("partners/"));
    assert_eq!(found, Some(InstanceConflict::BadPrefix));
}

#[actix_web::test]
async fn a_third_instance_is_compared_with_all_and_a_gone_one_with_none() {
    let host = "http://127.0.0.1:9";
    let staff = Auth::builder(staff_config(host, 5000)).build().unwrap();
    let build = |name: &str| {
        let builder = Auth::builder(partner_config(host, 5000)).name(name);
        builder
            .prefix(format!("/{name}/auth"))
            .beside(&staff)
            .build()
    };
    let partners = build("partners").unwrap();
    let again = build("partners");
    assert!(matches!(
        again,
        Err(StartError::Instance(InstanceConflict::Name))
    ));
    assert!(build("guests").is_ok());
    drop(partners);
    assert!(build("partners").is_ok());
}

async fn whoever(user: User) -> String {
    user.name().to_string()
}

async fn partner(user: User<Partners>) -> String {
    user.name().to_string()
}

#[actix_web::test]
async fn a_forgotten_mounting_line_answers_500() {
    let auth = Auth::builder(staff_config("http://127.0.0.1:9", 5000));
    let auth = auth.build().unwrap();
    let navigation = |path: &str| {
        let request = web_test::TestRequest::get().uri(path);
        request.insert_header(("accept", "text/html")).to_request()
    };
    let page = || {
        App::new()
            .route("/open", web::get().to(whoever))
            .route("/partner", web::get().to(partner))
            .service(
                web::scope("/app")
                    .wrap(auth.require_user())
                    .route("/x", web::get().to(whoever)),
            )
    };
    // Without routes: whoever is to sign in would be sent to a page that is not there.
    let app = web_test::init_service(page().wrap(auth.middleware())).await;
    for path in ["/open", "/app/x", "/partner"] {
        let answer = web_test::call_service(&app, navigation(path)).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    // Without the middleware.
    let app = web_test::init_service(page().configure(auth.routes())).await;
    for path in ["/open", "/app/x", "/auth/sign_in"] {
        let answer = web_test::call_service(&app, navigation(path)).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    // With both, and another instance's user asked for: never "anonymous".
    let app = page().configure(auth.routes()).wrap(auth.middleware());
    let app = web_test::init_service(app).await;
    for (path, status) in [("/open", 302), ("/app/x", 302), ("/partner", 500)] {
        let answer = web_test::call_service(&app, navigation(path)).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
}

#[actix_web::test]
async fn a_middleware_that_is_mounted_twice_is_one() {
    let auth = Auth::builder(staff_config("http://127.0.0.1:9", 5000));
    let auth = auth.build().unwrap();
    let app = App::new()
        .configure(auth.routes())
        .route(
            "/open",
            web::get()
                .to(|user: Option<User>| async move { user.map_or("nobody", |_| "somebody") }),
        )
        .wrap(auth.middleware())
        .wrap(auth.middleware());
    let app = web_test::init_service(app).await;
    let request = web_test::TestRequest::get().uri("/open").to_request();
    assert_eq!(web_test::call_and_read_body(&app, request).await, "nobody");
}

/// `actix_session` has one state for each request.
#[actix_web::test]
async fn application_data_of_two_instances_on_one_request_are_refused() {
    let host = "http://localhost:1";
    let staff = Auth::builder(staff_config(host, 1)).build().unwrap();
    let partners = beside(Auth::builder(partner_config(host, 1)), &staff).build();
    let partners = partners.unwrap();
    let app = App::new()
        .route("/", web::get().to(|| async { "served" }))
        .wrap(partners.application_session())
        .wrap(staff.application_session())
        .wrap(partners.middleware())
        .wrap(staff.middleware());
    let app = web_test::init_service(app).await;
    let request = web_test::TestRequest::get().uri("/").to_request();
    let answer = web_test::call_service(&app, request).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

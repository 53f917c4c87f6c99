//! Sign-ins that a third party begins (OpenID Connect Core 1.0 section 4; abuse C15, C16), and hints
//! in a link.

use entra_emulator::Emulator;
use url::form_urlencoded;

use crate::support::{ADA, App, Browser, TENANT, World};

fn world() -> World {
    let world = World::start();
    world.users(ADA);
    world
}

fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

fn start(world: &World, pairs: &[(&str, &str)]) -> String {
    world.app.url(&format!("/auth/sign_in?{}", query(pairs)))
}

#[actix_web::test]
async fn the_configured_issuer_may_begin_and_leads_to_an_address_of_ours() {
    let (world, browser) = (world(), Browser::new());
    let issuer = world.emulator.authority(TENANT);
    let target = world.app.url("/app/deep?x=1");
    let pairs = [
        ("iss", &*issuer),
        ("login_hint", ADA),
        ("target_link_uri", &*target),
    ];
    let first = browser.get(&start(&world, &pairs)).await;
    assert_eq!(first.parameter("login_hint").unwrap(), ADA);
    let page = browser.follow(first).await;
    assert_eq!(page.body, "/app/deep?x=1 for Ada Admin");
}

#[actix_web::test]
async fn c16_another_issuer_is_refused_and_never_called() {
    let (world, browser) = (world(), Browser::new());
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let evil = format!("http://{}", listener.local_addr().unwrap());
    let ours = world.emulator.authority(TENANT);
    for iss in [
        &evil,
        &format!("{evil}/{TENANT}/v2.0"),
        &format!("{ours}/"),
        &ours.replace("v2.0", "v1.0"),
        &ours.replace('1', "2"),
        "https://login.microsoftonline.com/common/v2.0",
        "",
        "javascript:alert(1)",
    ] {
        let pairs = [
            ("iss", iss),
            ("login_hint", &*evil),
            ("target_link_uri", &*evil),
        ];
        let page = browser.get(&start(&world, &pairs)).await;
        assert_eq!(page.status, 400, "{iss}");
        assert!(page.body.contains("AAD-FLOW-INITIATOR"), "{}", page.body);
        assert!(page.header("location").is_none() && page.all("set-cookie").is_empty());
        assert!(!page.body.contains(&evil), "{}", page.body);
    }
    assert!(listener.accept().is_err(), "somebody called");
}

#[actix_web::test]
async fn c15_a_target_of_another_origin_becomes_the_home_page() {
    let world = world();
    let issuer = world.emulator.authority(TENANT);
    let own = world.app.url("");
    for target in [
        "https://evil.test/app/x".to_owned(),
        format!("{own}.evil.test/"),
        format!("{own}@evil.test/"),
        format!("{own}//evil.test/"),
        "//evil.test/".to_owned(),
        "javascript:alert(1)".to_owned(),
        String::new(),
    ] {
        let browser = Browser::new();
        let pairs = [("iss", &*issuer), ("target_link_uri", &*target)];
        let callback = browser.until_callback(&start(&world, &pairs)).await;
        let page = browser.get(&callback).await;
        assert_eq!(page.location().as_str(), world.app.url("/"), "{target}");
    }
}

#[actix_web::test]
async fn a_form_of_a_third_party_is_answered_like_a_link_and_sets_no_cookie() {
    let (world, browser) = (world(), Browser::new());
    browser.get(&world.app.url("/auth/sign_in")).await;
    let binding = browser.binding_cookie().unwrap();
    let issuer = world.emulator.authority(TENANT);
    let target = world.app.url("/app/deep");
    let form = query(&[
        ("iss", &issuer),
        ("target_link_uri", &target),
        ("prompt", "login"),
        ("client_id", "evil"),
    ]);
    let answer = browser
        .post_across(&world.app.url("/auth/sign_in"), &form)
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location().path(), "/auth/sign_in");
    assert!(answer.all("set-cookie").is_empty());
    assert!(!answer.location().as_str().contains("evil"));
    assert_eq!(answer.parameter("prompt"), None);
    let first = browser.get(answer.location().as_str()).await;
    assert_eq!(browser.binding_cookie().unwrap().1[..22], binding.1[..22]);
    assert_eq!(browser.follow(first).await.body, "/app/deep for Ada Admin");

    let form = query(&[("iss", "https://evil.test/")]);
    let answer = browser
        .post_across(&world.app.url("/auth/sign_in"), &form)
        .await;
    assert_eq!(answer.location().host_str(), Some("localhost"));
    let page = browser.get(answer.location().as_str()).await;
    assert_eq!(page.status, 400);
}

#[actix_web::test]
async fn with_several_tenants_the_issuer_must_have_the_templates_form() {
    const MULTI: &str = "00001111-aaaa-4222-8333-000000000002";
    let emulator = Emulator::builder().start().unwrap();
    let app = App::start(&emulator, |source| {
        source
            .with("AAD_TENANT_ID", "organizations")
            .with("AAD_CLIENT_ID", MULTI)
            .with("AAD_ALLOWED_TENANTS", TENANT)
    });
    let world = World { emulator, app };
    let good = world.emulator.authority(TENANT);
    let origin = world.emulator.url().to_string();
    for (iss, status) in [
        (good.clone(), 302),
        (good.replace(TENANT, "{tenantid}"), 400),
        (good.replace(TENANT, "common"), 400),
        (good.replace(&origin, "https://evil.test/"), 400),
        (format!("{good}/{TENANT}"), 400),
    ] {
        let page = Browser::new().get(&start(&world, &[("iss", &iss)])).await;
        assert_eq!(page.status, status, "{iss}");
    }
}

#[actix_web::test]
async fn c17_only_configured_domain_hints_reach_the_provider() {
    let world =
        World::with(|source| source.with("AAD_DOMAIN_HINTS", "northwind.example.test, consumers"));
    for (hint, sent) in [
        ("northwind.example.test", Some("northwind.example.test")),
        ("NORTHWIND.example.test", Some("northwind.example.test")),
        ("consumers", Some("consumers")),
        ("organizations", None),
        ("evil.test", None),
        ("northwind.example.test,consumers", None),
        ("consumers&prompt=none", None),
        ("", None),
    ] {
        let first = Browser::new()
            .get(&start(&world, &[("domain_hint", hint)]))
            .await;
        assert_eq!(first.status, 302);
        assert_eq!(first.parameter("domain_hint").as_deref(), sent, "{hint}");
    }
}

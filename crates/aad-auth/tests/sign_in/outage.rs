//! The provider is away, slow or broken: pages, never a hang and never a lost session.

use std::time::{Duration, Instant};

use entra_emulator::{Endpoint, Fault};

use crate::support::{ADA, App, Browser, World};

#[actix_web::test]
async fn f4_a_provider_that_is_down_at_the_start_gives_503_at_once_and_recovers() {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let app = App::start_at(&format!("http://127.0.0.1:{port}"), |s| s, |b| b);
    let browser = Browser::new();
    assert_eq!(browser.get(&app.url("/")).await.body, "nobody");
    let began = Instant::now();
    let page = browser.get(&app.url("/auth/sign_in")).await;
    assert_eq!(page.status, 503);
    assert!(page.header("retry-after").is_some());
    assert!(page.body.contains("AAD-PROVIDER-UNAVAILABLE"));
    assert!(began.elapsed() < Duration::from_secs(3));
    let status = app.auth.status().await;
    assert!(status.ready && !status.degraded.is_empty(), "{status:?}");
    let emulator = entra_emulator::Emulator::builder()
        .port(port)
        .start()
        .unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    for _ in 0..60 {
        actix_web::rt::time::sleep(Duration::from_millis(250)).await;
        if browser.get(&app.url("/auth/sign_in")).await.status == 302 {
            assert_eq!(browser.open(&app.url("/app/x")).await.status, 200);
            return;
        }
    }
    panic!("did not recover in the same process");
}

#[actix_web::test]
async fn r85_keys_that_need_more_than_three_seconds_at_the_first_contact_are_waited_for() {
    let emulator = entra_emulator::Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let faults = emulator.control().faults();
    faults.set(Fault::delay(Endpoint::Keys, 8_000));
    let app = App::start(&emulator, |source| {
        source.with("AAD_PROVIDER_TIMEOUT", "60s")
    });
    let page = Browser::new().open(&app.url("/app/x")).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

#[actix_web::test]
async fn a_token_endpoint_that_fails_gives_a_page_and_works_again_at_once() {
    let world = World::start();
    world.users(ADA);
    let faults = world.emulator.control().faults();
    for (fault, status) in [
        (Fault::status(Endpoint::Token, 500), 503),
        (Fault::html(Endpoint::Token, 502), 503),
        (Fault::html(Endpoint::Token, 200), 502),
        (Fault::body(Endpoint::Token, "[]"), 502),
        (Fault::cut(Endpoint::Token), 503),
        (Fault::close(Endpoint::Token), 503),
        (Fault::throttled(Endpoint::Token, "2"), 503),
        (Fault::huge(Endpoint::Token, 10 << 20), 502),
        (Fault::deep(Endpoint::Token, 100_000), 502),
        (
            Fault::redirect(Endpoint::Token, 307, "http://127.0.0.1:9/"),
            502,
        ),
    ] {
        let name = format!("{fault:?}");
        let browser = Browser::new();
        let callback = browser.until_callback(&world.app.url("/app/x")).await;
        faults.set(fault.once());
        let page = browser.get(&callback).await;
        assert_eq!(page.status, status, "{name}: {}", page.body);
        assert!(page.body.contains("AAD-PROVIDER"), "{name}: {}", page.body);
        // Where trying again may help, it leads where the user wanted to go.
        let again = "sign_in?return_to=%2Fapp%2Fx";
        let may_help = page.body.contains("Try again");
        assert!(may_help || status != 503, "{name}: {}", page.body);
        assert!(!may_help || page.body.contains(again), "{name}");
        assert!(browser.session_cookie().is_none());
        faults.clear();
        assert_eq!(
            browser.open(&world.app.url("/app/x")).await.status,
            200,
            "{name}"
        );
    }
}

#[actix_web::test]
async fn a_provider_that_drips_holds_nobody_beyond_the_deadline() {
    let world = World::with(|source| source.with("AAD_PROVIDER_TIMEOUT", "1s"));
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    world
        .emulator
        .control()
        .faults()
        .set(Fault::drip(Endpoint::Token).once());
    let began = Instant::now();
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 503);
    assert!(
        began.elapsed() < Duration::from_secs(4),
        "{:?}",
        began.elapsed()
    );
}

#[actix_web::test]
async fn those_who_are_signed_in_stay_signed_in() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let faults = world.emulator.control().faults();
    faults.set(Fault::close(Endpoint::Discovery));
    faults.set(Fault::close(Endpoint::Keys));
    faults.set(Fault::close(Endpoint::Token));
    assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 200);
}

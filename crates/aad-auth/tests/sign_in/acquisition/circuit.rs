//! The circuit breaker of a downstream host, as pages see it.

use std::time::{Duration, Instant};

use entra_emulator::{Endpoint, Fault};

use super::support::until;
use crate::support::{ADA, Browser, Page, ROBIN, World};

async fn graph(world: &World, browser: &Browser) -> Page {
    browser.fetch(&world.app.url("/app/graph")).await
}

fn asked(world: &World) -> usize {
    world.emulator.control().count_calls(Endpoint::Graph)
}

#[actix_web::test]
async fn w12_an_api_that_fails_is_not_asked_for_a_while_and_then_by_one_call() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let faults = world.emulator.control().faults();
    faults.set(Fault::status(Endpoint::Graph, 500));
    for _ in 0..3 {
        assert_eq!(graph(&world, &ada).await.status, 503);
        assert_eq!(graph(&world, &robin).await.status, 503);
    }
    let (before, began) = (asked(&world), Instant::now());
    assert_eq!(before, 5, "the fifth failure opens the circuit");
    let page = graph(&world, &ada).await;
    assert_eq!(page.status, 503);
    let wait: u64 = page.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=5).contains(&wait), "{wait}");
    assert!(page.body.contains("AAD-DOWNSTREAM"), "{}", page.body);
    assert_eq!(asked(&world), before, "answered here");
    assert!(began.elapsed() < Duration::from_secs(4));
    let status = world.app.auth.status().await;
    assert!(status.ready && status.degraded.is_empty());
    assert_eq!(ada.fetch(&world.app.url("/app/x")).await.status, 200);

    faults.clear();
    until("the circuit closes", async || {
        graph(&world, &robin).await.status == 200
    })
    .await;
    assert_eq!(graph(&world, &ada).await.status, 200);
    assert_eq!(asked(&world), before + 2);
}

#[actix_web::test]
async fn w12_one_user_whose_calls_fail_takes_the_api_from_no_other_user() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let faults = world.emulator.control().faults();
    faults.set(Fault::status(Endpoint::Graph, 504));
    for _ in 0..20 {
        assert_eq!(graph(&world, &ada).await.status, 503);
    }
    faults.clear();
    assert_eq!(graph(&world, &robin).await.status, 200);
}

#[actix_web::test]
async fn w12_answers_that_are_no_failure_of_the_api_open_no_circuit() {
    let world = World::start();
    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let faults = world.emulator.control().faults();
    for fault in [
        Fault::status(Endpoint::Graph, 400),
        Fault::status(Endpoint::Graph, 403),
        Fault::status(Endpoint::Graph, 404),
        Fault::throttled(Endpoint::Graph, "7"),
        Fault::html(Endpoint::Graph, 200),
        Fault::huge(Endpoint::Graph, 10 << 20),
    ] {
        faults.set(fault);
        for _ in 0..4 {
            graph(&world, &ada).await;
            graph(&world, &robin).await;
        }
        faults.clear();
        assert_eq!(graph(&world, &ada).await.status, 200);
    }
}

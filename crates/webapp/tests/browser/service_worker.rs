//! Applications with a service worker, which answers every navigation by a request of its own.

use entra_emulator::Endpoint;
use serde_json::json;

use crate::support::{ADA, Browser, World, open_browser};

const PASS_THROUGH: &str = "event.respondWith(fetch(event.request))";
const NETWORK_FIRST: &str = "event.respondWith((async () => {
    try { return await fetch(event.request); }
    catch { return (await caches.match(event.request)) || Response.error(); }
  })())";

/// The application with a worker that answers navigations so.
fn world_with(answer: &str) -> World {
    World::with_worker(format!(
        "self.addEventListener('install', () => self.skipWaiting());
         self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
         self.addEventListener('fetch', (event) => {{ {answer} }});"
    ))
}

/// Registers the worker, and waits until it answers for all pages of the site.
async fn install(browser: &Browser, world: &World) {
    browser.open(&world.url("/worker-page")).await;
    let register = "return navigator.serviceWorker.register('/worker.js', { scope: '/' })
        .then(() => navigator.serviceWorker.ready)
        .then(() => navigator.serviceWorker.controller !== null || new Promise((done) =>
            navigator.serviceWorker.addEventListener('controllerchange', () => done(true))))";
    assert_eq!(browser.script(register).await, json!(true));
}

async fn signs_in_through(answer: &str) {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = world_with(answer);
    install(&browser, &world).await;
    world.users(Some(ADA));
    browser.open(&world.url("/token_details?x=1")).await;
    browser.arrive(&world.url("/token_details?x=1")).await;
    assert_eq!(world.who(&browser).await, ADA);
    let controlled = "return navigator.serviceWorker.controller !== null";
    assert_eq!(browser.script(controlled).await, json!(true));
}

#[actix_web::test]
async fn r20_a_worker_that_passes_navigations_on_does_not_stop_a_sign_in() {
    signs_in_through(PASS_THROUGH).await;
}

#[actix_web::test]
async fn r20_a_worker_that_asks_the_network_first_does_not_stop_a_sign_in() {
    signs_in_through(NETWORK_FIRST).await;
}

/// A frame of a page of ours, or of another site, must not begin a sign-in that nobody sees.
async fn starts_nothing_in_a_frame(answer: &str) {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = world_with(answer);
    install(&browser, &world).await;
    world.users(Some(ADA));
    let frame = "const frame = document.createElement('iframe');
        const loaded = new Promise((done) => frame.addEventListener('load', done));
        frame.src = '/token_details';
        document.body.append(frame);
        return loaded.then(() => navigator.serviceWorker.controller !== null)";
    assert_eq!(browser.script(frame).await, json!(true));
    let control = world.emulator.control();
    assert_eq!(control.count_calls(Endpoint::Authorize), 0);
    assert!(world.who(&browser).await.is_null());
}

#[actix_web::test]
async fn r107_a_frame_whose_navigation_a_worker_passes_on_starts_no_sign_in() {
    starts_nothing_in_a_frame(PASS_THROUGH).await;
}

#[actix_web::test]
async fn r107_a_frame_whose_navigation_a_worker_takes_to_the_network_starts_no_sign_in() {
    starts_nothing_in_a_frame(NETWORK_FIRST).await;
}

#[actix_web::test]
async fn r20_a_form_of_another_site_gains_nothing_by_a_worker() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = world_with(PASS_THROUGH);
    install(&browser, &world).await;
    world.sign_in(&browser, ADA, "/groups").await;
    let form = format!(
        "data:text/html,<form method='post' action='{}'><button>Go</button></form>",
        world.url("/auth/sign_out")
    );
    browser.open(&form).await;
    browser.leaving().await;
    browser.press("Go").await;
    browser.arrive(&world.url("/auth/sign_out")).await;
    let text = browser.text().await;
    assert!(text.contains("came from another site"), "{text}");
    browser.open(&world.url("/groups")).await;
    assert_eq!(world.who(&browser).await, ADA);
}

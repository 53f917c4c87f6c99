//! Sign-out, and what the browser still shows after it (abuse D24).

use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, http::header, web};
use entra_emulator::{Endpoint, Fault};

use crate::support::{ADA, Browser, World, open_browser};

/// What only a signed-in person may see.
const PRIVATE: [&str; 3] = ["Ada Admin", ADA, "Head of Operations"];

async fn assert_nothing_private(browser: &Browser) {
    let text = browser.text().await;
    let shown = PRIVATE.iter().find(|words| text.contains(**words));
    assert_eq!(shown, None, "{}", browser.url().await);
}

async fn sign_out_by_the_menu(browser: &Browser, world: &World) {
    browser.click("details.person summary").await;
    browser.press("Sign out").await;
    browser.arrive(&world.url("/auth/post_sign_out")).await;
}

#[actix_web::test]
async fn back_after_a_sign_out_shows_no_private_page() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.sign_in(&browser, ADA, "/").await;
    for page in ["/token_details", "/call_ms_graph", "/sessions"] {
        browser.open(&world.url(page)).await;
        assert!(browser.text().await.contains("Ada Admin"), "{page}");
    }
    sign_out_by_the_menu(&browser, &world).await;
    assert_nothing_private(&browser).await;
    assert_eq!(browser.complaints().await, [""; 0]);
    let private = ["/sessions", "/call_ms_graph", "/token_details", "/"];
    for _ in private {
        browser.back().await;
        // A guarded page leads to the provider, whose picker offers its accounts by name.
        let url = browser.url().await;
        if url.as_str().starts_with(&world.site) {
            assert_nothing_private(&browser).await;
        }
        assert_eq!(
            browser
                .script("return document.querySelector('details.person')")
                .await,
            serde_json::Value::Null
        );
    }
}

#[actix_web::test]
async fn a_signed_out_browser_is_asked_again_at_the_provider() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    browser.open(&world.url("/token_details")).await;
    browser.press("Ada Admin").await;
    browser.arrive(&world.url("/token_details")).await;
    sign_out_by_the_menu(&browser, &world).await;
    assert!(world.who(&browser).await.is_null());
    browser.open(&world.url("/token_details")).await;
    browser.arrive(&world.provider()).await;
    assert!(browser.text().await.contains("Ada Admin"));
}

#[actix_web::test]
async fn w30_back_to_the_signed_out_page_after_a_new_sign_in_says_so() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.sign_in(&browser, ADA, "/groups").await;
    sign_out_by_the_menu(&browser, &world).await;
    let text = browser.text().await;
    assert!(text.contains("You are signed out"), "{text}");
    let signed_out = browser.url().await;
    world.sign_in(&browser, ADA, "/groups").await;
    browser.back().await;
    browser.arrive(signed_out.as_str()).await;
    let text = browser.text().await;
    assert!(text.contains("You are still signed in"), "{text}");
    assert_eq!(world.who(&browser).await, ADA);
    // Its form signs out, through the provider and back.
    browser.leaving().await;
    browser.click("main form button").await;
    browser.arrive(&world.url("/auth/post_sign_out?")).await;
    let text = browser.text().await;
    assert!(text.contains("You are signed out"), "{text}");
    assert!(world.who(&browser).await.is_null());
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[actix_web::test]
async fn a_form_sent_after_the_session_has_ended_is_answered_by_a_way_back() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.sign_in(&browser, ADA, "/sessions").await;
    world.end_sessions_of_ada().await;
    world.users(Some(ADA));
    browser.leaving().await;
    browser.press("Sign out everywhere").await;
    browser.arrive(&world.url("/sessions")).await;
    let text = browser.text().await;
    assert!(text.contains("You are not signed in"), "{text}");
    assert_nothing_private(&browser).await;
    browser.leaving().await;
    browser.click("main a.button").await;
    // Signed in again, and on a page: the form itself was not kept.
    browser.arrive(&world.site).await;
    assert_eq!(world.who(&browser).await, ADA);
}

#[actix_web::test]
async fn a_sign_out_at_the_provider_ends_the_session_here_by_a_frame_of_another_site() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::over_https(|source| source);
    world.register_front_channel();
    world.sign_in(&browser, ADA, "/token_details").await;
    let tab = browser.new_tab().await;
    browser.open(&world.provider_sign_out()).await;
    browser.leaving().await;
    browser.press("Ada Admin").await;
    // Loading includes the frames.
    browser.arrive(&world.provider()).await;
    let frames = "return [...document.querySelectorAll('iframe')].map((frame) => frame.src)";
    let frames = browser.script(frames).await.to_string();
    assert!(frames.contains("/auth/front_channel_sign_out?"), "{frames}");
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.switch_to(&tab).await;
    browser.open(&world.url("/")).await;
    assert_eq!(world.who(&browser).await, serde_json::Value::Null);
    assert!(browser.text().await.contains("You are not signed in"));
}

/// A host that answers everything by a redirect to `target`; returns its address.
fn host_that_leads_to(ip: &str, target: String) -> String {
    let listener = TcpListener::bind((ip, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(move || {
        let target = target.clone();
        let lead = move || {
            let location = (header::LOCATION, target.clone());
            async move { HttpResponse::Found().insert_header(location).finish() }
        };
        App::new().default_service(web::to(lead))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap();
    actix_web::rt::spawn(server.run());
    format!("http://{address}/onward")
}

#[actix_web::test]
async fn r24_a_provider_that_signs_out_over_further_hosts_is_followed_to_the_end() {
    let Some(browser) = open_browser().await else {
        return;
    };
    let world = World::new();
    world.sign_in(&browser, ADA, "/groups").await;
    // The hosts of a broker, none of which any policy of ours names.
    let last = host_that_leads_to("127.0.0.3", world.url("/auth/post_sign_out"));
    let first = host_that_leads_to("127.0.0.2", last);
    let faults = world.emulator.control().faults();
    faults.set(Fault::redirect(Endpoint::Logout, 302, &first));
    sign_out_by_the_menu(&browser, &world).await;
    let text = browser.text().await;
    assert!(text.contains("You are not signed in"), "{text}");
    assert!(world.who(&browser).await.is_null());
    assert_eq!(browser.complaints().await, [""; 0]);
    // Also from the crate's own page, which asks first.
    world.sign_in(&browser, ADA, "/groups").await;
    browser.open(&world.url("/auth/sign_out")).await;
    browser.press("Sign out everywhere").await;
    browser.arrive(&world.url("/auth/post_sign_out")).await;
    assert_eq!(browser.complaints().await, [""; 0]);
}

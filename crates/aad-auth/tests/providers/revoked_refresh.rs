//! What becomes of a session whose refresh token the provider refuses, in the words of each product.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    browser::Browser,
    journey::{Settings, World},
    product::{Expected, Product},
};

const HOUR: Duration = Duration::from_secs(3601);

type Answer = (u16, &'static str, String);

async fn signed_in(product: &Product) -> (World, Browser) {
    let world = World::start(product, Settings::Complete);
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (world, browser)
}

fn refuse(world: &World, answer: Answer) {
    *world.provider.state.refresh_answer.lock().unwrap() = Some(answer);
}

fn asked(world: &World) -> usize {
    *world.provider.state.refused_refreshes.lock().unwrap()
}

async fn until(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !happened().await {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Lets time pass until the provider was asked once more.
async fn rechecked(world: &World, browser: &Browser, what: &str) {
    let before = asked(world);
    // Once: a recheck that has just failed must not be due again while this one is waited for.
    world.clock.advance(HOUR);
    until(what, async || {
        world.lives(browser).await;
        actix_web::rt::time::sleep(Duration::from_millis(30)).await;
        asked(world) > before
    })
    .await;
}

#[actix_web::test]
async fn r71_a_revoked_refresh_token_ends_the_session_in_the_words_of_each_product() {
    for (name, product) in Product::all() {
        let refreshes = product.answer.get("refresh_token").is_some();
        if product.expected == Expected::Cannot || !refreshes {
            continue;
        }
        let (world, browser) = signed_in(&product).await;
        let used = (product.used_code.status, product.used_code.body.clone());
        let (status, body) = product.revoked_refresh.clone().unwrap_or(used);
        refuse(&world, (status, "application/json", body.to_string()));
        world.clock.advance(HOUR);
        until(&format!("{name} ends it"), async || {
            !world.lives(&browser).await
        })
        .await;
        assert_eq!(asked(&world), 1, "{name}");
        let status = world.app.auth.status().await;
        assert!(status.degraded.is_empty(), "{name}: {status:?}");
        let refreshes = world.app.auth.metrics().refreshes;
        assert_eq!(
            refreshes.get("session_ended"),
            Some(&1),
            "{name}: {refreshes:?}"
        );
        let page = world.sign_in(&browser).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
    }
}

/// Any word with status 400: the request holds nothing else that could be wrong.
#[actix_web::test]
async fn r71_a_400_ends_the_session_whatever_its_word() {
    for word in [
        "invalid_request",
        "invalid_token",
        "token_revoked",
        "invalid_scope",
    ] {
        let (world, browser) = signed_in(&Product::read("dex")).await;
        let body = json!({"error": word}).to_string();
        refuse(&world, (400, "application/json", body));
        world.clock.advance(HOUR);
        until(word, async || !world.lives(&browser).await).await;
        assert_eq!(asked(&world), 1, "{word}");
    }
}

/// Answers that say neither that the grant is gone nor that the provider is away.
fn unclear() -> Vec<Answer> {
    let json = |status, body: &str| (status, "application/json", body.to_owned());
    vec![
        // Slack's way to say it.
        json(200, r#"{"ok":false,"error":"token_revoked"}"#),
        json(401, r#"{"error":"invalid_token"}"#),
        json(403, r#"{"error":"access_denied"}"#),
        json(404, "{}"),
        json(400, "{}"),
        json(200, "{}"),
        (200, "text/html", "<h1>Maintenance</h1>".to_owned()),
        (400, "text/html", "<h1>Blocked</h1>".to_owned()),
        (302, "text/html", String::new()),
    ]
}

#[actix_web::test]
async fn r72_three_rechecks_in_a_row_that_fail_without_an_outage_end_the_session() {
    for answer in unclear() {
        let what = format!("{answer:?}");
        let (world, browser) = signed_in(&Product::read("keycloak")).await;
        refuse(&world, answer);
        for number in 1..=2 {
            rechecked(&world, &browser, &what).await;
            assert!(world.lives(&browser).await, "{what}: ended after {number}");
        }
        rechecked(&world, &browser, &what).await;
        until(&what, async || !world.lives(&browser).await).await;
        let page = world.sign_in(&browser).await;
        assert_eq!(page.status, 200, "{what}: {}", page.body);
    }
}

#[actix_web::test]
async fn r72_an_outage_ends_no_session_however_long_it_lasts() {
    let json = |status, body: &str| (status, "application/json", body.to_owned());
    for answer in [
        json(503, "{}"),
        json(429, "{}"),
        json(500, r#"{"error":"invalid_grant"}"#),
        json(400, r#"{"error":"temporarily_unavailable"}"#),
        json(400, r#"{"error":"server_error"}"#),
        json(400, r#"{"error":"invalid_grant","error_codes":[50196]}"#),
        json(400, r#"{"error":"invalid_grant","error_codes":[90055]}"#),
    ] {
        let what = format!("{answer:?}");
        let (world, browser) = signed_in(&Product::read("keycloak")).await;
        refuse(&world, answer);
        for _ in 0..6 {
            rechecked(&world, &browser, &what).await;
        }
        assert!(world.lives(&browser).await, "{what}");
        *world.provider.state.refresh_answer.lock().unwrap() = None;
        until(&what, async || {
            world.clock.advance(HOUR);
            assert!(world.lives(&browser).await, "{what}");
            *world.provider.state.refreshes.lock().unwrap() > 0
        })
        .await;
    }
}

#[actix_web::test]
async fn r72_a_good_recheck_between_begins_the_count_anew() {
    let (world, browser) = signed_in(&Product::read("keycloak")).await;
    for round in 1..=3 {
        refuse(&world, (404, "application/json", "{}".to_owned()));
        for _ in 0..2 {
            rechecked(&world, &browser, "refused").await;
        }
        *world.provider.state.refresh_answer.lock().unwrap() = None;
        until("a good one", async || {
            world.clock.advance(HOUR);
            assert!(world.lives(&browser).await);
            actix_web::rt::time::sleep(Duration::from_millis(30)).await;
            *world.provider.state.refreshes.lock().unwrap() >= round
        })
        .await;
        // Until what is known of it in this process has followed.
        let counted = u64::try_from(round).unwrap();
        until("it is counted", async || {
            let refreshes = world.app.auth.metrics().refreshes;
            refreshes
                .get("renewed")
                .is_some_and(|good| *good >= counted)
        })
        .await;
    }
    assert!(world.lives(&browser).await);
}

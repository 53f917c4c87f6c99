//! `response_mode=form_post`: the provider's page posts the response across sites, where our
//! cookies do not go; a page of our own posts it on (abuse C13).

use awc::http::Method;
use entra_emulator::Endpoint;

use crate::support::{ADA, Browser, Page, ROBIN, World};

fn world() -> World {
    let world = World::with(|source| source.with("AAD_RESPONSE_MODE", "form_post"));
    world.users(ADA);
    world
}

fn token_calls(world: &World) -> usize {
    world.emulator.control().count_calls(Endpoint::Token)
}

/// Walks to the provider's page that posts the response, and returns its form.
async fn response(world: &World, browser: &Browser, path: &str) -> (String, String) {
    let page = browser.open(&world.app.url(path)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let form = page.form();
    assert_eq!(form.0, world.app.url("/auth/redirect"));
    form
}

/// The whole way up to the answer of the callback.
async fn returned(world: &World, browser: &Browser, path: &str) -> Page {
    let (action, fields) = response(world, browser, path).await;
    let hop = browser.post_across(&action, &fields).await;
    let (action, fields) = hop.form();
    browser.post(&action, &fields).await
}

#[actix_web::test]
async fn a_response_posted_across_sites_hops_over_a_page_of_ours_and_signs_in() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/deep?x=1").await;
    let hop = browser.post_across(&action, &fields).await;
    assert_eq!(hop.status, 200);
    assert!(hop.all("set-cookie").is_empty());
    assert_eq!(
        token_calls(&world),
        0,
        "nothing is redeemed without the cookie"
    );
    let (again, posted_on) = hop.form();
    assert_eq!(again, action);
    assert!(posted_on.ends_with("&hop=1"), "{posted_on}");
    let page = browser.post(&again, &posted_on).await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location().as_str(), world.app.url("/app/deep?x=1"));
    for cookie in page.all("set-cookie") {
        assert!(cookie.contains("SameSite=Lax"), "{cookie}");
    }
    let page = browser.follow(page).await;
    assert_eq!(page.body, "/app/deep?x=1 for Ada Admin");
}

#[actix_web::test]
async fn the_page_of_the_hop_has_nothing_inline_and_works_by_a_button_without_script() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let hop = browser.post_across(&action, &fields).await;
    let policy = hop.header("content-security-policy").unwrap();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(hop.header("cache-control"), Some("no-store"));
    assert_eq!(hop.header("referrer-policy"), Some("no-referrer"));
    assert!(hop.body.contains("<noscript>") && hop.body.contains("<button "));
    let handlers = hop.body.split_whitespace();
    let mut handlers = handlers.filter(|word| word.starts_with("on") && word.contains('='));
    assert!(handlers.next().is_none() && !hop.body.contains("style="));
    let (_, script) = hop.body.split_once("<script src=\"").unwrap();
    let (script, rest) = script.split_once('"').unwrap();
    assert!(rest.starts_with("></script>"), "{rest}");
    let script = browser.fetch(&world.app.url(script)).await;
    assert_eq!(script.status, 200);
    assert!(
        script
            .header("content-type")
            .unwrap()
            .starts_with("text/javascript")
    );
    assert!(script.body.contains("submit()"));
}

#[actix_web::test]
async fn only_known_fields_are_on_the_page_and_they_are_escaped() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let markup = "%22%3E%3Cscript%3Eevil%3C%2Fscript%3E";
    let fields = format!("{fields}&error_description={markup}&evil={markup}&id_token=a.b.c");
    let hop = browser.post_across(&action, &fields).await;
    assert_eq!(hop.status, 200);
    assert!(!hop.body.contains("<script>evil"), "{}", hop.body);
    assert_eq!(hop.body.matches("<script").count(), 1);
    let (_, posted_on) = hop.form();
    assert!(posted_on.contains(&format!("error_description={markup}")));
    assert!(!posted_on.contains("evil=") && !posted_on.contains("id_token"));
}

#[actix_web::test]
async fn a_second_hop_is_refused_and_sets_no_cookie() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let binding = browser.binding_cookie();
    let page = browser
        .post_across(&action, &format!("{fields}&hop=1"))
        .await;
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("AAD-FLOW-COOKIE-MISSING"),
        "{}",
        page.body
    );
    assert!(page.all("set-cookie").is_empty());
    assert_eq!(browser.binding_cookie(), binding);
    assert_eq!(token_calls(&world), 0);
}

#[actix_web::test]
async fn a_form_of_another_site_never_touches_a_session() {
    let (world, browser) = (world(), Browser::new());
    let page = returned(&world, &browser, "/app/x").await;
    assert_eq!(page.status, 303);
    let (session, calls) = (browser.session_cookie(), token_calls(&world));
    // The attacker's response, posted in the victim's browser: first across, then by our page.
    world.users(ROBIN);
    let attacker = Browser::new();
    let (action, fields) = response(&world, &attacker, "/app/attackers").await;
    let hop = browser.post_across(&action, &fields).await;
    let (action, fields) = hop.form();
    let page = browser.post(&action, &fields).await;
    assert_eq!(page.status, 303, "the session serves");
    assert!(page.all("set-cookie").is_empty());
    assert_eq!(
        (browser.session_cookie(), token_calls(&world)),
        (session, calls)
    );
    let home = browser.open(&world.app.url("/")).await;
    assert_eq!(home.body, "hello Ada Admin");
}

#[actix_web::test]
async fn the_attackers_response_restarts_as_the_victims_own_attempt() {
    let world = world();
    let (attacker, victim) = (Browser::new(), Browser::new());
    let (action, fields) = response(&world, &attacker, "/app/attackers").await;
    victim.get(&world.app.url("/auth/sign_in")).await;
    let hop = victim.post_across(&action, &fields).await;
    let (action, fields) = hop.form();
    let page = victim.post(&action, &fields).await;
    // No redirect: Chromium would hold the provider's addresses against the form's policy.
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("http-equiv=\"refresh\""),
        "{}",
        page.body
    );
    assert_eq!(
        token_calls(&world),
        0,
        "the attacker's code is never redeemed"
    );
    world.users(ROBIN);
    let provider = victim.open(&page.link()).await;
    let (action, fields) = provider.form();
    let hop = victim.post_across(&action, &fields).await;
    let (action, fields) = hop.form();
    let page = victim.post(&action, &fields).await;
    let page = victim.follow(page).await;
    assert_eq!(page.body, "/app/attackers for Robin Reader");
}

#[actix_web::test]
async fn a_replayed_form_redeems_once() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let hop = browser.post_across(&action, &fields).await;
    let (action, posted_on) = hop.form();
    let first = browser.post(&action, &posted_on).await;
    assert_eq!(first.status, 303);
    let session = browser.session_cookie();
    for _ in 0..2 {
        let again = browser.post(&action, &posted_on).await;
        assert_eq!(again.status, 303);
        assert_eq!(again.location(), first.location());
        assert!(again.all("set-cookie").is_empty());
    }
    assert_eq!(
        (browser.session_cookie(), token_calls(&world)),
        (session, 1)
    );
}

#[actix_web::test]
async fn a_code_in_the_address_is_refused() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let page = browser.get(&format!("{action}?{fields}")).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("AAD-FLOW-RESPONSE"), "{}", page.body);
    assert_eq!(token_calls(&world), 0);
    assert!(browser.session_cookie().is_none());
}

#[actix_web::test]
async fn an_error_is_a_page_in_the_form_and_in_the_address() {
    let (world, browser) = (world(), Browser::new());
    let (action, fields) = response(&world, &browser, "/app/x").await;
    let state = fields
        .split('&')
        .find(|pair| pair.starts_with("state="))
        .unwrap();
    let error = format!("error=access_denied&{state}");
    let hop = browser.post_across(&action, &error).await;
    let (action, posted_on) = hop.form();
    for page in [
        browser.post(&action, &posted_on).await,
        browser.get(&format!("{action}?{error}")).await,
    ] {
        assert_eq!(page.status, 400);
        assert!(page.body.contains("AAD-FLOW-DECLINED"), "{}", page.body);
        assert!(page.all("set-cookie").is_empty());
    }
}

#[actix_web::test]
async fn junk_and_foreign_states_get_no_page_that_posts() {
    let (world, browser) = (world(), Browser::new());
    let action = world.app.url("/auth/redirect");
    let (_, fields) = response(&world, &browser, "/app/x").await;
    let twice = format!("{fields}&code=x");
    let long = format!("{fields}&error_description={}", "a".repeat(9000));
    let many = (0..100).map(|n| format!("p{n}=1&")).collect::<String>();
    for form in [
        "",
        "code=x",
        "code=x&state=y",
        "\0\u{ff}=%zz&&&=",
        "hop=1",
        "{\"code\":\"x\"}",
        &twice,
        &long,
        &many,
    ] {
        let page = browser.post_across(&action, form).await;
        assert_eq!(page.status, 400, "{form}");
        assert!(!page.body.contains("<form"), "{form}");
        assert!(page.all("set-cookie").is_empty());
    }
    assert_eq!(token_calls(&world), 0);
}

#[actix_web::test]
async fn a_body_beyond_64_kilobytes_is_refused_with_4xx() {
    let (world, browser) = (world(), Browser::new());
    let action = world.app.url("/auth/redirect");
    for length in [40_000, 70_000, 1 << 20] {
        let form = format!("state={}", "a".repeat(length));
        let page = browser.post_across(&action, &form).await;
        assert!(page.status.is_client_error(), "{length}: {}", page.status);
        assert_eq!(
            page.status == 413,
            length > 65_536,
            "{length}: {}",
            page.status
        );
    }
}

#[actix_web::test]
async fn other_methods_and_other_routes_are_not_open_across_sites() {
    let (world, browser) = (world(), Browser::new());
    let action = world.app.url("/auth/redirect");
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let page = browser.send(method, &action, &[], Some("")).await;
        assert!(page.status.is_client_error(), "{}", page.status);
    }
    for path in [
        "/auth/redirect/",
        "/auth/redirect/x",
        "/auth/sign_out",
        "/app/x",
    ] {
        let page = browser.post_across(&world.app.url(path), "state=x").await;
        assert_eq!(page.status, 403, "{path}");
    }
}

#[actix_web::test]
async fn a_form_in_query_mode_is_refused() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let (action, fields) = callback.split_once('?').unwrap();
    for page in [
        browser.post(action, fields).await,
        browser.post_across(action, fields).await,
    ] {
        assert_eq!(page.status, 400);
        assert!(page.body.contains("AAD-FLOW-RESPONSE") && !page.body.contains("<form"));
        assert!(page.all("set-cookie").is_empty());
    }
    assert_eq!(token_calls(&world), 0);
}

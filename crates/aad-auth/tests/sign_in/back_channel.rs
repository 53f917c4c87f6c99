//! Back-channel sign-out (OpenID Connect Back-Channel Logout 1.0): the provider posts a token.

use aad_auth::{
    internals::AuthInternals,
    testing::{Operation, StoreFault},
};
use awc::http::{Method, StatusCode};
use entra_emulator::{Endpoint, Fault, Mint, Mutation, SignatureEdit};
use serde_json::json;

use crate::support::{ADA, AWAY, Browser, CLIENT, Page, ROBIN, World};

async fn post(world: &World, body: &str) -> Page {
    post_with(world, "application/x-www-form-urlencoded", body).await
}

async fn post_with(world: &World, content_type: &str, body: &str) -> Page {
    let url = world.app.url("/auth/back_channel_sign_out");
    let headers = [("content-type", content_type)];
    let browser = Browser::new();
    let page = browser.send(Method::POST, &url, &headers, Some(body)).await;
    assert_eq!(page.header("cache-control"), Some("no-store"), "{page:?}");
    assert!(page.all("set-cookie").is_empty());
    page
}

async fn tell(world: &World, token: Mint) -> Page {
    post(world, &format!("logout_token={}", token.sign().unwrap())).await
}

/// A right logout token for the session of `browser`.
async fn token(world: &World, browser: &Browser, user: &str) -> Mint {
    let me = world.me(browser).await;
    let mint = world.emulator.control().mint();
    mint.logout_token(user, CLIENT, me["sid"].as_str().unwrap())
        .unwrap()
        .claim("sub", me["sub"].clone())
}

fn assert_refused(page: &Page, what: &str) {
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}: {page:?}");
    let body: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(body["error"], "invalid_request", "{what}");
}

#[actix_web::test]
async fn unsigned_forged_and_wrongly_signed_tokens_are_refused() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    for mutation in [
        Mutation::alg_none(),
        Mutation::alg_none_with_signature(),
        Mutation::hs256_with_public_key(),
        Mutation::hs256_with_client_secret(),
        Mutation::foreign_key(),
        Mutation::flipped_signature(),
        Mutation::empty_signature(),
        Mutation::signature(SignatureEdit::Truncate),
        Mutation::embedded_jwk(),
        Mutation::two_parts(),
        Mutation::encrypted(),
        Mutation::typ("at+jwt"),
        Mutation::unknown_crit(),
    ] {
        let what = format!("{mutation:?}");
        let token = token(&world, &ada, ADA).await.mutate(mutation);
        assert_refused(&tell(&world, token).await, &what);
    }
    assert!(world.lives(&ada).await);
}

#[actix_web::test]
async fn tokens_whose_claims_break_a_rule_are_refused() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let event = "http://schemas.openid.net/event/backchannel-logout";
    for mutation in [
        Mutation::issuer("https://evil.example.test"),
        Mutation::issuer_with_slash(),
        Mutation::audience("somebody else"),
        Mutation::without_claim("aud"),
        Mutation::without_claim("events"),
        Mutation::claim("events", json!({})),
        Mutation::claim("events", json!({"other": {}})),
        Mutation::claim("events", json!([event])),
        Mutation::claim("events", json!({event: "text"})),
        Mutation::claim("nonce", "n"),
        Mutation::without_claim("sub").and(Mutation::without_claim("sid")),
        Mutation::without_claim("iat"),
        Mutation::without_claim("jti"),
        Mutation::claim("jti", ""),
        Mutation::without_exp().and(Mutation::shift("iat", -300)),
        Mutation::expired(),
        Mutation::shift("iat", -3 * 3600),
        Mutation::shift_times(3600),
        Mutation::claim("exp", 4_000_000_000_u64),
    ] {
        let what = format!("{mutation:?}");
        let token = token(&world, &ada, ADA).await.mutate(mutation);
        assert_refused(&tell(&world, token).await, &what);
    }
    assert!(world.lives(&ada).await);
}

/// As Ory Hydra sends it.
#[actix_web::test]
async fn r73_a_token_without_expiry_ends_the_session_and_is_used_up() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let first = token(&world, &ada, ADA)
        .await
        .mutate(Mutation::without_exp());
    let body = format!("logout_token={}", first.sign().unwrap());
    for (status, lives) in [(200, false), (400, true)] {
        assert_eq!(post(&world, &body).await.status, status);
        assert_eq!(world.lives(&ada).await, lives);
        assert_eq!(ada.open(&world.app.url("/app/x")).await.status, 200);
    }
}

#[actix_web::test]
async fn an_id_token_or_access_token_is_no_logout_token() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let sid = world.me(&ada).await["sid"].clone();
    let mint = || world.emulator.control().mint();
    let id = mint().id_token(ADA, CLIENT, "n").unwrap();
    let plain = mint().id_token(ADA, CLIENT, "n").unwrap().without("nonce");
    let access = mint().user_token(ADA, CLIENT, "Files.Read").unwrap();
    for token in [id, plain, access] {
        let token = token.claim("sid", sid.clone()).claim("jti", "j");
        assert_refused(&tell(&world, token).await, "another kind of token");
    }
    assert!(world.lives(&ada).await);
}

#[actix_web::test]
async fn what_is_not_a_form_with_one_token_is_refused() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let token = token(&world, &ada, ADA).await.sign().unwrap();
    for (content_type, body) in [
        (
            "application/json",
            format!("{{\"logout_token\":\"{token}\"}}"),
        ),
        ("application/json", format!("logout_token={token}")),
        ("text/plain", format!("logout_token={token}")),
        ("application/x-www-form-urlencoded", String::new()),
        ("application/x-www-form-urlencoded", token.clone()),
        (
            "application/x-www-form-urlencoded",
            format!("logout_token={token}&logout_token={token}"),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("logout_token={token}&x={}", "a".repeat(70_000)),
        ),
        (
            "application/x-www-form-urlencoded",
            format!("logout_token={}", "a".repeat(60_000)),
        ),
    ] {
        assert_refused(&post_with(&world, content_type, &body).await, content_type);
    }
    // Nor in the query.
    let path = format!("/auth/back_channel_sign_out?logout_token={token}");
    let url = world.app.url(&path);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let page = Browser::new()
        .send(Method::POST, &url, &headers, Some(""))
        .await;
    assert_refused(&page, "query");
    assert!(world.lives(&ada).await);
}

#[actix_web::test]
async fn a_token_is_used_up_by_its_first_use() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let logout = token(&world, &ada, ADA).await.sign().unwrap();
    let body = format!("logout_token={logout}");
    assert_eq!(post(&world, &body).await.status, StatusCode::OK);
    assert!(!world.lives(&ada).await);
    assert_refused(&post(&world, &body).await, "the same again");
    // Another one for a session that has ended is no error: the user is signed out.
    let other = world.emulator.control().mint();
    let other = other.logout_token(ADA, CLIENT, "no-such-session").unwrap();
    let page = tell(&world, other).await;
    assert_eq!((page.status, page.body.as_str()), (StatusCode::OK, ""));
}

#[actix_web::test]
async fn a_token_that_ended_nothing_while_the_store_was_away_is_not_taken_for_a_replay() {
    let (world, store) = World::on_faulty_store();
    let ada = world.signed_in(ADA).await;
    let logout = token(&world, &ada, ADA).await.sign().unwrap();
    let body = format!("logout_token={logout}");
    // Away after the token was looked up: nothing can be written then, not even an undo.
    store.plan(Operation::IndexList, AWAY, 1);
    store.plan(Operation::Delete, AWAY, 1);
    assert_eq!(post(&world, &body).await.status, 503);
    store.plan(Operation::Delete, AWAY, 0);
    assert!(world.lives(&ada).await);
    assert_eq!(post(&world, &body).await.status, StatusCode::OK);
    assert!(!world.lives(&ada).await);
    assert_refused(&post(&world, &body).await, "used up by now");
}

#[actix_web::test]
async fn a_provider_that_hangs_up_ends_the_session_all_the_same() {
    let (world, store) = World::on_faulty_store();
    let ada = world.signed_in(ADA).await;
    let logout = token(&world, &ada, ADA).await.sign().unwrap();
    let slow = StoreFault::Delay(std::time::Duration::from_millis(300));
    store.plan(Operation::IndexList, slow, 1);
    // As the server does with a request whose connection is gone, while the store is asked.
    let told = Box::pin(world.app.auth.engine().back_channel_sign_out(&logout));
    let begun = Box::pin(async {
        while store.pending(Operation::IndexList) > 0 {
            actix_web::rt::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
    drop(futures_util::future::select(told, begun).await);
    for _ in 0..200 {
        if !world.lives(&ada).await {
            break;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert!(!world.lives(&ada).await);
}

#[actix_web::test]
async fn a_token_with_sid_ends_that_session_of_that_subject_only() {
    let world = World::generic();
    let (one, two) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    let robin = world.signed_in(ROBIN).await;
    // The sid of one user with the subject of another ends nobody's session.
    let wrong = token(&world, &one, ADA).await;
    let wrong = wrong.claim("sub", world.me(&robin).await["sub"].clone());
    assert_eq!(tell(&world, wrong).await.status, StatusCode::OK);
    assert!(world.lives(&one).await && world.lives(&robin).await);
    let right = token(&world, &one, ADA).await;
    assert_eq!(tell(&world, right).await.status, StatusCode::OK);
    assert!(!world.lives(&one).await);
    assert!(world.lives(&two).await && world.lives(&robin).await);
    // Without subject the session is still named.
    let alone = token(&world, &two, ADA).await.without("sub");
    assert_eq!(tell(&world, alone).await.status, StatusCode::OK);
    assert!(!world.lives(&two).await && world.lives(&robin).await);
}

#[actix_web::test]
async fn a_token_with_subject_alone_ends_all_sessions_of_that_user_only() {
    let world = World::generic();
    let (one, two) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
    let robin = world.signed_in(ROBIN).await;
    let all = token(&world, &one, ADA).await.without("sid");
    assert_eq!(tell(&world, all).await.status, StatusCode::OK);
    assert!(!world.lives(&one).await && !world.lives(&two).await);
    assert!(world.lives(&robin).await);
}

#[actix_web::test]
async fn a_subject_alone_names_nobody_in_a_directory() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let alone = token(&world, &ada, ADA).await.without("sid");
    assert_refused(&tell(&world, alone).await, "pairwise subject");
    assert!(world.lives(&ada).await);
    // With its object id it does.
    let named = token(&world, &ada, ADA).await.without("sid");
    let named = named.claim("oid", world.me(&ada).await["oid"].clone());
    assert_eq!(tell(&world, named).await.status, StatusCode::OK);
    assert!(!world.lives(&ada).await);
}

#[actix_web::test]
async fn a_flood_of_unknown_keys_fetches_the_key_set_once() {
    let world = World::start();
    let ada = world.signed_in(ADA).await;
    let before = world.emulator.control().count_calls(Endpoint::Keys);
    for n in 0..40 {
        let token = token(&world, &ada, ADA).await;
        let token = token.mutate(Mutation::kid(format!("unknown-{n}")));
        assert_refused(&tell(&world, token).await, "unknown kid");
    }
    let fetched = world.emulator.control().count_calls(Endpoint::Keys) - before;
    assert!(fetched <= 1, "{fetched} fetches");
    // And the right one still passes.
    let token = token(&world, &ada, ADA).await;
    assert_eq!(tell(&world, token).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn the_exemption_from_the_cross_site_check_is_for_this_route_alone() {
    let world = World::start();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://login.example.test"),
        ("cookie", "a=b"),
    ];
    let send = async |path: &str| {
        let url = world.app.url(path);
        let browser = Browser::new();
        let page = browser.send(Method::POST, &url, &headers, Some("")).await;
        page.status
    };
    assert_eq!(send("/auth/back_channel_sign_out").await, 400);
    for path in [
        "/auth/sign_out",
        "/auth/front_channel_sign_out",
        "/auth/back_channel_sign_out/",
        "/auth/back_channel_sign_out%2F",
        "//auth/back_channel_sign_out",
        "/app/back_channel_sign_out",
    ] {
        assert_eq!(send(path).await, 403, "{path}");
    }
}

#[actix_web::test]
async fn the_providers_own_token_ends_the_session_and_a_wrong_one_does_not() {
    let world = World::start();
    let control = world.emulator.control();
    let url = world.app.url("/auth/back_channel_sign_out");
    control.set_switches(|switches| switches.back_channel_logout = true);
    control.edit_directory(|directory| {
        for application in &mut directory.applications {
            application.backchannel_logout_url = Some(url.clone());
        }
    });
    let wrong = Fault::logout_token(Mutation::claim("nonce", "forbidden here"));
    control.faults().set(wrong.once());
    for right in [false, true] {
        let (mine, theirs) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        let page = world.sign_out_at_provider(&mine).await;
        assert_eq!(page.status, 200);
        // The provider does not wait for our answer, so neither can the test.
        let mut lives = world.lives(&mine).await;
        for _ in 0..50 {
            if lives != right {
                break;
            }
            actix_web::rt::time::sleep(std::time::Duration::from_millis(20)).await;
            lives = world.lives(&mine).await;
        }
        assert_eq!(lives, !right);
        assert!(world.lives(&theirs).await);
    }
}

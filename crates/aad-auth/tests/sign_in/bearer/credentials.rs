//! One request, one credential, in the header: anything else is refused before a token is read.

use awc::http::Method;

use super::{call, expect_refusal, of_user, refused};
use crate::support::{ADA, Browser, World};

#[actix_web::test]
async fn two_authorization_headers_are_refused() {
    let world = World::start();
    let token = format!("Bearer {}", of_user(&world).sign().unwrap());
    for other in [token.as_str(), "Bearer x", "Basic YTpi"] {
        // The browser of the tests sets headers, so the second one is sent by hand.
        let request = format!(
            "GET /apis/any HTTP/1.1\r\nhost: localhost\r\nauthorization: {token}\r\n\
             authorization: {other}\r\nconnection: close\r\n\r\n"
        );
        let answer = send_raw(world.app.port, request).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("error=\"invalid_request\""), "{answer}");
    }
}

async fn send_raw(port: u16, request: String) -> String {
    use std::io::{Read, Write};
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    answer.await.unwrap()
}

#[actix_web::test]
async fn a_session_and_a_token_together_are_refused() {
    let world = World::start();
    world.users(ADA);
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await;
    let token = format!("Bearer {}", of_user(&world).sign().unwrap());
    let headers = [("accept", "*/*"), ("authorization", token.as_str())];
    let url = world.app.url("/apis/any");
    let page = browser.send(Method::GET, &url, &headers, None).await;
    expect_refusal(&page, 400, "invalid_request");
}

/// A redirect would send a signed-in user round and round.
#[actix_web::test]
async fn what_asks_for_a_session_and_a_token_at_once_lets_nobody_in_and_sends_nobody_to_sign_in() {
    let world = World::start();
    let browser = world.signed_in(ADA).await;
    let url = world.app.url("/apis/nobody");
    for browser in [&browser, &Browser::new()] {
        assert_eq!(browser.get(&url).await.status, 401);
        assert_eq!(browser.fetch(&url).await.status, 401);
    }
    let token = format!("Bearer {}", of_user(&world).sign().unwrap());
    assert_eq!(call(&world, "/apis/nobody", &token).await.status, 401);
}

#[actix_web::test]
async fn a_token_in_the_query_is_refused_alone_and_beside_the_header() {
    let world = World::start();
    let token = of_user(&world).sign().unwrap();
    let header = format!("Bearer {token}");
    for query in [
        format!("access_token={token}"),
        format!("a=b&access_token={token}"),
        format!("access%5Ftoken={token}"),
        "access_token=".to_owned(),
    ] {
        let path = format!("/apis/any?{query}");
        refused(&world, &path, &header, 400, "invalid_request").await;
        let page = Browser::new().fetch(&world.app.url(&path)).await;
        expect_refusal(&page, 400, "invalid_request");
    }
    // Another parameter that merely ends so is the application's.
    let page = call(&world, "/apis/any?my_access_token=x", &header).await;
    assert_eq!(page.status, 200);
}

#[actix_web::test]
async fn a_token_in_the_body_is_no_credential_and_the_body_stays_the_applications() {
    let world = World::start();
    let token = of_user(&world).sign().unwrap();
    let form = format!("access_token={token}");
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let url = world.app.url("/apis/either");
    let browser = Browser::new();
    let page = browser
        .send(Method::POST, &url, &[("accept", "*/*"), kind], Some(&form))
        .await;
    assert_eq!(page.status, 401);
    let header = format!("Bearer {token}");
    let headers = [("accept", "*/*"), kind, ("authorization", &header)];
    let page = browser
        .send(Method::POST, &url, &headers, Some("text=kept"))
        .await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("text=kept"), "{}", page.body);
}

#[actix_web::test]
async fn e24_what_is_no_token_is_refused_without_a_crash() {
    let world = World::start();
    let large = format!("Bearer {}", "x".repeat(20_000));
    for header in [
        "Bearer",
        "Bearer ",
        "Bearer null",
        "Bearer {\"a\":1}",
        "Bearer {",
        "Bearer a b",
        "Bearer a.b.c",
        "Bearer a, Bearer b",
        "Bearer ..",
        "Bearer e30.e30.e30",
        "Bearer =",
        "bearer %00",
        large.as_str(),
    ] {
        refused(&world, "/apis/any", header, 401, "invalid_token").await;
    }
}

#[actix_web::test]
async fn another_scheme_is_nobody() {
    let world = World::start();
    let token = of_user(&world).sign().unwrap();
    for header in [
        "Basic YTpi".to_owned(),
        format!("Bearer{token}"),
        format!("Token {token}"),
        token,
    ] {
        assert_eq!(call(&world, "/apis/any", &header).await.status, 401);
    }
}

#[actix_web::test]
async fn each_request_is_counted_once_whether_its_token_is_new_known_or_refused() {
    let world = World::start();
    let good = format!("Bearer {}", of_user(&world).sign().unwrap());
    for _ in 0..3 {
        assert_eq!(call(&world, "/apis/any", &good).await.status, 200);
    }
    // Genuine, though it grants too little here.
    assert_eq!(call(&world, "/apis/run", &good).await.status, 403);
    refused(&world, "/apis/any", "Bearer x", 401, "invalid_token").await;
    let events = world.app.auth.metrics().events;
    assert_eq!(events.bearers_accepted, 4);
    assert_eq!(events.bearers_refused.values().sum::<u64>(), 1);
}

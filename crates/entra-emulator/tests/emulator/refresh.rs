//! The refresh-token grant.

use entra_emulator::Emulator;
use serde_json::Value;

use crate::support::{ADA, Answer, MULTI, NORTHWIND, WEBAPP, WEBAPP_SECRET, parts, token, tokens};

async fn refresh(emulator: &Emulator, body: &Value, scope: Option<&str>) -> Answer {
    let refresh_token = body["refresh_token"].as_str().unwrap();
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", WEBAPP_SECRET),
        ("refresh_token", refresh_token),
    ];
    fields.extend(scope.map(|scope| ("scope", scope)));
    token(emulator, NORTHWIND, &fields).await
}

#[actix_web::test]
async fn a_refresh_returns_a_new_token_and_accepts_the_old_one() {
    let emulator = Emulator::builder().start().unwrap();
    let first = tokens(&emulator, ADA).await;
    let second = refresh(&emulator, &first, None).await.json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(refresh(&emulator, &first, None).await.status, 200);
    assert_eq!(refresh(&emulator, &second, None).await.status, 200);
    let (_, before) = parts(first["id_token"].as_str().unwrap());
    let (_, after) = parts(second["id_token"].as_str().unwrap());
    assert_eq!(
        (&before["sub"], &before["sid"]),
        (&after["sub"], &after["sid"])
    );
    assert!(after.get("nonce").is_none());
    assert_eq!(emulator.control().counters().refreshes, 3);
}

#[actix_web::test]
async fn a_second_use_in_strict_mode_revokes_the_family() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .set_switches(|switches| switches.strict_refresh = true);
    let first = tokens(&emulator, ADA).await;
    let second = refresh(&emulator, &first, None).await.json();
    let reuse = refresh(&emulator, &first, None).await;
    assert_eq!(
        (reuse.error().2, reuse.json()["suberror"].as_str()),
        (50_173, Some("bad_token"))
    );
    assert_eq!(
        refresh(&emulator, &second, None).await.status,
        400,
        "the genuine one is revoked with it"
    );
    assert_eq!(emulator.control().counters().reused_refresh_tokens, 1);
}

#[actix_web::test]
async fn refuses_a_refresh_token_of_a_disabled_or_revoked_user() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let body = tokens(&emulator, ADA).await;
    control.disable_user(ADA).unwrap();
    assert_eq!(
        refresh(&emulator, &body, None).await.error(),
        (400, "invalid_grant".to_owned(), 50_057)
    );
    control.enable_user(ADA).unwrap();
    assert_eq!(refresh(&emulator, &body, None).await.status, 200);
    control
        .revoke_sessions("ada@northwind.example.test")
        .unwrap();
    assert_eq!(
        refresh(&emulator, &body, None).await.error(),
        (400, "invalid_grant".to_owned(), 50_173)
    );
    assert_eq!(
        refresh(&emulator, &tokens(&emulator, ADA).await, None)
            .await
            .status,
        200,
        "a new sign-in is not touched"
    );
    assert!(control.disable_user("nobody").is_err());
}

#[actix_web::test]
async fn refuses_a_refresh_token_after_ninety_days_without_use() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    emulator.control().set_clock_offset(91 * 24 * 3600);
    let answer = refresh(&emulator, &body, None).await;
    assert_eq!(
        (answer.error().2, answer.json()["suberror"].as_str()),
        (700_082, Some("token_expired"))
    );
}

#[actix_web::test]
async fn issues_a_token_for_another_resource() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    let answer = refresh(
        &emulator,
        &body,
        Some("api://tickets.example.test/Tickets.Read"),
    )
    .await
    .json();
    assert_eq!(answer["scope"], "api://tickets.example.test/Tickets.Read");
    let two = "api://tickets.example.test/Tickets.Read api://legacy.example.test/Legacy.Read";
    assert_eq!(refresh(&emulator, &body, Some(two)).await.error().2, 28_000);
}

#[actix_web::test]
async fn refuses_a_refresh_token_of_another_client_or_emulator() {
    let emulator = Emulator::builder().start().unwrap();
    let body = tokens(&emulator, ADA).await;
    let other = [
        ("grant_type", "refresh_token"),
        ("client_id", MULTI),
        ("client_secret", "emulator~secret~multi-tenant"),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    let answer = token(&emulator, NORTHWIND, &other).await;
    assert_eq!(answer.json()["suberror"], "client_mismatch");
    let elsewhere = Emulator::builder().start().unwrap();
    assert_eq!(
        refresh(&elsewhere, &body, None).await.error().1,
        "invalid_grant"
    );
}

//! The control API over HTTP.

use entra_emulator::{Emulator, Endpoint};
use serde_json::{Value, json};

use crate::support::{ADA, Answer, Browser, TICKETS, answer, client, get};

pub(crate) async fn send(
    emulator: &Emulator,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Answer {
    let method = method.parse().unwrap();
    let request = client()
        .request(method, format!("{}control/{path}", emulator.url()))
        .bearer_auth(emulator.control_token());
    answer(match body {
        Some(body) => request.send_json(&body).await.unwrap(),
        None => request.send().await.unwrap(),
    })
    .await
}

#[actix_web::test]
async fn refuses_requests_without_the_control_token() {
    let emulator = Emulator::builder()
        .control_token("the-token")
        .start()
        .unwrap();
    for path in ["control/calls", "control/faults", "control/nowhere"] {
        assert_eq!(get(&emulator, path).await.status, 401, "{path}");
        let wrong = client()
            .get(format!("{}{path}", emulator.url()))
            .bearer_auth("another");
        assert_eq!(
            answer(wrong.send().await.unwrap()).await.status,
            401,
            "{path}"
        );
    }
    assert_eq!(emulator.control_token(), "the-token");
    assert_eq!(send(&emulator, "GET", "calls", None).await.status, 200);
}

#[actix_web::test]
async fn faults_are_set_listed_and_cleared() {
    let emulator = Emulator::builder().start().unwrap();
    let fault = json!({ "on": "discovery", "effect": { "answer": { "status": 503 } }, "times": 1 });
    let id = send(&emulator, "POST", "faults", Some(fault)).await.json()["id"]
        .as_u64()
        .unwrap();
    assert_eq!(
        send(&emulator, "GET", "faults", None).await.json()[0]["id"],
        id
    );
    assert_eq!(
        get(&emulator, "common/v2.0/.well-known/openid-configuration")
            .await
            .status,
        503
    );
    assert_eq!(
        send(&emulator, "GET", "faults", None).await.json(),
        json!([])
    );
    let wrong = json!({ "on": "token", "effect": { "id_token": [{ "claims": { "set": ["nonce", "wrong"] } }] } });
    assert_eq!(
        send(&emulator, "POST", "faults", Some(wrong)).await.status,
        201
    );
    assert_eq!(send(&emulator, "DELETE", "faults", None).await.status, 204);
    assert!(emulator.control().faults().list().is_empty());
    assert_eq!(
        send(
            &emulator,
            "POST",
            "faults",
            Some(json!({ "on": "nowhere" }))
        )
        .await
        .status,
        400
    );
}

#[actix_web::test]
async fn users_keys_clock_and_switches_are_changed() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let before = control.signing_kid();
    let roll = send(
        &emulator,
        "POST",
        "keys",
        Some(json!({ "roll": "use_spare" })),
    )
    .await
    .json();
    assert!(roll["signing_kid"] != before && roll["signing_kid"] == control.signing_kid());
    assert_eq!(
        send(
            &emulator,
            "PATCH",
            &format!("users/{ADA}"),
            Some(json!({ "accountEnabled": false }))
        )
        .await
        .status,
        204
    );
    assert!(
        !control
            .directory()
            .find_user(ADA, None)
            .unwrap()
            .account_enabled
    );
    assert_eq!(
        send(&emulator, "PATCH", "users/nobody", Some(json!({})))
            .await
            .status,
        404
    );
    assert_eq!(
        send(&emulator, "POST", &format!("users/{ADA}/revoke"), None)
            .await
            .status,
        204
    );
    let real = control.now();
    send(
        &emulator,
        "PUT",
        "clock",
        Some(json!({ "offset_seconds": 1_000 })),
    )
    .await;
    assert!(control.now() >= real + 1_000);
    let dated = get(&emulator, "common/v2.0/.well-known/openid-configuration").await;
    let date = jiff::fmt::rfc2822::parse(dated.header("date")).unwrap();
    assert!((control.now() - date.timestamp().as_second()).abs() < 60);
    control.set_switches(|switches| switches.date = Some("yesterday".to_owned()));
    let dated = get(&emulator, "common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(dated.header("date"), "yesterday");
    send(
        &emulator,
        "PUT",
        "switches",
        Some(json!({ "strict_refresh": true })),
    )
    .await;
    assert!(control.switches().strict_refresh);
    assert_eq!(
        send(
            &emulator,
            "PUT",
            "switches",
            Some(json!({ "no_such": true }))
        )
        .await
        .status,
        400
    );
    let uri = json!({ "appId": TICKETS, "uri": "http://localhost:4000/cb" });
    assert_eq!(
        send(&emulator, "POST", "redirect-uris", Some(uri))
            .await
            .status,
        204
    );
    let directory = control.directory();
    let mut applications = directory.applications.iter();
    let tickets = applications.find(|known| known.app_id == TICKETS).unwrap();
    assert_eq!(tickets.web.redirect_uris, ["http://localhost:4000/cb"]);
}

#[actix_web::test]
async fn a_switch_signs_in_without_a_page() {
    let emulator = Emulator::builder().start().unwrap();
    emulator
        .control()
        .auto_sign_in(Some("ada@northwind.example.test"));
    let browser = Browser::new(&emulator);
    assert!(browser.authorize(&[]).await.response().contains_key("code"));
    emulator.control().auto_sign_in(None);
    assert_eq!(Browser::new(&emulator).authorize(&[]).await.status, 200);
}

#[actix_web::test]
async fn calls_are_counted_and_bounded_and_have_a_verdict() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    browser
        .authorize(&[("redirect_uri", "http://evil.example.test/")])
        .await;
    browser.code(ADA).await;
    let calls = emulator.control().calls();
    assert_eq!(calls[0].endpoint, Endpoint::Authorize);
    assert_eq!(
        (calls[0].verdict.as_str(), calls[0].status),
        ("AADSTS50011", 400)
    );
    assert_eq!(calls.last().unwrap().verdict, "ok");
    assert_eq!(calls[1].field("state"), Some("the-state"));
    assert!(calls.iter().all(|call| call.header("cookie").is_none()));
    assert_eq!(emulator.control().counters().pending_codes, 1);
    assert_eq!(emulator.control().take_calls().len(), calls.len());
    assert!(emulator.control().calls().is_empty());
}

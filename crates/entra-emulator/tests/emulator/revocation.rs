//! The revocation endpoint.

use entra_emulator::Emulator;

use crate::support::{ADA, Browser, NORTHWIND, WEBAPP, redeem};

#[actix_web::test]
async fn a_switch_gives_a_revocation_endpoint_for_the_clients_own_refresh_tokens() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let path = format!("/{NORTHWIND}/oauth2/v2.0/revoke");
    let browser = Browser::new(&emulator);
    let code = browser.code(ADA).await;
    let body = redeem(&emulator, &code, &[]).await.json();
    let token = body["refresh_token"].as_str().unwrap();
    let fields = [
        ("client_id", WEBAPP),
        ("client_secret", crate::support::WEBAPP_SECRET),
        ("token", token),
    ];
    assert_eq!(browser.post(&path, &fields).await.status, 404);
    control.set_switches(|switches| switches.revocation_endpoint = true);
    let wrong = [
        ("client_id", WEBAPP),
        ("client_secret", "x"),
        ("token", token),
    ];
    assert_eq!(browser.post(&path, &wrong).await.status, 401);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", WEBAPP),
        ("client_secret", crate::support::WEBAPP_SECRET),
        ("refresh_token", token),
    ];
    let refreshed = crate::support::token(&emulator, NORTHWIND, &refresh).await;
    assert_eq!(refreshed.status, 200, "nothing was revoked so far");
    // A revoked token and an unknown one are no error.
    let unknown = [fields[0], fields[1], ("token", "1.unknown")];
    for fields in [fields, fields, unknown] {
        assert_eq!(browser.post(&path, &fields).await.status, 200);
    }
    let refreshed = crate::support::token(&emulator, NORTHWIND, &refresh).await;
    assert_eq!(refreshed.status, 400);
}

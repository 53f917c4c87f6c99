//! Tokens that the control API mints.

use entra_emulator::Emulator;
use serde_json::json;

use crate::control::send;
use crate::support::{ADA, TICKETS, get, parts, verifies};

#[actix_web::test]
async fn tokens_are_minted() {
    let emulator = Emulator::builder().start().unwrap();
    let keys = get(&emulator, "common/discovery/v2.0/keys").await.json();
    let order =
        json!({ "user": ADA, "api": TICKETS, "scopes": "Tickets.Read", "claims": { "extra": 7 } });
    let token = send(&emulator, "POST", "mint", Some(order)).await.json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(verifies(&token, &keys));
    let (_, claims) = parts(&token);
    assert_eq!(
        (
            claims["scp"].as_str(),
            claims["extra"].as_i64(),
            claims["aud"].as_str()
        ),
        (Some("Tickets.Read"), Some(7), Some(TICKETS))
    );
    let application = emulator
        .control()
        .mint()
        .application_token(TICKETS, &["Tickets.Read.All"])
        .unwrap()
        .sign()
        .unwrap();
    let (_, claims) = parts(&application);
    assert_eq!(
        (claims["idtyp"].as_str(), claims["oid"] == claims["sub"]),
        (Some("app"), true)
    );
    let logout = emulator
        .control()
        .mint()
        .logout_token(ADA, TICKETS, "sid")
        .unwrap()
        .sign()
        .unwrap();
    let (header, claims) = parts(&logout);
    assert_eq!(header["typ"], "logout+jwt");
    assert!(
        claims["events"].is_object() && claims["jti"].is_string() && claims.get("nonce").is_none()
    );
}

//! Access tokens for APIs of the directory, of users and of applications.

use entra_emulator::{Emulator, KeyCredential};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::support::{
    ADA, Browser, NORTHWIND, TICKETS, WEBAPP, get, parts, redeem, token, verifies,
};

const DAEMON: &str = "00001111-aaaa-4222-8333-000000000006";

async fn access(emulator: &Emulator, scope: &str) -> Value {
    let scope = format!("openid {scope}");
    let code = Browser::new(emulator)
        .pick(NORTHWIND, &[("scope", &scope)], ADA)
        .await
        .response()["code"]
        .clone();
    redeem(emulator, &code, &[]).await.json()
}

#[actix_web::test]
async fn an_api_receives_the_token_version_that_it_registers() {
    let emulator = Emulator::builder().start().unwrap();
    let keys = get(&emulator, "common/discovery/v2.0/keys").await.json();
    let body = access(&emulator, "api://tickets.example.test/Tickets.Read").await;
    let v2 = body["access_token"].as_str().unwrap();
    assert!(verifies(v2, &keys));
    let (header, claims) = parts(v2);
    assert!(header.get("nonce").is_none());
    assert_eq!(
        (claims["ver"].as_str(), claims["aud"].as_str()),
        (Some("2.0"), Some(TICKETS))
    );
    assert_eq!(
        (
            claims["azp"].as_str(),
            claims["azpacr"].as_str(),
            claims["scp"].as_str()
        ),
        (Some(WEBAPP), Some("1"), Some("Tickets.Read"))
    );
    assert_eq!(
        (&claims["idtyp"], &claims["roles"]),
        (&json!("user"), &json!(["Tickets.Manage"]))
    );
    assert_eq!(claims["iss"], format!("{}{NORTHWIND}/v2.0", emulator.url()));

    let body = access(&emulator, "api://legacy.example.test/.default").await;
    let v1 = body["access_token"].as_str().unwrap();
    assert!(verifies(v1, &keys));
    let (header, claims) = parts(v1);
    assert!(header["x5t"].is_string());
    assert_eq!(
        (claims["ver"].as_str(), claims["aud"].as_str()),
        (Some("1.0"), Some("api://legacy.example.test"))
    );
    assert_eq!(
        (claims["appid"].as_str(), claims["scp"].as_str()),
        (Some(WEBAPP), Some("Legacy.Read"))
    );
    let metadata = get(
        &emulator,
        &format!("{NORTHWIND}/.well-known/openid-configuration"),
    )
    .await
    .json();
    assert_eq!(claims["iss"], metadata["issuer"]);
    assert_eq!(claims["iss"], format!("{}{NORTHWIND}/", emulator.url()));
}

#[actix_web::test]
async fn an_application_receives_tokens_for_itself() {
    let emulator = Emulator::builder().start().unwrap();
    let ask = |tenant: &'static str, scope: &'static str| {
        let emulator = &emulator;
        async move {
            let fields = [
                ("grant_type", "client_credentials"),
                ("client_id", DAEMON),
                ("client_secret", "emulator~secret~daemon"),
                ("scope", scope),
            ];
            token(emulator, tenant, &fields).await
        }
    };
    let answer = ask(NORTHWIND, "api://tickets.example.test/.default")
        .await
        .json();
    assert_eq!(
        answer.as_object().unwrap().len(),
        4,
        "no refresh token, no ID token, no scope"
    );
    let (_, claims) = parts(answer["access_token"].as_str().unwrap());
    assert_eq!(
        (&claims["roles"], &claims["idtyp"]),
        (&json!(["Tickets.Read.All"]), &json!("app"))
    );
    assert_eq!(claims["oid"], claims["sub"]);
    assert!(claims.get("scp").is_none() && claims.get("name").is_none());
    assert_eq!(
        ask(NORTHWIND, "api://tickets.example.test/Tickets.Read")
            .await
            .error()
            .2,
        70_011
    );
    assert_eq!(
        ask("common", "api://tickets.example.test/.default")
            .await
            .error()
            .2,
        50_194
    );
}

#[actix_web::test]
async fn accepts_a_valid_client_assertion_once() {
    let emulator = Emulator::builder().start().unwrap();
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let certificate = CertificateParams::default().self_signed(&pair).unwrap();
    let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.der());
    let pem = certificate.pem();
    emulator.control().edit_directory(|directory| {
        let daemon = directory
            .applications
            .iter_mut()
            .find(|application| application.app_id == DAEMON)
            .unwrap();
        daemon.key_credentials.push(KeyCredential {
            key: Some(pem.clone()),
        });
    });
    let now = emulator.control().now();
    let audience = format!("{}{NORTHWIND}/oauth2/v2.0/token", emulator.url());
    let assertion = |change: Value| {
        let mut header = Header::new(Algorithm::PS256);
        header.x5t_s256 = Some(base64::Engine::encode(
            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
            thumbprint,
        ));
        let mut claims = json!({ "iss": DAEMON, "sub": DAEMON, "aud": audience, "jti": change.to_string(), "nbf": now, "exp": now + 300 });
        claims
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        encode(
            &header,
            &claims,
            &EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap(),
        )
        .unwrap()
    };
    let ask = |assertion: String| {
        let emulator = &emulator;
        async move {
            let fields = [
                ("grant_type", "client_credentials"),
                ("client_id", DAEMON),
                ("scope", "api://tickets.example.test/.default"),
                (
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ),
                ("client_assertion", assertion.as_str()),
            ];
            token(emulator, NORTHWIND, &fields).await
        }
    };
    let good = assertion(json!({}));
    let answer = ask(good.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        parts(answer.json()["access_token"].as_str().unwrap()).1["azpacr"],
        "2"
    );
    assert_eq!(
        ask(good).await.error(),
        (401, "invalid_client".to_owned(), 50_013)
    );
    assert_eq!(
        ask(assertion(json!({ "sub": "other" }))).await.error().2,
        50_048
    );
    assert_eq!(
        ask(assertion(
            json!({ "aud": "https://elsewhere.example.test/" })
        ))
        .await
        .error()
        .2,
        700_023
    );
    assert_eq!(
        ask(assertion(json!({ "exp": now - 3_600 })))
            .await
            .error()
            .2,
        700_024
    );
    let mut forged = assertion(json!({ "x": 1 }));
    forged.replace_range(forged.len() - 12..forged.len() - 4, "AAAAAAAA");
    assert_eq!(ask(forged).await.error().2, 700_027);
    assert_eq!(ask("no.jwt".to_owned()).await.error().2, 50_027);
}

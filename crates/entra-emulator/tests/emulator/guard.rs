//! The server answers requests of this machine without a proxy only.

use entra_emulator::Emulator;

use crate::support::{NORTHWIND, answer, client};

#[actix_web::test]
async fn refuses_a_foreign_host_and_a_forwarded_request() {
    let emulator = Emulator::builder().start().unwrap();
    for path in [
        "",
        "control/calls",
        "nowhere",
        "common/v2.0/.well-known/openid-configuration",
    ] {
        let url = format!("{}{path}", emulator.url());
        for (name, value) in [
            ("Host", "evil.example.test"),
            ("Host", "localhost.evil.example.test:5001"),
            ("Forwarded", "for=192.0.2.1"),
            ("X-Forwarded-For", "192.0.2.1"),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Anything", "x"),
        ] {
            let request = client().get(&url).insert_header((name, value));
            assert_eq!(
                answer(request.send().await.unwrap()).await.status,
                421,
                "{path} {name}: {value}"
            );
        }
    }
}

#[actix_web::test]
async fn an_authority_by_another_loopback_name_has_an_issuer_of_that_name() {
    let emulator = Emulator::builder().start().unwrap();
    let url = format!(
        "{}{NORTHWIND}/v2.0/.well-known/openid-configuration",
        emulator.url()
    );
    let host = format!("localhost:{}", emulator.port());
    let body = answer(
        client()
            .get(url)
            .insert_header(("Host", host.as_str()))
            .send()
            .await
            .unwrap(),
    )
    .await
    .json();
    assert_eq!(body["issuer"], format!("http://{host}/{NORTHWIND}/v2.0"));
    assert!(
        body["token_endpoint"]
            .as_str()
            .unwrap()
            .starts_with(&format!("http://{host}/"))
    );
}

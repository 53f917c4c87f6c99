//! Discovery documents, key sets and instance discovery.

use entra_emulator::{Emulator, KeyRoll};

use crate::support::{ASSIGNED, Answer, CONSUMERS, NORTHWIND, answer, client, get};

/// Returns the members in the order of the document.
const MEMBERS: [&str; 23] = [
    "token_endpoint",
    "token_endpoint_auth_methods_supported",
    "jwks_uri",
    "response_modes_supported",
    "subject_types_supported",
    "id_token_signing_alg_values_supported",
    "response_types_supported",
    "scopes_supported",
    "issuer",
    "request_uri_parameter_supported",
    "userinfo_endpoint",
    "authorization_endpoint",
    "device_authorization_endpoint",
    "http_logout_supported",
    "frontchannel_logout_supported",
    "end_session_endpoint",
    "claims_supported",
    "kerberos_endpoint",
    "tenant_region_scope",
    "cloud_instance_name",
    "cloud_graph_host_name",
    "msgraph_host",
    "rbac_url",
];

async fn document(emulator: &Emulator, tenant: &str) -> Answer {
    get(
        emulator,
        &format!("{tenant}/v2.0/.well-known/openid-configuration"),
    )
    .await
}

#[actix_web::test]
async fn the_document_has_the_platforms_members_in_its_order_and_no_others() {
    let emulator = Emulator::builder().start().unwrap();
    for tenant in [
        NORTHWIND,
        "common",
        "organizations",
        "consumers",
        "northwind.example.test",
    ] {
        let answer = document(&emulator, tenant).await;
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.json().as_object().unwrap().len(),
            MEMBERS.len(),
            "{tenant}"
        );
        let positions: Vec<_> = MEMBERS
            .iter()
            .map(|name| answer.text.find(&format!("\"{name}\":")).unwrap())
            .collect();
        assert!(positions.is_sorted(), "{tenant}");
    }
}

#[actix_web::test]
async fn the_issuer_is_concrete_for_one_tenant_and_a_template_for_many() {
    let emulator = Emulator::builder().start().unwrap();
    let origin = emulator.url().as_str().trim_end_matches('/').to_owned();
    let cases = [
        (NORTHWIND, format!("{origin}/{NORTHWIND}/v2.0")),
        (
            "northwind.example.test",
            format!("{origin}/{NORTHWIND}/v2.0"),
        ),
        ("common", format!("{origin}/{{tenantid}}/v2.0")),
        ("organizations", format!("{origin}/{{tenantid}}/v2.0")),
        ("consumers", format!("{origin}/{CONSUMERS}/v2.0")),
    ];
    for (tenant, issuer) in cases {
        assert_eq!(
            document(&emulator, tenant).await.json()["issuer"],
            issuer,
            "{tenant}"
        );
    }
    let by_domain = document(&emulator, "northwind.example.test").await.json();
    assert_eq!(
        by_domain["token_endpoint"],
        format!("{origin}/{NORTHWIND}/oauth2/v2.0/token"),
        "the GUID, not the domain"
    );
}

#[actix_web::test]
async fn an_unknown_tenant_is_90002() {
    let emulator = Emulator::builder().start().unwrap();
    let answer = document(&emulator, "nobody.example.test").await;
    assert_eq!(answer.error(), (400, "invalid_tenant".to_owned(), 90_002));
}

#[actix_web::test]
async fn the_keys_have_no_alg_and_name_their_issuer() {
    let emulator = Emulator::builder().start().unwrap();
    let origin = emulator.url();
    let body = get(&emulator, "common/discovery/v2.0/keys").await.json();
    let keys = body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "one of them unused");
    for key in keys {
        assert!(key.get("alg").is_none());
        assert_eq!(key["kid"], key["x5t"]);
        assert_eq!(key["issuer"], format!("{origin}{{tenantid}}/v2.0"));
        assert!(key["x5c"][0].is_string() && key["cloud_instance_name"].is_string());
    }
    let consumers = get(&emulator, "consumers/discovery/v2.0/keys").await.json();
    assert_eq!(
        consumers["keys"][0]["issuer"],
        format!("{origin}{CONSUMERS}/v2.0")
    );
    let legacy = get(&emulator, &format!("{NORTHWIND}/discovery/keys"))
        .await
        .json();
    assert!(legacy["keys"][0].get("issuer").is_none());
}

#[actix_web::test]
async fn the_parameter_appid_publishes_an_applications_own_key() {
    let emulator = Emulator::builder().start().unwrap();
    let path = format!("{NORTHWIND}/v2.0/.well-known/openid-configuration?appid={ASSIGNED}");
    let uri = get(&emulator, &path).await.json()["jwks_uri"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(uri.ends_with(&format!("?appid={ASSIGNED}")));
    let own = get(
        &emulator,
        &format!("{NORTHWIND}/discovery/v2.0/keys?appid={ASSIGNED}"),
    )
    .await
    .json();
    let shared = get(&emulator, &format!("{NORTHWIND}/discovery/v2.0/keys"))
        .await
        .json();
    assert_eq!(
        (
            own["keys"].as_array().unwrap().len(),
            shared["keys"].as_array().unwrap().len()
        ),
        (3, 2)
    );
}

#[actix_web::test]
async fn pages_of_any_origin_may_read_and_cache_documents() {
    let emulator = Emulator::builder().start().unwrap();
    let answer_to_get = document(&emulator, NORTHWIND).await;
    assert_eq!(answer_to_get.header("access-control-allow-origin"), "*");
    assert_eq!(
        answer_to_get.header("cache-control"),
        "max-age=86400, private"
    );
    let url = format!(
        "{}{NORTHWIND}/v2.0/.well-known/openid-configuration",
        emulator.url()
    );
    let preflight = answer(client().options(&url).send().await.unwrap()).await;
    assert_eq!(
        (
            preflight.status,
            preflight.header("access-control-allow-origin")
        ),
        (200, "*")
    );
    let head = answer(client().head(&url).send().await.unwrap()).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[actix_web::test]
async fn instance_discovery_accepts_the_own_host_only() {
    let emulator = Emulator::builder().start().unwrap();
    let path = |endpoint: &str| {
        let endpoint: String = url::form_urlencoded::byte_serialize(endpoint.as_bytes()).collect();
        format!("common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}")
    };
    let own = format!("{}{NORTHWIND}/oauth2/v2.0/authorize", emulator.url());
    let body = get(&emulator, &path(&own)).await.json();
    assert!(
        body["tenant_discovery_endpoint"]
            .as_str()
            .unwrap()
            .contains(NORTHWIND)
    );
    assert_eq!(
        body["metadata"][0]["aliases"][0],
        format!("127.0.0.1:{}", emulator.port())
    );
    let foreign = get(
        &emulator,
        &path("https://login.example.test/common/oauth2/v2.0/authorize"),
    )
    .await;
    assert_eq!(
        foreign.error(),
        (400, "invalid_instance".to_owned(), 50_049)
    );
}

#[actix_web::test]
async fn every_key_roll_changes_the_published_keys_as_named() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    let kids = || async {
        let body = get(&emulator, "common/discovery/v2.0/keys").await.json();
        body["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (first, before) = (control.signing_kid(), kids().await);
    control.rotate_keys(KeyRoll::UseSpare).unwrap();
    assert!(control.signing_kid() != first && before.contains(&control.signing_kid()));
    control.rotate_keys(KeyRoll::SignUnpublished).unwrap();
    assert!(!kids().await.contains(&control.signing_kid()));
    control.rotate_keys(KeyRoll::PublishSigning).unwrap();
    assert!(kids().await.contains(&control.signing_kid()));
    control.rotate_keys(KeyRoll::ReplaceAll).unwrap();
    assert_eq!(kids().await, [control.signing_kid()]);
}

//! Wrong claims and payloads: each is wrong as its constructor says, and in no other way.

use entra_emulator::Mutation;
use serde_json::{Value, json};

use crate::mutation::{Lab, verifies_signature};
use crate::support::{NONCE, NORTHWIND, WEBAPP, parts};

#[actix_web::test]
async fn claims_are_wrong_as_named_and_properly_signed() {
    let lab = Lab::new().await;
    let origin = lab.emulator.url().as_str().trim_end_matches('/').to_owned();
    let issuer = format!("{origin}/{NORTHWIND}/v2.0");
    let claim = |mutation: Mutation, name: &str| lab.genuine(mutation)[name].clone();
    assert_eq!(claim(Mutation::issuer("x"), "iss"), "x");
    assert_eq!(
        claim(Mutation::issuer_with_slash(), "iss"),
        format!("{issuer}/")
    );
    assert_eq!(
        claim(Mutation::issuer_prefix(), "iss"),
        issuer[..issuer.len() - 1]
    );
    assert_eq!(claim(Mutation::issuer_array(), "iss"), json!([issuer]));
    assert_eq!(
        claim(Mutation::issuer_v1(), "iss"),
        format!("{origin}/{NORTHWIND}/")
    );
    assert_eq!(
        claim(Mutation::issuer_template(&origin), "iss"),
        format!("{origin}/{{tenantid}}/v2.0")
    );
    assert_ne!(claim(Mutation::tenant_mismatch(), "tid"), NORTHWIND);
    assert_eq!(
        claim(Mutation::of_tenant(&origin, "t"), "iss"),
        format!("{origin}/t/v2.0")
    );
    assert_eq!(
        claim(Mutation::identity("oid", Value::Null), "oid"),
        Value::Null
    );
    assert_eq!(claim(Mutation::audience(json!([])), "aud"), json!([]));
    assert_eq!(
        claim(Mutation::audience_prefix(), "aud"),
        WEBAPP[..WEBAPP.len() - 1]
    );
    assert_eq!(
        claim(Mutation::audiences(), "aud"),
        json!([WEBAPP, "another-client"])
    );
    assert_eq!(claim(Mutation::audience_in_array(), "aud"), json!([WEBAPP]));
    assert_eq!(claim(Mutation::azp("other"), "azp"), "other");
    assert_eq!(claim(Mutation::without_nonce(), "nonce"), Value::Null);
    assert_eq!(
        claim(Mutation::nonce_in_capitals(), "nonce"),
        NONCE.to_uppercase()
    );
    let now = lab.emulator.control().now();
    assert!(claim(Mutation::expired(), "exp").as_i64().unwrap() < now - 3_600);
    assert!(claim(Mutation::not_yet_valid(), "nbf").as_i64().unwrap() > now + 3_600);
    assert!(
        claim(Mutation::issued_years_ago(), "iat").as_i64().unwrap() < now - 4 * 365 * 24 * 3_600
    );
    assert_eq!(claim(Mutation::without_exp(), "exp"), Value::Null);
    assert!(claim(Mutation::time_as_text("nbf"), "nbf").is_string());
    assert!(claim(Mutation::fractional_times(now), "exp").is_f64());
    assert_eq!(
        claim(Mutation::wrong_at_hash(), "at_hash")
            .as_str()
            .unwrap()
            .len(),
        22
    );
    assert_eq!(claim(Mutation::roles_as_text(), "roles"), "Admin");
    assert!(
        claim(Mutation::hostile_name(), "name")
            .as_str()
            .unwrap()
            .len()
            > 64 * 1024
    );
    assert_eq!(
        claim(Mutation::duplicate_oid(), "oid"),
        "ffffffff-0000-4000-8000-00000000dead"
    );
    assert!(lab.token(Mutation::huge(1_000_000)).len() > 1_000_000);
    assert!(
        lab.genuine(Mutation::many_claims(10_000))
            .as_object()
            .unwrap()
            .len()
            > 10_000
    );
}

#[actix_web::test]
async fn payloads_that_are_no_claims_are_properly_signed() {
    let lab = Lab::new().await;
    for mutation in [
        Mutation::payload_not_an_object(),
        Mutation::payload_not_utf8(),
        Mutation::exp_out_of_range(),
        Mutation::deep(20_000),
        Mutation::payload(b"{} trailing"),
    ] {
        let token = lab.token(mutation.clone());
        let header = token.split('.').next().unwrap().to_owned();
        let alone = format!("{header}.e30.x");
        let kid = parts(&alone).0["kid"].clone();
        assert_eq!(kid, lab.emulator.control().signing_kid(), "{mutation:?}");
        assert!(verifies_signature(&token, &lab.keys, &kid), "{mutation:?}");
    }
}

//! What is refused as a bearer token for our API.

use std::{future::Future, pin::Pin, sync::Arc};

use aad_auth::{
    CallerKind,
    config::{AllowedTenants, Guid, ResolverError, TenantResolver},
    internals::config::AuthoritySettings,
};
use serde_json::{Value, json};

use crate::{
    tokens::{NOW, OTHER, T, TestKey, V2T, access_claims, authority, common, id_claims, metadata},
    world::{World, outcome, with, without},
};

async fn claims(claims: Value) -> String {
    outcome(
        World::common()
            .access(&TestKey::number(0).sign("k1", &claims))
            .await,
    )
}

#[tokio::test]
async fn nothing_when_everything_is_right() {
    let world = World::common();
    let token = TestKey::number(0).sign("k1", &access_claims());
    let caller = world.access(&token).await.unwrap();
    assert_eq!(caller.kind(), CallerKind::Delegated);
    assert_eq!(
        caller.scopes().collect::<Vec<_>>(),
        ["Files.Read", "Files.Write"]
    );
    assert!(caller.has_scope("Files.Read") && !caller.has_scope("files.read"));
    assert_eq!(
        caller.client_id(),
        Some("99990000-aaaa-2222-bbbb-3333cccc4444")
    );
    assert!(!caller.handles_claims_challenges());
}

#[tokio::test]
async fn an_id_token_of_this_very_application() {
    assert_eq!(claims(id_claims()).await, "AAD-TOKEN-KIND not_allowed");
    assert_eq!(
        claims(without(id_claims(), "nonce")).await,
        "AAD-TOKEN-KIND missing"
    );
}

#[tokio::test]
async fn a_logout_token() {
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    assert_eq!(
        claims(with(access_claims(), "events", events)).await,
        "AAD-TOKEN-KIND not_allowed"
    );
}

#[tokio::test]
async fn a_token_that_is_tied_to_a_sign_in() {
    for tie in ["nonce", "at_hash", "c_hash"] {
        let tied = with(access_claims(), tie, "x");
        assert_eq!(claims(tied).await, "AAD-TOKEN-KIND not_allowed", "{tie}");
    }
}

#[tokio::test]
async fn scopes_of_a_wrong_type_that_would_make_an_application_of_a_user() {
    for scp in [
        json!(["Files.Read", 5]),
        json!({"Files.Read": true}),
        json!(5),
        json!(true),
    ] {
        let user = with(with(access_claims(), "scp", scp), "sub", OTHER);
        assert_eq!(claims(user).await, "AAD-TOKEN-SCP malformed");
    }
}

#[tokio::test]
async fn a_missing_version_user_or_tenant() {
    assert_eq!(
        claims(without(access_claims(), "ver")).await,
        "AAD-TOKEN-VER missing"
    );
    assert_eq!(
        claims(without(access_claims(), "sub")).await,
        "AAD-TOKEN-SUB missing"
    );
    assert_eq!(
        claims(without(access_claims(), "oid")).await,
        "AAD-TOKEN-OID missing"
    );
    assert_eq!(
        claims(without(access_claims(), "tid")).await,
        "AAD-TOKEN-TID missing"
    );
}

#[tokio::test]
async fn garbage_after_any_scheme() {
    let world = World::common();
    let large = "x".repeat(1 << 20);
    for token in [
        "",
        ".",
        "..",
        "null",
        "\"x\"",
        "{}",
        "a.b.c",
        "e30.e30.e30",
        &large,
    ] {
        assert_ne!(outcome(world.access(token).await), "accepted");
    }
}

#[tokio::test]
async fn an_application_is_told_from_a_user() {
    let world = World::common();
    let app = without(with(access_claims(), "sub", OTHER), "scp");
    for claims in [
        app.clone(),
        with(with(app.clone(), "idtyp", "app"), "sub", "another"),
    ] {
        let caller = world
            .access(&TestKey::number(0).sign("k1", &claims))
            .await
            .unwrap();
        assert_eq!(caller.kind(), CallerKind::Application);
    }
    // Whoever has scopes or says `user` is not an application.
    for claims in [
        with(access_claims(), "sub", OTHER),
        with(app, "idtyp", "user"),
    ] {
        let caller = world
            .access(&TestKey::number(0).sign("k1", &claims))
            .await
            .unwrap();
        assert_eq!(caller.kind(), CallerKind::Delegated);
    }
}

#[tokio::test]
async fn a_generic_providers_id_token() {
    let issuer = "https://id.example.test";
    let authority = authority(AuthoritySettings {
        authority: Some(issuer),
        ..AuthoritySettings::default()
    });
    let world = World::new(
        authority,
        &metadata(issuer, issuer),
        &[TestKey::number(0).jwk("k1")],
        |_| {},
    );
    let plain = json!({"iss": issuer, "sub": "user", "aud": crate::tokens::CLIENT,
                       "exp": 1_800_003_600, "iat": 1_800_000_000});
    let key = TestKey::number(0);
    assert_eq!(
        outcome(world.access(&key.sign("k1", &plain)).await),
        "AAD-TOKEN-KIND missing"
    );
    let typed = key.sign_raw(
        r#"{"typ":"at+jwt","alg":"RS256","kid":"k1"}"#,
        plain.to_string().as_bytes(),
    );
    assert_eq!(outcome(world.access(&typed).await), "accepted");
    let scoped = with(plain, "scope", "read write");
    let token = key.sign("k1", &scoped);
    assert!(world.access(&token).await.unwrap().has_scope("write"));
    // Such providers let applications choose a life of up to a month.
    let month = 1_800_000_000 + 31 * 24 * 3600;
    for (exp, want) in [(month + 1, "AAD-TOKEN-EXP malformed"), (month, "accepted")] {
        let long = key.sign("k1", &with(scoped.clone(), "exp", exp));
        assert_eq!(outcome(world.access(&long).await), want);
    }
}

#[tokio::test]
async fn a_long_lived_access_token_only_within_its_life() {
    let now = NOW.seconds();
    let long = with(
        with(access_claims(), "iat", now - 25 * 3600),
        "exp",
        now + 3600,
    );
    assert_eq!(claims(long).await, "accepted");
    let endless = with(
        with(access_claims(), "iat", now - 60),
        "exp",
        now + 50 * 3600,
    );
    assert_eq!(claims(endless).await, "AAD-TOKEN-EXP malformed");
}

#[tokio::test]
async fn a_tenant_that_is_no_customer_any_more() {
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    let document = metadata("https://login.microsoftonline.com/common", V2T);
    let customers = Arc::new(Leaving(true.into()));
    let world = World::new(common(), &document, &[key], |settings| {
        settings.tenants = AllowedTenants::Resolver(customers.clone());
    });
    let bearer = TestKey::number(0).sign("k1", &access_claims());
    let signed_in = TestKey::number(0).sign("k1", &id_claims());
    assert_eq!(outcome(world.access(&bearer).await), "accepted");
    assert_eq!(outcome(world.id(&signed_in).await), "accepted");
    customers
        .0
        .store(false, std::sync::atomic::Ordering::SeqCst);
    let gone = "AAD-TENANT-NOT-ALLOWED not_allowed";
    assert_eq!(
        outcome(world.access(&bearer).await),
        gone,
        "also from the cache"
    );
    assert_eq!(outcome(world.id(&signed_in).await), gone);
}

struct Leaving(std::sync::atomic::AtomicBool);

impl TenantResolver for Leaving {
    fn is_allowed<'a>(
        &'a self,
        _: &'a Guid,
    ) -> Pin<Box<dyn Future<Output = Result<bool, ResolverError>> + Send + 'a>> {
        let answer = self.0.load(std::sync::atomic::Ordering::SeqCst);
        Box::pin(async move { Ok(answer) })
    }
}

struct Customers(Result<bool, ResolverError>);

impl TenantResolver for Customers {
    fn is_allowed<'a>(
        &'a self,
        tenant: &'a Guid,
    ) -> Pin<Box<dyn Future<Output = Result<bool, ResolverError>> + Send + 'a>> {
        assert_eq!(tenant.as_str(), T);
        let answer = self.0;
        Box::pin(async move { answer })
    }
}

#[tokio::test]
async fn a_tenant_that_is_no_customer() {
    let mut key = TestKey::number(0).jwk("k1");
    key["issuer"] = V2T.into();
    let document = metadata("https://login.microsoftonline.com/common", V2T);
    let token = TestKey::number(0).sign("k1", &access_claims());
    for (answer, want) in [
        (Ok(true), "accepted"),
        (Ok(false), "AAD-TENANT-NOT-ALLOWED not_allowed"),
        (Err(ResolverError), "unavailable"),
    ] {
        let world = World::new(common(), &document, &[key.clone()], |settings| {
            settings.tenants = AllowedTenants::Resolver(Arc::new(Customers(answer)));
        });
        // The second time from the cache, where there is one.
        assert_eq!(outcome(world.access(&token).await), want);
        assert_eq!(outcome(world.access(&token).await), want);
    }
}

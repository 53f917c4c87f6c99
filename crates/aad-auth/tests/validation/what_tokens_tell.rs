//! What verified tokens tell: nothing that they do not say, and all that they do.

use aad_auth::{
    CallerKind,
    internals::{TokenInternals, config::AuthoritySettings, validation::VerifiedClaims},
    session::Pii,
};
use serde_json::{Map, Value, json};

use crate::{
    tokens::{CLIENT, NOW, OTHER, T, TestKey, V2, access_claims, authority, id_claims, metadata},
    world::{World, with, without},
};

const ISSUER: &str = "https://id.example.test";

/// A provider that has no directory.
fn generic() -> World {
    let authority = authority(AuthoritySettings {
        authority: Some(ISSUER),
        ..AuthoritySettings::default()
    });
    let keys = [TestKey::number(0).jwk("k1")];
    World::new(authority, &metadata(ISSUER, ISSUER), &keys, |_| {})
}

fn signed(claims: &Value) -> String {
    TestKey::number(0).sign("k1", claims)
}

/// `claims` without what only some tokens say.
fn bare(claims: Value) -> Value {
    ["name", "preferred_username", "roles", "scp"]
        .into_iter()
        .fold(claims, without)
}

/// `claims` with everything in them that a token can say of its user.
fn full(mut claims: Value) -> Value {
    let more = json!({
        "email": "adele@mail.example", "wids": ["directory-role"], "groups": ["group"],
        "acrs": ["c1", "c2"], "sid": "session", "auth_time": NOW.seconds() - 60,
    });
    let map = claims.as_object_mut().unwrap();
    map.extend(more.as_object().unwrap().clone());
    claims
}

fn told(token: &VerifiedClaims) -> Map<String, Value> {
    let told = json!({
        "user_key": token.user_key(), "issuer": token.issuer(), "sub": token.sub(),
        "tid": token.tid(), "oid": token.oid(), "name": token.name().map(Pii::expose),
        "preferred_username": token.preferred_username().map(Pii::expose),
        "email": token.email().map(Pii::expose), "roles": token.roles(),
        "directory_roles": token.directory_roles(), "groups": token.groups().listed(),
        "overage": token.groups().is_overage(), "auth_contexts": token.auth_contexts(),
        "sid": token.sid(), "auth_time": token.auth_time(), "issued_at": token.issued_at(),
        "expires_at": token.expires_at(),
    });
    told.as_object().unwrap().clone()
}

fn told_by_bare() -> Map<String, Value> {
    let now = NOW.millis();
    let told = json!({
        "user_key": {"Directory": {"tid": T, "oid": OTHER}}, "issuer": V2,
        "sub": "pairwise-subject", "tid": T, "oid": OTHER, "name": null,
        "preferred_username": null, "email": null, "roles": [], "directory_roles": [],
        "groups": [], "overage": false, "auth_contexts": [], "sid": null, "auth_time": null,
        "issued_at": now - 5000, "expires_at": now + 3_600_000,
    });
    told.as_object().unwrap().clone()
}

fn told_by_full() -> Map<String, Value> {
    let more = json!({
        "name": "Adele Example", "preferred_username": "adele@example.test",
        "email": "adele@mail.example", "roles": ["Reader"], "directory_roles": ["directory-role"],
        "groups": ["group"], "auth_contexts": ["c1", "c2"], "sid": "session",
        "auth_time": NOW.millis() - 60_000,
    });
    let mut told = told_by_bare();
    told.extend(more.as_object().unwrap().clone());
    told
}

#[tokio::test]
async fn a_bare_id_token_tells_no_more_than_who_it_is() {
    let claims = bare(id_claims());
    let token = World::common().id(&signed(&claims)).await.unwrap();
    assert_eq!(told(&token), told_by_bare());
    assert_eq!((token.login_hint(), token.user_flow()), (None, None));
    assert_eq!(Value::Object(token.claim_map()), claims);
}

#[tokio::test]
async fn an_id_token_tells_all_of_it() {
    let claims = with(full(id_claims()), "login_hint", "opaque");
    let claims = with(with(claims, "tfp", "b2c_1_in"), "acr", "b2c_1_old");
    let token = World::common().id(&signed(&claims)).await.unwrap();
    assert_eq!(told(&token), told_by_full());
    assert_eq!(token.login_hint(), Some("opaque"));
    assert_eq!(token.user_flow(), Some("b2c_1_in"));
    assert_eq!(Value::Object(token.claim_map()), claims);
    let older = without(claims, "tfp");
    let token = World::common().id(&signed(&older)).await.unwrap();
    assert_eq!(token.user_flow(), Some("b2c_1_old"));
}

#[tokio::test]
async fn a_bare_access_token_tells_no_more_than_who_it_is() {
    let claims = bare(access_claims());
    let token = World::common().access(&signed(&claims)).await.unwrap();
    assert_eq!(told(token.verified()), told_by_bare());
    assert_eq!(token.kind(), CallerKind::Delegated);
    assert!(token.scopes().next().is_none() && !token.grants_anything());
    assert!(!token.satisfies_auth_context("c1") && !token.handles_claims_challenges());
}

#[tokio::test]
async fn an_access_token_tells_all_of_it() {
    let claims = with(full(access_claims()), "xms_cc", json!(["other", "cp1"]));
    let token = World::common().access(&signed(&claims)).await.unwrap();
    assert_eq!(told(token.verified()), told_by_full());
    assert!(token.has_scope("Files.Write") && token.grants_anything());
    assert!(token.satisfies_auth_context("c2") && !token.satisfies_auth_context("c3"));
    assert!(token.handles_claims_challenges());
    let claims = with(claims, "xms_cc", json!(["other"]));
    let token = World::common().access(&signed(&claims)).await.unwrap();
    assert!(!token.handles_claims_challenges());
}

#[tokio::test]
async fn the_client_goes_by_three_names() {
    let v1 = with(without(access_claims(), "azp"), "appid", "v1-client");
    let token = World::common().access(&signed(&v1)).await.unwrap();
    assert_eq!(token.client_id(), Some("v1-client"));
    let plain = json!({"iss": ISSUER, "sub": "user", "aud": CLIENT, "scope": "read",
                       "exp": NOW.seconds() + 60});
    let world = generic();
    let token = world.access(&signed(&plain)).await.unwrap();
    assert_eq!((token.client_id(), token.issued_at()), (None, None));
    let key = json!({"Subject": {"iss": ISSUER, "sub": "user"}});
    assert_eq!(json!(token.user_key()), key);
    let named = with(plain, "client_id", "rfc-9068-client");
    let token = world.access(&signed(&named)).await.unwrap();
    assert_eq!(token.client_id(), Some("rfc-9068-client"));
}

#[tokio::test]
async fn too_many_groups_are_not_told_as_none() {
    let claims = with(id_claims(), "_claim_names", json!({"groups": "src1"}));
    let token = World::common().id(&signed(&claims)).await.unwrap();
    assert!(token.groups().is_overage() && token.groups().listed().is_empty());
}

#[tokio::test]
async fn debug_tells_nothing_of_anybody() {
    let world = World::common();
    let id = world.id(&signed(&full(id_claims()))).await.unwrap();
    assert_eq!(format!("{id:?}"), "IdToken(VerifiedClaims([personal]))");
    let access = world.access(&signed(&full(access_claims()))).await.unwrap();
    let shown = "AccessToken(VerifiedClaims([personal]))";
    assert_eq!(format!("{access:?}"), shown);
}

#[tokio::test]
async fn a_logout_token_tells_whom_it_means() {
    let now = NOW.seconds();
    let session = json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j1",
        "sid": "s1", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}});
    let token = generic().logout(&signed(&session)).await.unwrap();
    assert!(token.sub().is_none() && token.user_key().is_none());
    assert_eq!((token.sid(), token.jti()), (Some("s1"), "j1"));
    let user = without(with(session, "sub", "user"), "sid");
    let token = generic().logout(&signed(&user)).await.unwrap();
    assert_eq!((token.issuer(), token.sid()), (ISSUER, None));
    assert_eq!(token.sub().unwrap().as_str(), "user");
    let key = json!({"Subject": {"iss": ISSUER, "sub": "user"}});
    assert_eq!(json!(token.user_key()), key);
    assert_eq!(token.expires_at().seconds(), now + 120);
    assert_eq!(
        format!("{token:?}"),
        "LogoutToken(VerifiedClaims([personal]))"
    );
}

//! What is refused as a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).

use serde_json::{Value, json};

use crate::{
    tokens::{CLIENT, NOW, TestKey, authority, id_claims, metadata},
    world::{World, outcome, with, without},
};
use aad_auth::internals::config::AuthoritySettings;

const ISSUER: &str = "https://id.example.test";

fn world() -> World {
    let authority = authority(AuthoritySettings {
        authority: Some(ISSUER),
        ..AuthoritySettings::default()
    });
    World::new(
        authority,
        &metadata(ISSUER, ISSUER),
        &[TestKey::number(0).jwk("k1")],
        |_| {},
    )
}

fn good() -> Value {
    let now = NOW.seconds();
    json!({"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j1", "sid": "s1",
           "sub": "user", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}})
}

async fn claims(claims: Value) -> String {
    outcome(
        world()
            .logout(&TestKey::number(0).sign("k1", &claims))
            .await,
    )
}

#[tokio::test]
async fn nothing_when_everything_is_right() {
    let token = TestKey::number(0).sign("k1", &good());
    let token = world().logout(&token).await.unwrap();
    assert_eq!(
        (token.jti(), token.sid(), token.issuer()),
        ("j1", Some("s1"), ISSUER)
    );
    assert_eq!(claims(without(good(), "sid")).await, "accepted");
    assert_eq!(claims(without(good(), "sub")).await, "accepted");
    let header = r#"{"typ":"logout+jwt","alg":"RS256","kid":"k1"}"#;
    let typed = TestKey::number(0).sign_raw(header, good().to_string().as_bytes());
    assert_eq!(outcome(world().logout(&typed).await), "accepted");
}

#[tokio::test]
async fn whatever_is_missing_or_wrong() {
    let now = NOW.seconds();
    for (token, want) in [
        (without(good(), "events"), "AAD-TOKEN-EVENTS missing"),
        (
            with(good(), "events", json!({})),
            "AAD-TOKEN-EVENTS malformed",
        ),
        (
            with(good(), "events", json!({"other": {}})),
            "AAD-TOKEN-EVENTS malformed",
        ),
        (
            with(good(), "events", json!([])),
            "AAD-TOKEN-EVENTS malformed",
        ),
        (
            with(
                good(),
                "events",
                json!({"http://schemas.openid.net/event/backchannel-logout": 1}),
            ),
            "AAD-TOKEN-EVENTS malformed",
        ),
        (with(good(), "nonce", "n"), "AAD-TOKEN-NONCE not_allowed"),
        (without(good(), "jti"), "AAD-TOKEN-JTI missing"),
        (with(good(), "jti", ""), "AAD-TOKEN-JTI missing"),
        (without(good(), "iat"), "AAD-TOKEN-IAT missing"),
        (
            without(without(good(), "exp"), "iat"),
            "AAD-TOKEN-IAT missing",
        ),
        (with(good(), "exp", "soon"), "AAD-TOKEN-EXP malformed"),
        (with(good(), "exp", now - 60), "AAD-TOKEN-EXP expired"),
        (with(good(), "iat", now - 3 * 3600), "AAD-TOKEN-IAT expired"),
        (with(good(), "exp", now + 7200), "AAD-TOKEN-EXP malformed"),
        (with(good(), "aud", "other"), "AAD-TOKEN-AUD mismatch"),
        (
            with(good(), "iss", "https://other.test"),
            "AAD-TOKEN-ISS mismatch",
        ),
        (
            without(without(good(), "sub"), "sid"),
            "AAD-TOKEN-SUB missing",
        ),
        (
            with(id_claims(), "iss", ISSUER),
            "AAD-TOKEN-NONCE not_allowed",
        ),
        (
            without(with(id_claims(), "iss", ISSUER), "nonce"),
            "AAD-TOKEN-EVENTS missing",
        ),
    ] {
        assert_eq!(claims(token.clone()).await, want, "{token}");
    }
}

#[tokio::test]
async fn a_logout_token_signed_by_somebody_else_or_nobody() {
    let forged = TestKey::number(1).sign("k1", &good());
    assert_eq!(
        outcome(world().logout(&forged).await),
        "AAD-TOKEN-SIGNATURE mismatch"
    );
    for alg in ["none", "HS256"] {
        let header = format!(r#"{{"alg":"{alg}","kid":"k1"}}"#);
        let token = TestKey::number(0).sign_raw(&header, good().to_string().as_bytes());
        assert_eq!(
            outcome(world().logout(&token).await),
            "AAD-TOKEN-ALG not_allowed"
        );
    }
    let header = r#"{"typ":"at+jwt","alg":"RS256","kid":"k1"}"#;
    let token = TestKey::number(0).sign_raw(header, good().to_string().as_bytes());
    assert_eq!(
        outcome(world().logout(&token).await),
        "AAD-TOKEN-TYP mismatch"
    );
}

/// Ory Hydra sends none, as drafts of Back-Channel Logout did not.
#[tokio::test]
async fn r73_a_token_without_expiry_after_two_minutes() {
    let now = NOW.seconds();
    let issued = |iat: u64| with(without(good(), "exp"), "iat", iat);
    let leeway = 60;
    for (age, want) in [
        (0, "accepted"),
        (119 + leeway, "accepted"),
        (120 + leeway, "AAD-TOKEN-EXP expired"),
        (3 * 3600, "AAD-TOKEN-EXP expired"),
    ] {
        assert_eq!(claims(issued(now - age)).await, want, "{age}");
        let null = with(issued(now - age), "exp", Value::Null);
        assert_eq!(claims(null).await, want, "null, {age}");
    }
    let ahead = issued(now + 3600);
    assert_eq!(claims(ahead).await, "AAD-TOKEN-IAT not_yet_valid");
    // For as long is a used one remembered.
    let token = TestKey::number(0).sign("k1", &issued(now - 5));
    let token = world().logout(&token).await.unwrap();
    assert_eq!(token.expires_at().seconds(), now - 5 + 120);
}

/// OpenID Connect Core 1.0 section 2: at most 255 ASCII characters. No ID token with another subject
/// is accepted, so that no session could be meant.
#[tokio::test]
async fn r73_a_subject_with_outer_blanks_or_beyond_ascii() {
    for sub in [
        " user",
        "user ",
        "\tuser",
        "\u{a0}user",
        "k\u{fc}nstler",
        "\u{4f60}",
        "",
    ] {
        let want = "AAD-TOKEN-SUB malformed";
        assert_eq!(claims(with(good(), "sub", sub)).await, want, "{sub:?}");
        let alone = without(with(good(), "sub", sub), "sid");
        assert_eq!(claims(alone).await, want, "{sub:?}");
    }
    assert_eq!(claims(with(good(), "sub", "kim m. (2)")).await, "accepted");
}

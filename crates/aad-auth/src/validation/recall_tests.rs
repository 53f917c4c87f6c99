//! What is known of a token before it is verified, which only the middleware asks.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use url::Url;

use super::*;
use crate::{
    clock::{ManualClock, Timestamp},
    config::{
        AllowedTenants, AuthoritySettings, Guid, ResolverError, SigningAlgorithms, TenantResolver,
    },
    provider::{
        Background, BoxFuture, Fetch, KeyFailure, Needs, Provider, ProviderPorts, ProviderSettings,
    },
    random::SeededRandom,
    transport::{CallPurpose, Response, TransportError},
    validation::{Code, VerifierSettings},
};

const ISSUER: &str = "https://id.example.test";

struct Documents;

impl Fetch for Documents {
    fn fetch(
        &self,
        purpose: CallPurpose,
        _: Url,
    ) -> BoxFuture<'_, Result<Response, TransportError>> {
        let body = if purpose == CallPurpose::Keys {
            let modulus = "_".repeat(341) + "w";
            json!({"keys": [{"kid": "k1", "kty": "RSA", "n": modulus, "e": "AQAB"}]})
        } else {
            json!({"issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys"),
                   "authorization_endpoint": format!("{ISSUER}/authorize"),
                   "token_endpoint": format!("{ISSUER}/token")})
        };
        Box::pin(async move {
            Ok(Response {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: body.to_string().into_bytes(),
            })
        })
    }
}

struct Tasks;

impl Background for Tasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }

    fn sleep(&self, _: std::time::Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

struct Anybody;

impl TenantResolver for Anybody {
    fn is_allowed<'a>(&'a self, _: &'a Guid) -> BoxFuture<'a, Result<bool, ResolverError>> {
        Box::pin(async { Ok(true) })
    }
}

fn provider(clock: &Arc<ManualClock>) -> Provider {
    let authority = AuthoritySettings {
        authority: Some(ISSUER),
        ..AuthoritySettings::default()
    };
    let authority = authority.build().unwrap();
    let settings = ProviderSettings {
        hosts: authority.endpoint_hosts(),
        authority,
        algorithms: SigningAlgorithms::default(),
        app_id: None,
        needs: Needs::default(),
        patience: std::time::Duration::from_secs(10),
    };
    let ports = ProviderPorts {
        fetch: Arc::new(Documents),
        background: Arc::new(Tasks),
        clock: clock.clone(),
        random: Arc::new(SeededRandom::new(1)),
    };
    Provider::new(settings, ports)
}

/// A verifier that has accepted `token` before.
async fn verifier(tenants: AllowedTenants, token: &str) -> Verifier {
    let clock = Arc::new(ManualClock::default());
    let provider = provider(&clock);
    let metadata = provider.metadata().await.unwrap();
    let key = provider.key(Some("k1"), TokenSource::Caller).await.unwrap();
    let settings = VerifierSettings {
        max_token: 10,
        ..VerifierSettings::new("client", tenants)
    };
    let verifier = Verifier::new(provider, clock, settings).unwrap();
    let cache = verifier.0.cache.as_ref().unwrap();
    let accepted = Arc::new(AccessToken::with_claims(b"{}"));
    let end = Timestamp::from_seconds(1);
    cache.insert(VerifiedCache::digest(token), accepted, key, metadata, end);
    verifier
}

#[tokio::test]
async fn nobody_is_known_while_the_application_has_to_be_asked() {
    let resolver = AllowedTenants::Resolver(Arc::new(Anybody));
    let verifier = verifier(resolver, "a").await;
    assert!(matches!(verifier.recall("a"), Recall::Unknown(_)));
}

#[tokio::test]
async fn a_token_above_the_cap_is_not_even_hashed() {
    let (fits, over) = ("x".repeat(10), "x".repeat(11));
    let verifier = verifier(AllowedTenants::Any, "a").await;
    let Recall::Unknown(Unverified { digest, .. }) = verifier.recall(&fits) else {
        panic!("never seen");
    };
    assert_eq!(digest, Some(VerifiedCache::digest(&fits)));
    let Recall::Unknown(Unverified { digest, .. }) = verifier.recall(&over) else {
        panic!("never seen");
    };
    assert_eq!(digest, None);
}

#[tokio::test]
async fn a_token_that_was_verified_before_needs_no_future() {
    let verifier = verifier(AllowedTenants::Any, "a").await;
    assert!(matches!(verifier.recall("a"), Recall::Known(_)));
    assert!(matches!(verifier.recall("b"), Recall::Unknown(_)));
}

#[tokio::test]
async fn a_forged_signature_is_refused_without_a_future_where_nobody_has_to_be_asked() {
    let decide = async |tenants, kid: &str, warm: bool| {
        let clock = Arc::new(ManualClock::default());
        let provider = provider(&clock);
        if warm {
            provider.key(Some("k1"), TokenSource::Caller).await.unwrap();
        }
        let settings = VerifierSettings::new("client", tenants);
        let verifier = Verifier::new(provider, clock, settings).unwrap();
        let decided = verifier.verify_at_once(&forged(kid), &Unverified::default())?;
        match decided {
            Err(VerifyError::Rejected(rejection)) => Some(rejection.code),
            _ => panic!("it is not genuine"),
        }
    };
    let signature = decide(AllowedTenants::Any, "k1", true).await;
    assert_eq!(signature, Some(Code::Signature));
    let cold = decide(AllowedTenants::Any, "k1", false).await;
    assert_eq!(cold, None, "metadata has to be fetched");
    let unknown = decide(AllowedTenants::Any, "new", true).await;
    assert_eq!(unknown, None, "its key may be fetched");
    let resolver = AllowedTenants::Resolver(Arc::new(Anybody));
    assert_eq!(decide(resolver, "k1", true).await, None, "the application");
}

#[tokio::test]
async fn a_key_that_is_unknown_after_the_first_load_is_counted_and_not_fetched_again() {
    let provider = provider(&Arc::new(ManualClock::default()));
    let key = provider.key(Some("new"), TokenSource::Caller).await;
    assert!(matches!(key, Err(KeyFailure::Unknown)));
    let totals = provider.state().totals;
    assert_eq!((totals.unknown_keys, totals.key_fetches), (1, 1));
}

/// A token in which all is well but the signature.
fn forged(kid: &str) -> String {
    let header = json!({"typ": "at+jwt", "alg": "RS256", "kid": kid});
    let claims = json!({"iss": ISSUER, "aud": "client", "sub": "ada", "client_id": "portal",
                        "iat": 0, "exp": 60, "jti": "1", "scope": "read"});
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode([7; 256]);
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[tokio::test]
async fn a_key_is_refused_at_once_only_where_no_fetch_could_help() {
    let clock = Arc::new(ManualClock::default());
    let provider = provider(&clock);
    let refused = |kid: &str| {
        let found = provider.key_at_once(Some(kid))?;
        Some(matches!(found, Err(KeyFailure::Unknown)))
    };
    assert_eq!(refused("k1"), None, "no key is held");
    let first = provider.key(Some("k1"), TokenSource::Caller).await;
    assert!(
        first.is_ok(),
        "who waits for the first keys names none that is unknown"
    );
    assert_eq!(refused("k1"), Some(false), "it is held");
    assert_eq!(refused("new"), None, "it may be fetched");
    assert_eq!(provider.state().totals.unknown_keys, 0, "nothing was done");
    let key = provider.key(Some("new"), TokenSource::Caller).await;
    assert!(matches!(key, Err(KeyFailure::Unknown)));
    assert_eq!(refused("new"), Some(true), "it was looked for");
    assert_eq!(refused("other"), Some(true), "the minute's fetch is spent");
    clock.advance(std::time::Duration::from_secs(61));
    assert_eq!(refused("new"), Some(true), "that is still known");
    assert_eq!(refused("other"), None, "the next one may start");
    // One that was fetched for, and three refused at once.
    let totals = provider.state().totals;
    assert_eq!((totals.unknown_keys, totals.fetches_saved), (4, 3));
}

//! A provider of our own for tests of validation: real keys and signatures, a clock that is set by
//! hand, and no network.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use aad_auth::{
    config::{Authority, SigningAlgorithms},
    downstream::TransportError,
    internals::{
        config::AuthoritySettings,
        provider::{
            Background, BoxFuture, Fetch, Provider, ProviderPorts, ProviderSettings,
            SignInRequirements,
        },
        random::SeededRandom,
        transport::{CallPurpose, Response},
    },
    store::{Clock, Timestamp},
    testing::ManualClock,
};
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use url::Url;

pub const T: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";
pub const OTHER: &str = "775527ff-9a37-4307-8b3d-cc311f58d925";
pub const CLIENT: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
pub const V2: &str = "https://login.microsoftonline.com/f645ad92-e38d-4d1a-b510-d1b09a74a8ca/v2.0";
pub const V2T: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
pub const NONCE: &str = "the-nonce-of-this-sign-in";
/// 2027-01-15T08:00:00Z
pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A private key and its public half as a JWK.
pub struct TestKey(KeyPair);

impl TestKey {
    /// One of a few keys that are generated once in a process: it takes a tenth of a second.
    pub fn number(which: usize) -> &'static Self {
        static KEYS: [OnceLock<TestKey>; 3] = [const { OnceLock::new() }; 3];
        KEYS[which].get_or_init(|| Self(KeyPair::generate(KeySize::Rsa2048).unwrap()))
    }

    /// Modulus and exponent.
    pub fn components(&self) -> (Vec<u8>, Vec<u8>) {
        // PKCS#1 RSAPublicKey: SEQUENCE { INTEGER, INTEGER }, at this size with two length bytes.
        let der = self.0.public_key().as_ref().to_vec();
        let body = &der[4..];
        let length = usize::from(body[2]) << 8 | usize::from(body[3]);
        let n = &body[4..4 + length];
        let e = &body[4 + length + 2..];
        let n = if n[0] == 0 { &n[1..] } else { n };
        (n.to_vec(), e.to_vec())
    }

    /// The public half as Entra publishes it: without `alg`.
    pub fn jwk(&self, kid: &str) -> Value {
        let (n, e) = self.components();
        json!({"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid,
               "n": BASE64.encode(n), "e": BASE64.encode(e)})
    }

    /// Signs whatever is given, right or wrong.
    pub fn sign_raw(&self, header: &str, payload: &[u8]) -> String {
        let input = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
        let scheme: &dyn aws_lc_rs::signature::RsaEncoding = if header.contains("RS384") {
            &RSA_PKCS1_SHA384
        } else if header.contains("PS256") {
            &RSA_PSS_SHA256
        } else {
            &RSA_PKCS1_SHA256
        };
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                scheme,
                &SystemRandom::new(),
                input.as_bytes(),
                &mut signature,
            )
            .unwrap();
        format!("{input}.{}", BASE64.encode(signature))
    }

    /// A token with an ordinary header.
    pub fn sign(&self, kid: &str, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": kid}).to_string();
        self.sign_raw(&header, claims.to_string().as_bytes())
    }

    /// The private half in PKCS#8, for other libraries.
    pub fn pkcs8(&self) -> Vec<u8> {
        AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&self.0)
            .unwrap()
            .as_ref()
            .to_vec()
    }
}

/// The claims of a good v2 ID token.
pub fn id_claims() -> Value {
    let now = NOW.seconds();
    json!({"ver": "2.0", "iss": V2, "sub": "pairwise-subject", "aud": CLIENT, "exp": now + 3600,
           "iat": now - 5, "nbf": now - 5, "name": "Adele Example", "oid": OTHER, "tid": T,
           "nonce": NONCE, "preferred_username": "adele@example.test", "roles": ["Reader"],
           "rh": "0.AX", "uti": "fqi", "aio": "AWQ"})
}

/// The claims of a good v2 access token for our API, on behalf of a user.
pub fn access_claims() -> Value {
    let mut claims = id_claims();
    let map = claims.as_object_mut().unwrap();
    map.remove("nonce");
    map.insert("scp".into(), "Files.Read Files.Write".into());
    map.insert("azp".into(), "99990000-aaaa-2222-bbbb-3333cccc4444".into());
    map.insert("azpacr".into(), "1".into());
    claims
}

/// A metadata document for an authority.
pub fn metadata(base: &str, issuer: &str) -> Value {
    json!({"issuer": issuer,
           "authorization_endpoint": format!("{base}/oauth2/v2.0/authorize"),
           "token_endpoint": format!("{base}/oauth2/v2.0/token"),
           "jwks_uri": format!("{base}/discovery/v2.0/keys"),
           "end_session_endpoint": format!("{base}/oauth2/v2.0/logout"),
           "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
           "cloud_instance_name": "microsoftonline.com"})
}

/// What the provider answers at present.
type Answer = Result<(u16, Vec<u8>), TransportError>;

/// A provider that answers what it is told to.
pub struct FakeProvider {
    answers: Mutex<BTreeMap<&'static str, Answer>>,
    pub metadata_fetches: AtomicUsize,
    pub key_fetches: AtomicUsize,
    gate: Mutex<Option<Arc<tokio::sync::Notify>>>,
    date: Mutex<Option<HeaderValue>>,
}

impl FakeProvider {
    pub fn new(metadata: &Value, keys: &[Value]) -> Arc<Self> {
        let fake = Arc::new(Self {
            answers: Mutex::default(),
            metadata_fetches: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
            gate: Mutex::default(),
            date: Mutex::default(),
        });
        fake.set_metadata(metadata);
        fake.set_keys(keys);
        fake
    }

    pub fn set_metadata(&self, document: &Value) {
        self.set("metadata", Ok((200, document.to_string().into_bytes())));
    }

    pub fn set_keys(&self, keys: &[Value]) {
        let document = json!({"keys": keys}).to_string();
        self.set("keys", Ok((200, document.into_bytes())));
    }

    pub fn set(&self, what: &'static str, answer: Answer) {
        self.answers.lock().unwrap().insert(what, answer);
    }

    pub fn set_date(&self, date: &'static str) {
        *self.date.lock().unwrap() = Some(HeaderValue::from_static(date));
    }

    /// From now on nothing is answered, until `open`.
    pub fn hang(&self) -> Arc<tokio::sync::Notify> {
        let notify = Arc::new(tokio::sync::Notify::new());
        *self.gate.lock().unwrap() = Some(Arc::clone(&notify));
        notify
    }

    pub fn open(&self) {
        if let Some(gate) = self.gate.lock().unwrap().take() {
            gate.notify_waiters();
        }
    }

    pub fn fetches(&self) -> (usize, usize) {
        (
            self.metadata_fetches.load(SeqCst),
            self.key_fetches.load(SeqCst),
        )
    }
}

impl Fetch for FakeProvider {
    fn fetch(
        &self,
        purpose: CallPurpose,
        _: Url,
    ) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let what = if purpose == CallPurpose::Keys {
                self.key_fetches.fetch_add(1, SeqCst);
                "keys"
            } else {
                self.metadata_fetches.fetch_add(1, SeqCst);
                "metadata"
            };
            let gate = self.gate.lock().unwrap().clone();
            if let Some(gate) = gate {
                gate.notified().await;
            }
            let (status, body) = self.answers.lock().unwrap()[what].clone()?;
            let mut headers = HeaderMap::new();
            if let Some(date) = self.date.lock().unwrap().clone() {
                headers.insert(header::DATE, date);
            }
            Ok(Response {
                status: StatusCode::from_u16(status).unwrap(),
                headers,
                body,
            })
        })
    }
}

/// Time that passes when it is told to, for clocks and for sleepers.
#[derive(Default)]
pub struct ManualTime {
    pub clock: ManualClock,
    sleepers: Mutex<Vec<(Timestamp, oneshot::Sender<()>)>>,
}

impl ManualTime {
    pub fn at(start: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            clock: ManualClock::at(start),
            sleepers: Mutex::default(),
        })
    }

    /// Lets time pass and everybody run whose time has come.
    pub async fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        let now = self.clock.now();
        let due: Vec<_> = {
            let mut sleepers = self.sleepers.lock().unwrap();
            let (due, rest) = std::mem::take(&mut *sleepers)
                .into_iter()
                .partition(|(until, _)| *until <= now);
            *sleepers = rest;
            due
        };
        for (_, sleeper) in due {
            let _ = sleeper.send(());
        }
        settle().await;
    }
}

/// Lets every task run as far as it can.
pub async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

impl Background for ManualTime {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        tokio::spawn(task);
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (sender, receiver) = oneshot::channel();
        let until = self.clock.now() + duration;
        self.sleepers.lock().unwrap().push((until, sender));
        Box::pin(async move {
            let _ = receiver.await;
        })
    }
}

/// The authority that these settings describe.
pub fn authority(settings: AuthoritySettings<'_>) -> Authority {
    settings.build().unwrap()
}

/// The common endpoint of the global cloud.
pub fn common() -> Authority {
    authority(AuthoritySettings {
        tenant_id: Some("common"),
        ..AuthoritySettings::default()
    })
}

/// The provider's state over a fake provider.
pub fn provider(
    authority: Authority,
    fake: &Arc<FakeProvider>,
    time: &Arc<ManualTime>,
) -> Provider {
    provider_with(authority, fake, time, SigningAlgorithms::default())
}

pub fn provider_with(
    authority: Authority,
    fake: &Arc<FakeProvider>,
    time: &Arc<ManualTime>,
    algorithms: SigningAlgorithms,
) -> Provider {
    let settings = ProviderSettings {
        hosts: authority.endpoint_hosts(),
        authority,
        algorithms,
        app_id: None,
        requirements: SignInRequirements::default(),
        patience: Duration::from_secs(10),
    };
    let ports = ProviderPorts {
        fetch: Arc::clone(fake) as Arc<dyn Fetch>,
        background: Arc::clone(time) as Arc<dyn Background>,
        clock: Arc::new(time.clock.clone()),
        random: Arc::new(SeededRandom::new(1)),
    };
    Provider::new(settings, ports)
}

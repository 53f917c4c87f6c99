//! The provider's state over the real transport, from a server on loopback.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use aad_auth::{
    config::{AllowedTenants, SigningAlgorithms},
    internals::{
        config::AuthoritySettings,
        provider::{Provider, ProviderPorts, ProviderSettings, SignInRequirements},
        random::SystemRandom,
        transport::{Transport, TransportSettings},
        validation::{Verifier, VerifierSettings},
    },
    testing::ManualClock,
};
use serde_json::json;

use crate::{
    tokens::{CLIENT, NOW, T, TestKey, authority, id_claims, metadata},
    world::{expected, outcome, with},
};

/// Answers every request, one a connection, by its path; counts them.
fn serve(listener: TcpListener, issuer: String, base: String, served: Arc<AtomicUsize>) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let first = String::from_utf8_lossy(&request[..read]);
            let body = if first.contains("/.well-known/openid-configuration") {
                metadata(&base, &issuer).to_string()
            } else {
                json!({"keys": [TestKey::number(0).jwk("k1")]}).to_string()
            };
            served.fetch_add(1, SeqCst);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
}

#[tokio::test]
async fn a_local_look_alike_signs_in_and_a_restart_needs_only_the_snapshot() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let issuer = format!("{origin}/{T}/v2.0");
    let served = Arc::new(AtomicUsize::new(0));
    serve(
        listener,
        issuer.clone(),
        format!("{origin}/{T}"),
        Arc::clone(&served),
    );

    let authority = authority(AuthoritySettings {
        tenant_id: Some(T),
        authority_host: Some(&origin),
        ..AuthoritySettings::default()
    });
    let transport = Arc::new(Transport::new(TransportSettings::default()).unwrap());
    let clock = Arc::new(ManualClock::at(NOW));
    let settings = ProviderSettings {
        hosts: authority.endpoint_hosts(),
        authority,
        algorithms: SigningAlgorithms::default(),
        app_id: None,
        requirements: SignInRequirements::default(),
        patience: std::time::Duration::from_secs(10),
    };
    let ports = ProviderPorts {
        fetch: transport.clone(),
        background: transport.clone(),
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    };
    let token = TestKey::number(0).sign("k1", &with(id_claims(), "iss", issuer));
    let verify = async |provider: Provider| {
        let settings = VerifierSettings::new(CLIENT, AllowedTenants::Any);
        let verifier = Verifier::new(provider, clock.clone(), settings).unwrap();
        outcome(verifier.id_token(&token, expected()).await)
    };

    let provider = Provider::new(settings.clone(), ports.clone());
    assert_eq!(verify(provider.clone()).await, "accepted");
    assert_eq!(served.load(SeqCst), 2);

    let restarted = Provider::new(settings, ports);
    restarted.import(&provider.export()).unwrap();
    transport.stop();
    assert_eq!(verify(restarted).await, "accepted");
    assert_eq!(served.load(SeqCst), 2);
}

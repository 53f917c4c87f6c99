//! https with the local certificate authority.

use std::sync::Arc;

use awc::{Client, Connector};
use entra_emulator::{Emulator, TlsFlaw};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::support::{NORTHWIND, answer};

fn trusting(ca: &str) -> Client {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Client::builder()
        .connector(Connector::new().rustls_0_23(Arc::new(config)))
        .disable_redirects()
        .finish()
}

#[actix_web::test]
async fn only_clients_that_trust_the_local_authority_connect() {
    let emulator = Emulator::builder().tls(true).start().unwrap();
    let ca = emulator.ca_pem().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let origin = format!("https://{host}:{}", emulator.port());
        let url = format!("{origin}/{NORTHWIND}/v2.0/.well-known/openid-configuration");
        let body = answer(trusting(&ca).get(&url).send().await.unwrap())
            .await
            .json();
        assert_eq!(body["issuer"], format!("{origin}/{NORTHWIND}/v2.0"));
        let other = Emulator::builder().tls(true).start().unwrap();
        assert!(
            trusting(other.ca_pem().unwrap())
                .get(&url)
                .send()
                .await
                .is_err(),
            "{host}"
        );
    }
    let plain = Client::builder()
        .finish()
        .get(format!("http://127.0.0.1:{}/", emulator.port()))
        .send()
        .await;
    assert!(plain.is_err());
}

#[actix_web::test]
async fn the_authority_stays_the_same_with_a_state_folder() {
    let folder = tempfile::tempdir().unwrap();
    let ca = || {
        Emulator::builder()
            .state_dir(folder.path())
            .tls(true)
            .start()
            .unwrap()
            .ca_pem()
            .unwrap()
            .to_owned()
    };
    assert_eq!(ca(), ca());
}

#[actix_web::test]
async fn makes_a_certificate_for_an_application() {
    let emulator = Emulator::builder().tls(true).start().unwrap();
    let (certificate, key) = emulator
        .certificate_for(&["localhost", "127.0.0.1"])
        .unwrap();
    assert!(certificate.starts_with("-----BEGIN CERTIFICATE") && key.contains("PRIVATE KEY"));
    assert!(
        Emulator::builder()
            .start()
            .unwrap()
            .certificate_for(&["localhost"])
            .is_none()
    );
}

#[actix_web::test]
async fn clients_refuse_a_certificate_with_a_flaw() {
    for flaw in [TlsFlaw::Expired, TlsFlaw::WrongName, TlsFlaw::SelfSigned] {
        let emulator = Emulator::builder().tls_flaw(flaw).start().unwrap();
        let url = format!("https://127.0.0.1:{}/", emulator.port());
        assert!(
            trusting(emulator.ca_pem().unwrap())
                .get(url)
                .send()
                .await
                .is_err(),
            "{flaw:?}"
        );
    }
}

//! Certificates: only a valid one for the right name by a trusted authority is accepted.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use url::Url;

use super::token_request;
use crate::transport::{
    Transport, TransportError, TransportSettings,
    test_server::{Stream, TestServer, answer, hang},
};

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    fn issue(&self, params: &CertificateParams) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key)
    }

    /// A transport that trusts this authority beside the system's.
    fn transport(&self) -> Transport {
        let settings = TransportSettings::default()
            .timeout(Duration::from_secs(10))
            .ca_pem(self.pem.clone().into_bytes());
        Transport::new(settings).unwrap()
    }
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

fn serve(pair: (CertificateDer<'static>, KeyPair)) -> (TestServer, Url) {
    serve_and_close(pair, false, |stream| {
        stream.write_all(&answer("200 OK", "{}")).map(|()| true)
    })
}

/// A TLS stream that ends with `close_notify` on request.
struct Closing {
    stream: StreamOwned<ServerConnection, TcpStream>,
    properly: bool,
}

impl Read for Closing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.read(buffer)
    }
}

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if self.properly {
            self.stream.conn.send_close_notify();
        }
        drop(self.stream.flush());
    }
}

fn serve_and_close(
    (certificate, key): (CertificateDer<'static>, KeyPair),
    properly: bool,
    script: impl Fn(&mut dyn Stream) -> io::Result<bool> + Send + Sync + 'static,
) -> (TestServer, Url) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let server = TestServer::listen(
        "127.0.0.1:0",
        move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let stream = StreamOwned::new(connection, stream);
            Ok(Box::new(Closing { stream, properly }))
        },
        move |_, stream| script(stream),
    );
    let url = Url::parse(&format!("https://localhost:{}/", server.address.port())).unwrap();
    (server, url)
}

async fn assert_refused(transport: &Transport, server: TestServer, url: Url) {
    let sent = transport.send(token_request(url)).await;
    assert_eq!(sent.err(), Some(TransportError::Tls));
    assert!(server.requests().is_empty(), "the secret was sent");
}

/// Without `close_notify` an attacker may have ended the connection: the answer is refused, also with complete JSON.
#[actix_web::test]
async fn r87_a_body_that_ends_with_the_connection_needs_a_proper_close() {
    let authority = Authority::new();
    for (properly, body) in [(true, "{}"), (false, "{}"), (false, "{\"a\":")] {
        let pair = authority.issue(&named("localhost"));
        let (_server, url) = serve_and_close(pair, properly, move |stream| {
            write!(stream, "HTTP/1.1 200 OK\r\n\r\n{body}").map(|()| false)
        });
        let sent = authority.transport().send(token_request(url)).await;
        match sent {
            Ok(answer) => assert!(properly && answer.body == b"{}"),
            Err(error) => assert!(!properly && error == TransportError::Closed, "{error:?}"),
        }
    }
}

#[actix_web::test]
async fn a_self_signed_certificate_is_refused() {
    let key = KeyPair::generate().unwrap();
    let certificate = named("localhost").self_signed(&key).unwrap();
    let (server, url) = serve((certificate.der().clone(), key));
    assert_refused(&Authority::new().transport(), server, url).await;
}

#[actix_web::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (server, url) = serve(Authority::new().issue(&named("localhost")));
    assert_refused(&Authority::new().transport(), server, url).await;
}

#[actix_web::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let (server, url) = serve(authority.issue(&named("login.microsoftonline.com")));
    assert_refused(&authority.transport(), server, url).await;
}

#[actix_web::test]
async fn an_expired_certificate_is_refused() {
    let authority = Authority::new();
    let mut params = named("localhost");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2021, 1, 1);
    let (server, url) = serve(authority.issue(&params));
    assert_refused(&authority.transport(), server, url).await;
}

#[actix_web::test]
async fn a_certificate_that_is_not_valid_yet_is_refused() {
    let authority = Authority::new();
    let mut params = named("localhost");
    params.not_before = date_time_ymd(2090, 1, 1);
    params.not_after = date_time_ymd(2091, 1, 1);
    let (server, url) = serve(authority.issue(&params));
    assert_refused(&authority.transport(), server, url).await;
}

#[actix_web::test]
async fn a_certificate_by_the_configured_authority_is_accepted() {
    let authority = Authority::new();
    let (server, url) = serve(authority.issue(&named("localhost")));
    let transport = authority.transport();
    for _ in 0..3 {
        let sent = transport.send(token_request(url.clone())).await;
        assert_eq!(sent.ok().unwrap().status, StatusCode::OK);
    }
    assert_eq!(server.connections(), 1, "the TLS connection is reused");
}

#[actix_web::test]
async fn a_server_that_speaks_no_tls_is_refused() {
    let server = TestServer::listen(
        "127.0.0.1:0",
        |mut stream| {
            stream.write_all(&answer("200 OK", "{}"))?;
            Ok(Box::new(stream))
        },
        |_, _| Ok(false),
    );
    let url = Url::parse(&format!("https://localhost:{}/", server.address.port())).unwrap();
    let sent = Authority::new().transport().send(token_request(url)).await;
    assert_eq!(sent.err(), Some(TransportError::Tls));
}

#[actix_web::test]
async fn a_handshake_that_hangs_holds_nobody() {
    let server = TestServer::listen(
        "127.0.0.1:0",
        |mut stream| {
            hang(&mut stream)?;
            Ok(Box::new(stream))
        },
        |_, _| Ok(false),
    );
    let url = Url::parse(&format!("https://localhost:{}/", server.address.port())).unwrap();
    let authority = Authority::new();
    let settings = TransportSettings::default()
        .timeout(Duration::from_millis(500))
        .ca_pem(authority.pem.into_bytes());
    let sent = Transport::new(settings)
        .unwrap()
        .send(token_request(url))
        .await;
    assert_eq!(sent.err(), Some(TransportError::Timeout));
}

//! A TLS connection to a proxy, byte by byte: for streams and WebSockets.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};

use super::proxy::Proxy;

pub struct Wire {
    stream: StreamOwned<ClientConnection, TcpStream>,
    read: Vec<u8>,
}

impl Wire {
    /// Connects to the proxy as to `host`.
    pub fn open(proxy: &Proxy, host: &str) -> Self {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(proxy.certificate.as_bytes()).unwrap();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let tls = ClientConnection::new(Arc::new(config), name).unwrap();
        let tcp = TcpStream::connect(("127.0.0.1", proxy.port)).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        Self {
            stream: StreamOwned::new(tls, tcp),
            read: Vec::new(),
        }
    }

    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).unwrap();
        self.stream.flush().unwrap();
    }

    /// Reads until the other side ends the connection; returns all that has come.
    pub fn rest(&mut self) -> String {
        let mut bytes = [0; 4096];
        // Some proxies end without a farewell.
        while let Ok(read) = self.stream.read(&mut bytes) {
            if read == 0 {
                break;
            }
            self.read.extend_from_slice(&bytes[..read]);
        }
        String::from_utf8_lossy(&self.read).into_owned()
    }

    /// Reads until this has come; returns all that has.
    pub fn until(&mut self, end: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.read).into_owned();
            if text.contains(end) {
                return text;
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(read) if read > 0 => self.read.extend_from_slice(&bytes[..read]),
                ended => panic!("{ended:?} before {end:?} in {text}"),
            }
        }
    }
}

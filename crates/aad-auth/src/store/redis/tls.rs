//! Classifies TLS errors of connections.

use std::{error::Error, io, sync::Arc};

use redis::RedisError;
use rustls::{AlertDescription, CertificateError};

/// A TLS error, classified by its remedy.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum TlsFault {
    /// No trusted authority has signed the certificate.
    UnknownIssuer,
    /// The certificate is for another name or address.
    OtherName,
    /// The certificate has expired, or is not valid yet.
    Time,
    /// The server requires a client certificate.
    WantsCertificate,
    /// The server does not use TLS.
    NotTls,
    /// Another error: no common version, a revoked or malformed certificate.
    Other,
}

/// The TLS error in an error. `None` for other errors.
pub(super) fn fault(error: &RedisError) -> Option<TlsFault> {
    let source = error.source()?;
    let shared = source.downcast_ref::<Arc<dyn Error + Send + Sync>>();
    let inner: &(dyn Error + 'static) = match shared {
        Some(shared) => &**shared,
        None => source,
    };
    let tls = match inner.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref()?.downcast_ref::<rustls::Error>()?,
        None => inner.downcast_ref::<rustls::Error>()?,
    };
    Some(classify(tls))
}

fn classify(error: &rustls::Error) -> TlsFault {
    use CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => TlsFault::UnknownIssuer,
        rustls::Error::InvalidCertificate(
            Bad::NotValidForName | Bad::NotValidForNameContext { .. },
        ) => TlsFault::OtherName,
        rustls::Error::InvalidCertificate(
            Bad::Expired
            | Bad::ExpiredContext { .. }
            | Bad::NotValidYet
            | Bad::NotValidYetContext { .. },
        ) => TlsFault::Time,
        // webpki reports a self-signed certificate so.
        rustls::Error::InvalidCertificate(Bad::Other(_)) => TlsFault::UnknownIssuer,
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => TlsFault::WantsCertificate,
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Other,
    }
}

//! Which fault of TLS keeps a connection from being made.

use std::{error::Error, io, sync::Arc};

use redis::RedisError;
use rustls::{AlertDescription, CertificateError};

/// A fault of TLS, as far as it decides over what the operator has to change.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum TlsFault {
    /// No trusted authority has signed the certificate.
    UnknownIssuer,
    /// The certificate is for another name or address.
    OtherName,
    /// The certificate has expired, or is not valid yet.
    Time,
    /// The server wants a certificate of ours.
    WantsCertificate,
    /// What answers does not speak TLS.
    NotTls,
    /// Something else: no common version, a revoked or broken certificate.
    Other,
}

/// The fault of TLS in an error. `None`: the error is of another kind.
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
        // A server or authority that signs itself is no end entity for webpki.
        rustls::Error::InvalidCertificate(Bad::Other(_)) => TlsFault::UnknownIssuer,
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure,
        ) => TlsFault::WantsCertificate,
        rustls::Error::InvalidMessage(_) => TlsFault::NotTls,
        _ => TlsFault::Other,
    }
}

//! The TLS policy of the provider thread: TLS 1.2 and 1.3 by aws-lc, the system's roots and the
//! configured ones. There is no way to switch the checks off.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use super::TransportError;

/// The certificates in `pem`; at least one, and each usable as a root.
pub(super) fn parse_roots(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let roots: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|_| TransportError::InvalidTrustedRoots)?;
    let mut store = RootCertStore::empty();
    for root in &roots {
        store
            .add(root.clone())
            .map_err(|_| TransportError::InvalidTrustedRoots)?;
    }
    if store.is_empty() {
        return Err(TransportError::InvalidTrustedRoots);
    }
    Ok(roots)
}

/// The client configuration. It reads the system's roots from disk and costs 40 to 50 ms of CPU.
///
/// Only HTTP/1.1 is offered: awc looks whether a pooled HTTP/1.1 connection is still open before
/// using it, but not so with HTTP/2, where a dead one would lose a code redemption.
pub(super) fn client_config(
    roots: &[CertificateDer<'static>],
) -> Result<Arc<ClientConfig>, TransportError> {
    let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots.iter().cloned(), Arc::clone(&provider))
        .map_err(|error| {
            tracing::error!(%error, "no trusted root certificates");
            TransportError::NoTrustedRoots
        })?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| TransportError::Tls)?
        // Named so by rustls because any verifier fits here; ours is the platform's, and this is
        // the documented way to give it further roots.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_that_are_no_certificates_are_refused() {
        for pem in [
            "",
            "not PEM",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ] {
            assert_eq!(
                parse_roots(pem.as_bytes()).unwrap_err(),
                TransportError::InvalidTrustedRoots,
                "{pem}"
            );
        }
    }
}

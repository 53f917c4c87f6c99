//! The TLS policy: TLS 1.2 and 1.3 with aws-lc, the system's roots and the configured ones. No setting
//! switches certificate checks off.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
};
use rustls_platform_verifier::Verifier;

use super::TransportError;

/// Builds the client configuration. Reads the system's roots from disk, and costs 40 to 50 ms of CPU.
///
/// Offers HTTP/1.1 only: awc checks that a pooled HTTP/1.1 connection is still open, but does not check an
/// HTTP/2 connection. A closed one would lose a code redemption.
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
        // rustls uses this name since any verifier is possible here. This one is the platform's, and this
        // is the documented way to add roots.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

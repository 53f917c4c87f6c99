//! The TLS policy of the provider thread: TLS 1.2 and 1.3 by aws-lc, the system's roots and the
//! configured ones. There is no way to switch the checks off.

use std::sync::Arc;

use rustls::{
    ClientConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::CertificateDer,
};
use rustls_platform_verifier::Verifier;

use super::TransportError;

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

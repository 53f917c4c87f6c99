//! Root certificates: the content of the file that `AAD_CA_FILE` names.

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Parses PEM certificates. `None` unless there is at least one, and each is usable as a root.
pub(crate) fn parse_root_certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let roots: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .ok()?;
    let mut store = RootCertStore::empty();
    for root in &roots {
        store.add(root.clone()).ok()?;
    }
    (!store.is_empty()).then_some(roots)
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
            assert!(parse_root_certificates(pem.as_bytes()).is_none(), "{pem}");
        }
    }
}

//! The application's own certificate.

use std::{fmt, path::PathBuf, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

/// Where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Why a certificate cannot be used, as a rule that stands behind the variable's name.
#[derive(Debug)]
pub enum CertificateError {
    /// No chain can be read.
    Chain(pem::Error),
    /// No key can be read.
    Key(pem::Error),
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    Pair(rustls::Error),
}

impl std::error::Error for CertificateError {}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(error) => {
                write!(f, "names a file that is no PEM chain, leaf first ({error})")
            }
            Self::Key(error) => write!(
                f,
                "names a file that is no PEM private key without a password ({error})"
            ),
            Self::Pair(error) => write!(f, "cannot be used with TLS_CERT_FILE ({error})"),
        }
    }
}

impl TlsFiles {
    /// Reads both: TLS 1.2 and 1.3 with the cipher suites of aws-lc.
    ///
    /// # Errors
    /// Files that do not hold a chain and its key.
    pub fn load(&self) -> Result<ServerConfig, CertificateError> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(CertificateError::Chain)?;
        if chain.is_empty() {
            return Err(CertificateError::Chain(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(CertificateError::Key)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(CertificateError::Pair)
    }
}

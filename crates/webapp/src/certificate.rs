//! The application's TLS certificate.

use std::{fmt, io, path::PathBuf, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
};

/// The files of the certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsFiles {
    /// The certificate chain as PEM, leaf first.
    pub certificate: PathBuf,
    /// The private key as PEM, without a password.
    pub key: PathBuf,
}

/// Why a certificate cannot be used. The text is the rule that follows the variable's name.
#[derive(Debug)]
pub enum CertificateError {
    /// The chain cannot be read.
    Chain(PemFault),
    /// The key cannot be read.
    Key(PemFault),
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    Pair(rustls::Error),
}

/// Why a PEM file cannot be read. It has no part of the file.
///
/// The library's own error quotes the line that it cannot read, which may be the whole private key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PemFault {
    /// The system refuses to read it.
    Io(io::ErrorKind),
    /// It has no item of the wanted kind.
    Missing,
    /// It is not PEM.
    NotPem,
}

impl std::error::Error for CertificateError {}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(fault) => {
                write!(f, "must name a PEM file with the chain, leaf first")?;
                fault.explain(f, "certificate")
            }
            Self::Key(fault) => {
                write!(
                    f,
                    "must name a PEM file with the private key, without a password"
                )?;
                fault.explain(f, "private key")
            }
            Self::Pair(error) => write!(f, "cannot be used with TLS_CERT_FILE ({error})"),
        }
    }
}

impl PemFault {
    fn explain(self, f: &mut fmt::Formatter<'_>, wanted: &str) -> fmt::Result {
        match self {
            Self::Io(kind) => write!(f, " ({kind})"),
            Self::Missing => write!(f, " (this one holds no {wanted})"),
            Self::NotPem => write!(f, " (this one is not PEM: are its line breaks lost?)"),
        }
    }
}

impl From<pem::Error> for PemFault {
    fn from(error: pem::Error) -> Self {
        match error {
            pem::Error::Io(error) => Self::Io(error.kind()),
            pem::Error::NoItemsFound => Self::Missing,
            _ => Self::NotPem,
        }
    }
}

impl TlsFiles {
    /// Reads both files, for TLS 1.2 and 1.3 with the cipher suites of aws-lc.
    ///
    /// # Errors
    /// Files without a certificate chain and its private key.
    pub fn load(&self) -> Result<ServerConfig, CertificateError> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| CertificateError::Chain(error.into()))?;
        if chain.is_empty() {
            return Err(CertificateError::Chain(PemFault::Missing));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| CertificateError::Key(error.into()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(chain, key))
            .map_err(CertificateError::Pair)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const CANARY: &str = "Q0FOQVJZQ0FOQVJZ";

    fn assert_silent(error: &CertificateError) {
        let decimal = format!("{:?}", CANARY.as_bytes());
        for said in [error.to_string(), format!("{error:?} {error:#?}")] {
            for told in [CANARY, decimal.trim_matches(['[', ']'])] {
                assert!(!said.contains(told), "{said}");
            }
        }
    }

    const KEY_LINES: [&str; 3] = [
        "-----BEGIN PRIVATE KEY-----",
        CANARY,
        "-----END PRIVATE KEY-----",
    ];

    /// A folder with a good certificate, and the paths of the certificate and of a key to be written.
    fn files() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let generated = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("chain.pem");
        fs::write(&certificate, generated.cert.pem()).unwrap();
        let key = folder.path().join("key.pem");
        (folder, certificate, key)
    }

    #[test]
    fn w57_no_error_about_a_file_holds_a_part_of_it() {
        let lines = KEY_LINES;
        let (_folder, certificate, key) = files();
        for (text, expected) in [
            (lines.join("\\n"), PemFault::NotPem),
            (lines.join(" "), PemFault::NotPem),
            (lines.concat(), PemFault::NotPem),
            (format!("-----BEGIN {CANARY}"), PemFault::NotPem),
            (lines[..2].join("\n"), PemFault::NotPem),
            (
                format!("-----BEGIN {CANARY}-----\nAAAA\n"),
                PemFault::NotPem,
            ),
            (lines.join("!\n"), PemFault::NotPem),
            (CANARY.to_owned(), PemFault::Missing),
            (String::new(), PemFault::Missing),
        ] {
            fs::write(&key, &text).unwrap();
            for (chain, private) in [(&certificate, &key), (&key, &certificate)] {
                let files = TlsFiles {
                    certificate: chain.clone(),
                    key: private.clone(),
                };
                let error = files.load().unwrap_err();
                assert_silent(&error);
                let (CertificateError::Chain(fault) | CertificateError::Key(fault)) = error else {
                    panic!("{text}: {error}")
                };
                assert_eq!(fault, expected, "{text}");
            }
        }
    }

    #[test]
    fn refuses_a_key_in_place_of_the_chain_and_a_missing_file() {
        let (folder, certificate, key) = files();
        fs::write(&key, KEY_LINES.join("\n")).unwrap();
        for (certificate, expected) in [
            (&key, "holds no certificate"),
            (&certificate, "TLS_CERT_FILE"),
        ] {
            let files = TlsFiles {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            let error = files.load().unwrap_err();
            assert_silent(&error);
            assert!(error.to_string().contains(expected), "{error}");
        }
        let missing = TlsFiles {
            certificate,
            key: folder.path().join("missing"),
        };
        let error = missing.load().unwrap_err();
        assert!(matches!(
            error,
            CertificateError::Key(PemFault::Io(io::ErrorKind::NotFound))
        ));
    }
}

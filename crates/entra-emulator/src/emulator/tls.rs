//! https with certificates of a local certificate authority.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::StartError;
use crate::directory::{Directory, TenantKind};
use crate::state::{State, StateDir};
use crate::sync::read;

/// A flaw of the emulator's certificate; see [`EmulatorBuilder::tls_flaw`](super::EmulatorBuilder::tls_flaw).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsFlaw {
    /// The certificate has expired.
    Expired,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is self-signed rather than signed by the local CA.
    SelfSigned,
}

/// A certificate authority made on this machine; its key stays in the process and the state folder.
pub(super) struct LocalAuthority {
    pub(super) ca_pem: String,
    key_pem: String,
}

impl LocalAuthority {
    /// Reads the authority from the state folder, or makes one.
    pub(super) fn load(state_dir: Option<&StateDir>) -> Result<Self, StartError> {
        let (ca_pem, key_pem) = match state_dir {
            Some(folder) => folder.pem_pair("local-ca", make)?,
            None => make().map_err(|error| failed(&error))?,
        };
        Ok(Self { ca_pem, key_pem })
    }

    /// Makes a certificate and key in PEM for these names (DNS names or addresses), signed by this authority.
    pub(super) fn certificate(&self, names: Vec<String>) -> Result<(String, String), rcgen::Error> {
        let (certificate, key) = self.leaf(names, None)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    pub(super) fn server_config(
        &self,
        state: &State,
        flaw: Option<TlsFlaw>,
    ) -> Result<ServerConfig, StartError> {
        let (certificate, key) = self
            .leaf(names(&read(&state.directory)), flaw)
            .map_err(|error| failed(&error))?;
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key));
        config.map_err(|error| StartError::Key(error.to_string()))
    }

    fn leaf(
        &self,
        names: Vec<String>,
        flaw: Option<TlsFlaw>,
    ) -> Result<(rcgen::Certificate, KeyPair), rcgen::Error> {
        let authority = Issuer::new(authority_params(), KeyPair::from_pem(&self.key_pem)?);
        let names = if flaw == Some(TlsFlaw::WrongName) {
            vec!["elsewhere.example.test".to_owned()]
        } else {
            names
        };
        let mut params = CertificateParams::new(names)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "LOCAL EMULATOR");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2024, 1, 1);
        params.not_after = date_time_ymd(
            if flaw == Some(TlsFlaw::Expired) {
                2025
            } else {
                2044
            },
            1,
            1,
        );
        let key = KeyPair::generate()?;
        let certificate = match flaw {
            Some(TlsFlaw::SelfSigned) => params.self_signed(&key)?,
            _ => params.signed_by(&key, &authority)?,
        };
        Ok((certificate, key))
    }
}

fn make() -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    Ok((
        authority_params().self_signed(&key)?.pem(),
        key.serialize_pem(),
    ))
}

fn authority_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "LOCAL EMULATOR development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = date_time_ymd(2024, 1, 1);
    params.not_after = date_time_ymd(2044, 1, 1);
    params
}

/// Lists the names of this machine, and those of the External ID tenants.
fn names(directory: &Directory) -> Vec<String> {
    let tenants = directory
        .tenants
        .iter()
        .filter(|tenant| tenant.kind == TenantKind::ExternalId);
    let hosts = tenants
        .flat_map(|tenant| [tenant.id.clone(), tenant.subdomain.clone()])
        .filter(|label| !label.is_empty());
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    own.into_iter()
        .chain(hosts.map(|label| format!("{label}.localhost")))
        .collect()
}

fn failed(error: &rcgen::Error) -> StartError {
    match error {
        // The error could quote the file.
        rcgen::Error::PemError(_) => StartError::Key("local-ca.key.pem is not PEM".to_owned()),
        error => StartError::Key(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w57_the_error_of_a_broken_ca_key_does_not_quote_it() {
        for key_pem in [
            "-----BEGIN canary-----\nAAAA\n-----END canari-----\n",
            "-----BEGIN PRIVATE KEY-----\\ncanary\\n-----END PRIVATE KEY-----",
        ] {
            let authority = LocalAuthority {
                ca_pem: String::new(),
                key_pem: key_pem.to_owned(),
            };
            let error = authority.certificate(Vec::new()).unwrap_err();
            let said = failed(&error).to_string();
            assert!(!said.contains("canar"), "{said}");
        }
    }
}

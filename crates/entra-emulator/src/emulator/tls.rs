//! https by certificates of a local authority (`entra.md` 11.1, row 10).

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::StartError;
use super::state_dir::StateDir;
use crate::directory::{Directory, TenantKind};
use crate::state::State;
use crate::sync::read;

/// What is wrong with the emulator's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFlaw {
    /// It has expired.
    Expired,
    /// It is for another name.
    WrongName,
    /// Nobody but itself has signed it.
    SelfSigned,
}

/// A certificate authority made on this machine. Its key never leaves the process or the state folder.
pub(super) struct LocalAuthority {
    pub(super) ca_pem: String,
    key_pem: String,
}

impl LocalAuthority {
    /// The authority in the state folder, or a new one.
    pub(super) fn load(state_dir: Option<&StateDir>) -> Result<Self, StartError> {
        let (ca_pem, key_pem) = match state_dir {
            Some(folder) => folder.pem_pair("local-ca", make)?,
            None => make().map_err(|error| failed(&error))?,
        };
        Ok(Self { ca_pem, key_pem })
    }

    /// A certificate and key in PEM for these names (DNS names or addresses), signed by this authority.
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

/// The names of this machine, and those of the External ID tenants.
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
        // It may quote the file.
        rcgen::Error::PemError(_) => StartError::Key("local-ca.key.pem is not PEM".to_owned()),
        error => StartError::Key(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w57_a_broken_key_of_the_authority_is_told_without_its_content() {
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

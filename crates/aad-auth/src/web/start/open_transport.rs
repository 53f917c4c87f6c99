//! The way to the provider.

use std::fs;

use super::StartError;
use crate::{
    config::{Config, Problem},
    transport::{Transport, TransportSettings},
};

pub(in crate::web) fn open_transport(config: &Config) -> Result<Transport, StartError> {
    let mut settings = TransportSettings::default().timeout(config.provider_timeout);
    if let Some(pem) = read_roots(config)? {
        settings = settings.ca_pem(pem);
    }
    Ok(Transport::new(settings).map_err(|error| roots_problem(error.to_string()))?)
}

/// The further trusted roots of `AAD_CA_FILE`.
pub(in crate::web) fn read_roots(config: &Config) -> Result<Option<Vec<u8>>, Problem> {
    let Some(path) = &config.ca_file else {
        return Ok(None);
    };
    fs::read(path).map(Some).map_err(|error| {
        roots_problem(format!(
            "names a file that cannot be read ({})",
            error.kind()
        ))
    })
}

fn roots_problem(rule: String) -> Problem {
    Problem::new("AAD_CA_FILE", rule, "/etc/ssl/our-ca.pem")
}

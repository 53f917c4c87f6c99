//! Calls to the provider and to downstream APIs.

use std::{fs, path::PathBuf, time::Duration};

use url::Url;

use crate::config_room::{
    host::is_loopback, root_certificates::parse_root_certificates, settings_reader::SettingsReader,
};

/// The settings of the group `Calls`.
pub(super) struct CallSettings {
    pub(super) ca_file: Option<PathBuf>,
    pub(super) provider_timeout: Duration,
    pub(super) graph_url: Option<Url>,
}

impl CallSettings {
    pub(super) fn read(reader: &mut SettingsReader<'_>) -> Self {
        Self {
            ca_file: reader.parsed("AAD_CA_FILE", ca_file),
            provider_timeout: reader.duration(
                "AAD_PROVIDER_TIMEOUT",
                Duration::from_secs(10),
                Duration::from_secs(1)..=Duration::from_secs(60),
            ),
            graph_url: reader.parsed("AAD_GRAPH_URL", graph_url),
        }
    }
}

/// Checks that the file can be read, and holds certificates and nothing else.
fn ca_file(value: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(value);
    let pem = fs::read(&path)
        .map_err(|error| format!("names a file that cannot be read ({})", error.kind()))?;
    match parse_root_certificates(&pem) {
        Some(_) => Ok(path),
        None => Err("names a file that is not a list of PEM certificates".to_owned()),
    }
}

fn graph_url(value: &str) -> Result<Url, &'static str> {
    let url = Url::parse(value).map_err(|_| "must be an absolute URL")?;
    let allowed = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if allowed && url.query().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("must be https (http on loopback only), without query and fragment")
    }
}

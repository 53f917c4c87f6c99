//! A certificate for the proxies of the tests.

use std::{fs, path::Path};

use rcgen::{CertifiedKey, generate_simple_self_signed};

/// Certificate and key for the hosts of the samples; PEM.
pub struct Certificate {
    pub certificate: String,
    key: String,
}

impl Certificate {
    pub fn new() -> Self {
        // The test's browser asks 127.0.0.1, whatever the name.
        let names = ["app.localhost", "www.localhost", "localhost", "127.0.0.1"];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names.map(str::to_owned)).unwrap();
        Self {
            certificate: cert.pem(),
            key: signing_key.serialize_pem(),
        }
    }

    /// Writes `webapp.crt`, `webapp.key`, and `webapp.pem` with both.
    pub fn write(&self, folder: &Path) {
        let both = format!("{}{}", self.certificate, self.key);
        fs::write(folder.join("webapp.crt"), &self.certificate).unwrap();
        fs::write(folder.join("webapp.key"), &self.key).unwrap();
        fs::write(folder.join("webapp.pem"), both).unwrap();
    }
}

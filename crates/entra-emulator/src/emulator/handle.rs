//! A running emulator.

use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use url::Url;

use super::tls::LocalAuthority;
use crate::control::Control;
use crate::state::State;
use crate::sync::read;

/// A running emulator; it stops when it is dropped.
///
/// ```
/// let emulator = entra_emulator::Emulator::builder().start()?;
/// let authority = emulator.authority("11110000-aaaa-4bbb-8ccc-000000000001");
/// assert!(authority.starts_with("http://127.0.0.1:"));
/// emulator.stop();
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
pub struct Emulator {
    state: Arc<State>,
    port: u16,
    local_authority: Option<LocalAuthority>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    pub(super) fn new(
        state: Arc<State>,
        port: u16,
        local_authority: Option<LocalAuthority>,
        server: ServerHandle,
        thread: JoinHandle<()>,
    ) -> Self {
        Self {
            state,
            port,
            local_authority,
            server,
            thread: Some(thread),
        }
    }

    /// Returns the origin, such as `http://127.0.0.1:5001/`.
    #[must_use]
    #[allow(
        clippy::missing_panics_doc,
        reason = "an origin of scheme, address and port always parses"
    )]
    pub fn url(&self) -> Url {
        let text = self.state.origin.url();
        Url::parse(&text).unwrap_or_else(|_| unreachable!("{text} is a URL"))
    }

    /// Returns the port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the v2 authority of a tenant: the address before `/.well-known/openid-configuration`.
    ///
    /// The tenant is a GUID, a domain, `common`, `organizations`, `consumers` or `{domain}/{policy}`.
    #[must_use]
    pub fn authority(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.state.origin.url())
    }

    /// Returns the handle that controls the emulator.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// Returns the bearer token of the control API.
    #[must_use]
    pub fn control_token(&self) -> &str {
        &self.state.control_token
    }

    /// Returns the certificate of the local CA as PEM; `None` without https.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.local_authority
            .as_ref()
            .map(|authority| authority.ca_pem.as_str())
    }

    /// Makes a certificate of the local CA for these names or addresses, and its key, both PEM; `None` without https.
    ///
    /// An application beside the emulator can use them for https.
    #[must_use]
    pub fn certificate_for(&self, names: &[&str]) -> Option<(String, String)> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.local_authority
            .as_ref()
            .and_then(|authority| authority.certificate(names).ok())
    }

    /// Returns the lines of a `.env` file with which an application signs in at this emulator.
    ///
    /// They are those of the application that registers `redirect_uri`; without one, of the first application with a
    /// redirect URI. Empty when there is none.
    #[must_use]
    pub fn ready_env(&self, redirect_uri: Option<&str>) -> String {
        read(&self.state.directory)
            .ready_env(&self.state.origin.url(), redirect_uri)
            .unwrap_or_default()
    }

    /// Stops the emulator and waits until its thread has ended.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        // Calling `stop` is enough: its future completes when the server has ended, for which the thread waits.
        drop(self.server.stop(false));
        if thread.join().is_err() {
            tracing::error!("the emulator's thread panicked");
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shut_down();
    }
}

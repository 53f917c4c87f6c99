use std::sync::Arc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use url::Url;

use super::tls::LocalAuthority;
use super::{EmulatorBuilder, environment};
use crate::control::Control;
use crate::state::State;
use crate::sync::read;

/// A running emulator. It stops when it is dropped.
pub struct Emulator {
    state: Arc<State>,
    port: u16,
    local_authority: Option<LocalAuthority>,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

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

    /// The origin, such as `http://127.0.0.1:5001/`.
    #[must_use]
    #[allow(
        clippy::missing_panics_doc,
        reason = "an origin of scheme, address and port always parses"
    )]
    pub fn url(&self) -> Url {
        let text = self.state.origin.url();
        Url::parse(&text).unwrap_or_else(|_| unreachable!("{text} is a URL"))
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The v2 authority of a tenant (a GUID, a domain, `common`, `organizations`, `consumers`, or `{domain}/{policy}`):
    /// the address before `/.well-known/openid-configuration`.
    #[must_use]
    pub fn authority(&self, tenant: &str) -> String {
        format!("{}/{tenant}/v2.0", self.state.origin.url())
    }

    /// The handle that steers it.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.state))
    }

    /// The bearer token of the control API.
    #[must_use]
    pub fn control_token(&self) -> &str {
        &self.state.control_token
    }

    /// The certificate of the local CA as PEM; nothing without https.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.local_authority
            .as_ref()
            .map(|authority| authority.ca_pem.as_str())
    }

    /// A certificate of the local CA for these names or addresses, and its key, both PEM: for an application that is to
    /// be reached by https beside the emulator. Nothing without https.
    #[must_use]
    pub fn certificate_for(&self, names: &[&str]) -> Option<(String, String)> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.local_authority
            .as_ref()
            .and_then(|authority| authority.certificate(names).ok())
    }

    /// The lines of a `.env` with which an application signs in here as the first application of the directory that has
    /// a redirect URI; that URI is replaced by the given one, which must be registered.
    #[must_use]
    pub fn ready_env(&self, redirect_uri: Option<&str>) -> String {
        environment::ready_env(
            &read(&self.state.directory),
            &self.state.origin.url(),
            redirect_uri,
        )
        .unwrap_or_default()
    }

    /// Stops listening and waits until the thread has ended.
    pub fn stop(mut self) {
        self.shut_down();
    }

    fn shut_down(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        // The order is given by calling it; the answer comes when the server has ended, which the thread waits for.
        drop(self.server.stop(false));
        if thread.join().is_err() {
            tracing::error!("the emulator's thread ended by a panic");
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.shut_down();
    }
}

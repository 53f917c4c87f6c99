//! Several instances of one application: one address, one secret, one provider.

use aad_auth::{AuthBuilder, config::Source};
use entra_emulator::Emulator;

use super::App;

/// A secret that the instances share.
pub const SECRET: &str =
    "b25lIHNlY3JldCB0aGF0IGFsbCBpbnN0YW5jZXMgb2YgdGhpcyBhcHBsaWNhdGlvbiBzaGFyZSBpbiB0ZXN0cyEh";
/// Another one, for rotations.
pub const NEWER_SECRET: &str =
    "YSBuZXdlciBzZWNyZXQgdGhhdCBhbGwgaW5zdGFuY2VzIHdpbGwgc2hhcmUgYWZ0ZXIgdGhlIHJvdGF0aW9uISEh";

/// The instances. The browser knows the address of the first one only; [`Fleet::at`] plays the
/// load balancer.
pub struct Fleet {
    pub emulator: Emulator,
    pub apps: Vec<App>,
}

impl Fleet {
    /// `size` instances with the store that `AAD_SESSION_STORE` names.
    pub fn start(size: usize, store: &str) -> Self {
        Self::with(
            size,
            |source| source.with("AAD_SESSION_STORE", store),
            |b| b,
        )
    }

    pub fn with(
        size: usize,
        change: impl Fn(Source) -> Source,
        build: impl Fn(AuthBuilder) -> AuthBuilder,
    ) -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let mut fleet = Self {
            emulator,
            apps: Vec::new(),
        };
        for _ in 0..size {
            fleet.join(&change, &build);
        }
        fleet
    }

    /// One more instance.
    pub fn join(
        &mut self,
        change: impl FnOnce(Source) -> Source,
        build: impl FnOnce(AuthBuilder) -> AuthBuilder,
    ) {
        let base = self.apps.first().map(|app| app.url(""));
        let shared = |source: Source| {
            let source = source.with("AAD_SESSION_SECRET", SECRET);
            change(match base {
                Some(base) => source.with("AAD_BASE_URL", base),
                None => source,
            })
        };
        let app = App::start_at(self.emulator.url().as_str(), shared, build);
        self.apps.push(app);
    }

    /// An address of the application, as asked of the instance `number`.
    pub fn at(&self, number: usize, url: &str) -> String {
        let asked = url::Url::parse(&self.apps[0].url("")).unwrap();
        let mut asked = asked.join(url).unwrap();
        asked.set_port(Some(self.apps[number].port)).unwrap();
        asked.to_string()
    }

    pub fn users(&self, user: &str) {
        self.emulator.control().auto_sign_in(Some(user));
    }
}

//! Several instances of the program behind a load balancer, with a provider.

use entra_emulator::Emulator;

use super::{ADA, Proxy, Settings, Webapp};

pub const SECRET: &str =
    "b25lIHNlY3JldCB0aGF0IGFsbCBpbnN0YW5jZXMgb2YgdGhpcyBhcHBsaWNhdGlvbiBzaGFyZSBpbiB0ZXN0cyEh";
pub const NEWER_SECRET: &str =
    "YSBuZXdlciBzZWNyZXQgdGhhdCBhbGwgaW5zdGFuY2VzIHdpbGwgc2hhcmUgYWZ0ZXIgdGhlIHJvdGF0aW9uISEh";

/// The instances and what is around them.
pub struct Fleet {
    pub emulator: Emulator,
    pub proxy: Proxy,
    pub settings: Settings,
    pub instances: Vec<Webapp>,
}

impl Fleet {
    /// `size` ready instances that keep their sessions in `store`.
    pub fn start(size: usize, store: &str) -> Self {
        let mut fleet = Self::around(size);
        fleet
            .settings
            .insert("AAD_SESSION_STORE".into(), store.into());
        for number in 0..size {
            let instance = Webapp::start_ready(&fleet.settings);
            fleet.proxy.set(number, instance.port);
            fleet.instances.push(instance);
        }
        fleet
    }

    /// Provider and load balancer, and the settings of instances that are still to be started.
    pub fn around(size: usize) -> Self {
        let emulator = Emulator::builder().start().unwrap();
        emulator.control().auto_sign_in(Some(ADA));
        let proxy = Proxy::start(size);
        let redirect_uri = format!("http://localhost:{}/auth/redirect", proxy.port);
        let mut settings: Settings = emulator
            .ready_env(Some(&redirect_uri))
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in [
            ("PORT", "0"),
            ("AAD_SESSION_SECRET", SECRET),
            ("SHUTDOWN_DELAY", "1s"),
        ] {
            settings.insert(name.into(), value.into());
        }
        Self {
            emulator,
            proxy,
            settings,
            instances: Vec::new(),
        }
    }

    /// An address behind the load balancer.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.proxy.port)
    }

    /// The same address, asked of one instance.
    pub fn at(&self, number: usize, url: &str) -> String {
        let base = url::Url::parse(&self.url("")).unwrap();
        let mut asked = base.join(url).unwrap();
        asked.set_port(Some(self.instances[number].port)).unwrap();
        asked.to_string()
    }

    /// Replaces one instance after the other, as an orderly roll-out does.
    pub fn roll_out(&mut self) {
        for number in 0..self.instances.len() {
            self.instances[number].terminate();
            let status = self.instances[number].ended();
            assert!(status.success(), "{}", self.instances[number].log());
            self.instances[number] = Webapp::start_ready(&self.settings);
            self.proxy.set(number, self.instances[number].port);
        }
    }
}

//! A proxy with two deployments behind it: one at the root of a host, one below `/app` of another.

use entra_emulator::{Emulator, Fault, Mutation};

use super::proxy::{Kind, Proxy};
use crate::{
    browser::Browser,
    support::{ADA, Webapp, deployment, free_port},
};

pub struct Site {
    emulator: Emulator,
    pub proxy: Proxy,
    pub webapps: [Webapp; 2],
    /// Their base URLs, the one at the root first.
    pub urls: [String; 2],
}

impl Site {
    /// `None`: the proxy is not installed.
    pub fn start(kind: Kind) -> Option<Self> {
        if !kind.is_here() {
            return None;
        }
        let emulator = Emulator::builder().start().unwrap();
        emulator.control().auto_sign_in(Some(ADA));
        let port = free_port();
        let urls = [
            format!("https://app.localhost:{port}"),
            format!("https://www.localhost:{port}/app"),
        ];
        let webapps = [0, 1].map(|n| Webapp::start_ready(&deployment(&emulator, &urls[n])));
        let backends = (webapps[0].port, webapps[1].port);
        Some(Self {
            emulator,
            proxy: Proxy::start(kind, port, backends),
            webapps,
            urls,
        })
    }

    /// The user is in 60 groups, and the ID token is the only hint for a sign-out.
    pub fn with_60_groups(&self) {
        let control = self.emulator.control();
        control
            .edit_user(ADA, |user| user.generated_groups = 60)
            .unwrap();
        let without = Mutation::without_claim("login_hint");
        control.faults().set(Fault::id_token(without));
    }

    /// From now on ID tokens have the hint that a sign-out needs.
    pub fn with_login_hint(&self) {
        self.emulator.control().faults().clear();
    }

    pub fn browser(&self) -> Browser {
        Browser::trusting(&self.proxy.certificate)
    }
}

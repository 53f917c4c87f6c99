use actix_web::HttpRequest;

use crate::state::State;

/// Scheme, host and port under which the emulator is addressed. Never a host outside this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: &'static str,
    authority: String,
}

impl Origin {
    pub(crate) fn new(tls: bool, port: u16) -> Self {
        Self {
            scheme: if tls { "https" } else { "http" },
            authority: format!("127.0.0.1:{port}"),
        }
    }

    /// The origin as the caller names it: an issuer must share scheme, host and port with the configured authority.
    /// The guard has let loopback names through only.
    pub(crate) fn of(state: &State, request: &HttpRequest) -> Self {
        let known = &state.origin;
        let host = request
            .headers()
            .get("host")
            .and_then(|value| value.to_str().ok());
        let authority = host
            .filter(|host| !host.is_empty())
            .unwrap_or(&known.authority);
        Self {
            scheme: known.scheme,
            authority: authority.to_ascii_lowercase(),
        }
    }

    /// `http://127.0.0.1:5001`
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// `127.0.0.1:5001`
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// `:5001`, or nothing with the scheme's own port.
    pub(crate) fn port_suffix(&self) -> &str {
        let at = self
            .authority
            .rfind(':')
            .filter(|at| !self.authority[*at..].contains(']'));
        at.and_then(|at| self.authority.get(at..))
            .unwrap_or_default()
    }
}

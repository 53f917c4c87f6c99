//! The origin at which the emulator is addressed.

use actix_web::HttpRequest;

/// Scheme, host and port of the emulator; always a name or address of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: &'static str,
    authority: String,
}

impl Origin {
    /// The origin at 127.0.0.1.
    pub(crate) fn new(tls: bool, port: u16) -> Self {
        Self {
            scheme: if tls { "https" } else { "http" },
            authority: format!("127.0.0.1:{port}"),
        }
    }

    /// Returns the origin by which the request addresses the emulator.
    ///
    /// Clients require that the issuer has the scheme, host and port of the configured authority. The host is a name of this
    /// machine, because the server refuses all others.
    pub(crate) fn as_addressed_by(&self, request: &HttpRequest) -> Self {
        let host = request
            .headers()
            .get("host")
            .and_then(|value| value.to_str().ok());
        let authority = host
            .filter(|host| !host.is_empty())
            .unwrap_or(&self.authority);
        Self {
            scheme: self.scheme,
            authority: authority.to_ascii_lowercase(),
        }
    }

    /// The URL without a slash at the end: `http://127.0.0.1:5001`.
    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// Host and port: `127.0.0.1:5001`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.scheme == "https"
    }

    /// The port with its colon, `:5001`; empty when the origin names none.
    pub(crate) fn port_suffix(&self) -> &str {
        let at = self
            .authority
            .rfind(':')
            .filter(|at| !self.authority[*at..].contains(']'));
        at.and_then(|at| self.authority.get(at..))
            .unwrap_or_default()
    }
}

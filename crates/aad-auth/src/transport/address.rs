//! Checks the addresses of calls.

use url::Url;

use crate::config::is_loopback;

use super::TransportError;

/// Accepts https, and http on loopback. Refuses an address with a user name: no credential belongs into an
/// address (RFC 9700 section 2.5; RFC 6749 section 2.3.1).
pub(super) fn check(url: &Url) -> Result<(), TransportError> {
    let secure = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    };
    let bare = url.username().is_empty() && url.password().is_none();
    if secure && bare {
        Ok(())
    } else {
        Err(TransportError::Insecure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(url: &str) -> bool {
        check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn plain_http_elsewhere_is_refused() {
        for url in [
            "http://login.microsoftonline.com/",
            "http://10.0.0.1/",
            "http://169.254.169.254/metadata",
            "http://localhost.example.com/",
            "http://notlocalhost/",
            "http://[::2]/",
            "http://0.0.0.0/",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }

    #[test]
    fn other_schemes_and_user_names_are_refused() {
        for url in [
            "file:///etc/passwd",
            "ftp://localhost/",
            "ws://localhost/",
            "data:text/plain,x",
            "https://user@login.microsoftonline.com/",
            "https://user:secret@login.microsoftonline.com/",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }

    #[test]
    fn https_and_loopback_are_allowed() {
        for url in [
            "https://login.microsoftonline.com/common",
            "http://localhost:5001/",
            "http://id.localhost:5001/",
            "http://127.0.0.1:5001/",
            "http://127.9.9.9/",
            "http://[::1]:5001/",
        ] {
            assert!(allowed(url), "{url}");
        }
    }
}

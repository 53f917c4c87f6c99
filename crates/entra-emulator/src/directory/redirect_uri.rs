//! Matches a sent redirect URI with the registered ones.

use url::Url;

use super::Application;

/// The platform for which a redirect URI is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Web,
    SinglePage,
    /// "Mobile and desktop".
    Public,
}

/// Returns the platform of the registered URI that the sent one matches.
///
/// The comparison is exact and case-sensitive, but ignores the port of `http://localhost`, as the platform does.
pub(crate) fn registered_platform(application: &Application, sent: &str) -> Option<Platform> {
    let matched = |uris: &[String], loopback_address: bool| {
        uris.iter()
            .any(|known| matches(known, sent, loopback_address))
    };
    if matched(&application.web.redirect_uris, false) {
        Some(Platform::Web)
    } else if matched(&application.spa.redirect_uris, false) {
        Some(Platform::SinglePage)
    } else {
        matched(&application.public_client.redirect_uris, true).then_some(Platform::Public)
    }
}

fn matches(registered: &str, sent: &str, loopback_address: bool) -> bool {
    if registered == sent {
        return true;
    }
    let (Ok(registered_url), Ok(sent_url)) = (Url::parse(registered), Url::parse(sent)) else {
        return false;
    };
    ignores_port(&registered_url, loopback_address)
        && registered_url.host_str() == sent_url.host_str()
        && without_port(registered, &registered_url) == without_port(sent, &sent_url)
}

/// Tells whether the comparison ignores the port (RFC 8252 section 7.3): on `http://localhost`, and on
/// `http://127.0.0.1` for public clients.
pub(super) fn ignores_port(registered: &Url, loopback_address: bool) -> bool {
    let host = registered.host_str();
    registered.scheme() == "http"
        && (host == Some("localhost") || (loopback_address && host == Some("127.0.0.1")))
}

/// Returns the text as it was written, without its port. Normalising would make two different spellings equal.
fn without_port(text: &str, url: &Url) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    // With anything but a number behind the colon (`\@evil.test`), browsers read another host.
    port.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    (scheme == url.scheme()).then(|| format!("{scheme}://{name}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web(registered: &str) -> Application {
        let mut application = Application::default();
        application.web.redirect_uris.push(registered.to_owned());
        application
    }

    #[test]
    fn ignores_the_port_of_localhost() {
        let application = web("http://localhost:5000/auth/redirect");
        for sent in [
            "http://localhost:5000/auth/redirect",
            "http://localhost/auth/redirect",
            "http://localhost:49152/auth/redirect",
        ] {
            assert_eq!(
                registered_platform(&application, sent),
                Some(Platform::Web),
                "{sent}"
            );
        }
    }

    #[test]
    fn refuses_any_other_difference() {
        let application = web("http://localhost:5000/auth/redirect");
        for sent in [
            "http://localhost:5000/auth/redirect/",
            "http://localhost:5000/Auth/redirect",
            "https://localhost:5000/auth/redirect",
            "http://127.0.0.1:5000/auth/redirect",
            "http://localhost:5000/auth/redirect?x=1",
            "http://LOCALHOST:5000/auth/redirect",
            "http://localhost:5000/auth/../auth/redirect",
            "http://evil@localhost:5000/auth/redirect",
            "http://localhost:5000@evil.test/auth/redirect",
            "http://localhost.evil.test/auth/redirect",
            "http://localhost:5000\\@evil.test/auth/redirect",
            "http://localhost:5000/auth/redirect#f",
            "",
        ] {
            assert_eq!(registered_platform(&application, sent), None, "{sent}");
        }
        assert_eq!(
            registered_platform(
                &web("https://app.example.test:444/cb"),
                "https://app.example.test/cb"
            ),
            None
        );
        assert_eq!(
            registered_platform(&web("http://127.0.0.1:1/cb"), "http://127.0.0.1:2/cb"),
            None
        );
    }

    #[test]
    fn r114_over_https_the_port_of_localhost_counts() {
        let application = web("https://localhost:5000/auth/redirect");
        for (sent, expected) in [
            ("https://localhost:5000/auth/redirect", Some(Platform::Web)),
            ("https://localhost:5001/auth/redirect", None),
            ("https://localhost/auth/redirect", None),
        ] {
            assert_eq!(registered_platform(&application, sent), expected, "{sent}");
        }
    }

    #[test]
    fn a_public_client_may_use_any_port_of_the_loopback_address() {
        let mut application = Application::default();
        application
            .public_client
            .redirect_uris
            .push("http://127.0.0.1/cb".to_owned());
        assert_eq!(
            registered_platform(&application, "http://127.0.0.1:4711/cb"),
            Some(Platform::Public)
        );
    }
}

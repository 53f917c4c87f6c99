use url::Url;

use crate::directory::Application;

/// The platform under which a redirect URI is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Web,
    SinglePage,
    Public,
}

/// The platform of the registered URI that the sent one matches (`entra.md` 9.3): exact and case-sensitive, but on
/// localhost the port does not count.
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
    let (Ok(ours), Ok(theirs)) = (Url::parse(registered), Url::parse(sent)) else {
        return false;
    };
    is_portless(&ours, loopback_address)
        && ours.host_str() == theirs.host_str()
        && without_port(registered, &ours) == without_port(sent, &theirs)
}

/// Whether the port of a registered address does not count (RFC 8252 section 7.3): on `http://localhost`, for public
/// clients on `http://127.0.0.1` too.
fn is_portless(registered: &Url, loopback_address: bool) -> bool {
    let host = registered.host_str();
    registered.scheme() == "http"
        && (host == Some("localhost") || (loopback_address && host == Some("127.0.0.1")))
}

/// Where a registered address and the sent one part, in bytes of each. A port that does not count is no difference.
pub(crate) fn first_difference(platform: &str, registered: &str, sent: &str) -> (usize, usize) {
    let loopback_address = platform == Application::PUBLIC_CLIENT;
    let portless = Url::parse(registered).is_ok_and(|url| is_portless(&url, loopback_address));
    let (ours, theirs) = match (behind_port(registered), behind_port(sent)) {
        (Some((name, ours)), Some((sent_name, theirs))) if portless && name == sent_name => {
            (ours, theirs)
        }
        _ => (0, 0),
    };
    let rest = |text: &str, from: usize| text.get(from..).unwrap_or_default().to_owned();
    let shared: usize = rest(registered, ours)
        .chars()
        .zip(rest(sent, theirs).chars())
        .take_while(|(ours, theirs)| ours == theirs)
        .map(|(c, _)| c.len_utf8())
        .sum();
    (ours + shared, theirs + shared)
}

/// Scheme and host as they were written, and where the port ends.
fn behind_port(text: &str) -> Option<(&str, usize)> {
    let start = text.find("://")? + "://".len();
    let rest = text.get(start..)?;
    let end = start + rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = text.get(start..end)?;
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    port.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    Some((text.get(..start + name.len())?, end))
}

/// The text as it was written, without its port: normalising here would make two spellings equal that are not.
fn without_port(text: &str, url: &Url) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    // Anything but a number behind the colon (`\@evil.test`) means that browsers read another host.
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
    fn on_localhost_the_port_does_not_count() {
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
    fn everything_else_must_be_exact() {
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
    fn r114_a_port_that_does_not_count_is_not_shown_as_the_difference() {
        let registered = "http://localhost:5000/auth/redirect";
        for (platform, registered, sent, same, differs) in [
            (
                "Web",
                registered,
                "http://localhost:5050/auth/Redirect",
                "http://localhost:5000/auth/",
                "Redirect",
            ),
            (
                "Web",
                registered,
                "http://localhost/cb",
                "http://localhost:5000/",
                "cb",
            ),
            (
                "Web",
                registered,
                "http://127.0.0.1:5000/auth/redirect",
                "http://",
                "127.0.0.1:5000/auth/redirect",
            ),
            (
                "Web",
                registered,
                "http://localhost:5000\\@evil.test/",
                "http://localhost:5000",
                "\\@evil.test/",
            ),
            (
                "Web",
                "http://127.0.0.1:1/cb",
                "http://127.0.0.1:2/cb",
                "http://127.0.0.1:",
                "2/cb",
            ),
            (
                "Public client",
                "http://127.0.0.1:1/cb",
                "http://127.0.0.1:2/x",
                "http://127.0.0.1:1/",
                "x",
            ),
            (
                "Web",
                "https://localhost:1/cb",
                "https://localhost:2/cb",
                "https://localhost:",
                "2/cb",
            ),
            (
                "Web",
                "http://localhost/é/a/c",
                "http://localhost/é/b",
                "http://localhost/é/",
                "b",
            ),
            ("Web", registered, "", "", ""),
        ] {
            let (ours, theirs) = first_difference(platform, registered, sent);
            assert_eq!(
                (&registered[..ours], &sent[theirs..]),
                (same, differs),
                "{sent}"
            );
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

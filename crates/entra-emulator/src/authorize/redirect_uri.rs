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
    let host = |url: &Url| url.host_str().map(str::to_owned);
    let (Ok(ours), Ok(theirs)) = (Url::parse(registered), Url::parse(sent)) else {
        return false;
    };
    let portless = match host(&ours).as_deref() {
        Some("localhost") => true,
        Some("127.0.0.1") => loopback_address,
        _ => false,
    };
    portless
        && host(&ours) == host(&theirs)
        && without_port(registered, &ours) == without_port(sent, &theirs)
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

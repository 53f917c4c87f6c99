//! The first difference of a registered redirect URI and the sent one, for the error page.

use url::Url;

use super::Application;
use super::redirect_uri::ignores_port;

/// Returns the byte offsets of the first difference in a registered address and the sent one; an ignored port is none.
pub(crate) fn first_difference(platform: &str, registered: &str, sent: &str) -> (usize, usize) {
    let loopback_address = platform == Application::PUBLIC_CLIENT;
    let ignores_port = Url::parse(registered).is_ok_and(|url| ignores_port(&url, loopback_address));
    let (ours, theirs) = match (behind_port(registered), behind_port(sent)) {
        (Some((name, ours)), Some((sent_name, theirs))) if ignores_port && name == sent_name => {
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

/// Returns scheme and host as they were written, and the offset behind the port.
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

#[cfg(test)]
mod tests {
    use super::*;

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
}

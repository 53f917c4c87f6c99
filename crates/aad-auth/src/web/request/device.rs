//! Which browser on which system: for "your sessions", so that users recognise their own. Nothing
//! is decided by it, since a client can claim anything.
//!
//! A table instead of a crate. Browsers have frozen what they say of versions and models, so name
//! and system are all that can be read; the crates either bring megabytes of expressions
//! (`ua-parser`, `user-agent-parser`) or have had no release since 2021 (`woothee`).

use actix_web::http::header::{HeaderMap, USER_AGENT};

/// Such as "Firefox on Windows". Made of our own words only: nothing that a browser sends is kept.
pub(in crate::web) fn device(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get(USER_AGENT)?.as_bytes();
    describe(&agent[..agent.len().min(LONGEST)])
}

fn describe(agent: &[u8]) -> Option<String> {
    let find = |table: &[(&str, &'static str)]| {
        let mut rows = table.iter();
        let row = rows.find(|(token, _)| contains(agent, token.as_bytes()));
        row.map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        (None, Some(system)) => Some(format!("A browser on {system}")),
        (None, None) => None,
    }
}

fn contains(agent: &[u8], token: &[u8]) -> bool {
    agent.windows(token.len()).any(|window| window == token)
}

/// More is not looked at.
const LONGEST: usize = 512;
/// Browsers name those that they want to be taken for: the one that names most comes first.
const BROWSERS: [(&str, &str); 19] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPiOS/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Epiphany/", "GNOME Web"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 10] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_what_a_browser_sends_is_kept() {
        for agent in [
            "",
            "-",
            "<script>alert(1)</script>",
            "canary\n",
            &"Mozilla/5.0 ".repeat(10_000),
            &format!("{}Firefox/1 (Windows)", "x".repeat(LONGEST)),
        ] {
            let headers = headers(agent);
            assert_eq!(device(&headers), None, "{agent:.40}");
        }
        let said = device(&headers("canary Firefox/canary (Windows; canary)"));
        assert_eq!(said.as_deref(), Some("Firefox on Windows"));
    }

    #[test]
    fn browsers_are_not_taken_for_those_they_name() {
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        for (agent, expected) in [
            (format!("{windows} {webkit}"), "Chrome on Windows"),
            (format!("{windows} {webkit} Edg/142.0.0.0"), "Edge on Windows"),
            (format!("{windows} {webkit} OPR/120.0.0.0"), "Opera on Windows"),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into(),
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
                    .into(),
                "Samsung Internet on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like \
                 Gecko) Version/26.0 Safari/605.1.15"
                    .into(),
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1"
                    .into(),
                "Chrome on iPhone",
            ),
            ("curl/8.14.1".into(), "curl"),
            ("Something (Windows NT 10.0)".into(), "A browser on Windows"),
        ] {
            assert_eq!(describe(agent.as_bytes()).as_deref(), Some(expected), "{agent}");
        }
    }

    fn headers(agent: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Ok(value) = agent.parse() {
            headers.insert(USER_AGENT, value);
        }
        headers
    }
}

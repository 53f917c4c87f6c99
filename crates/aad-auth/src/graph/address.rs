//! Checks the addresses of Graph calls.

use url::Url;

use super::GraphError;

const LONGEST_ADDRESS: usize = 8192;
const VERSIONS: [&str; 2] = ["/v1.0", "/beta"];

/// The base without a version, which some operators append.
pub(super) fn without_version(base: &Url) -> Url {
    let mut base = base.clone();
    let path = base.path().trim_end_matches('/').to_owned();
    let stripped = VERSIONS
        .iter()
        .find_map(|version| path.strip_suffix(version));
    base.set_path(stripped.unwrap_or(&path));
    base
}

/// The address of `path` below `base`.
///
/// # Errors
/// [`GraphError::ForeignAddress`] for an address that is not below `base`.
pub(super) fn address(base: &Url, path: &str) -> Result<Url, GraphError> {
    let plain = path.len() <= LONGEST_ADDRESS && !path.contains(|c: char| c.is_control());
    if !plain {
        return Err(GraphError::ForeignAddress);
    }
    let root = base.as_str().trim_end_matches('/');
    let versioned = || {
        VERSIONS.iter().any(|version| {
            path.strip_prefix(version)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let text = match path.starts_with('/') {
        true if versioned() => format!("{root}{path}"),
        true => format!("{root}{}{path}", VERSIONS[0]),
        false => path.to_owned(),
    };
    // Dot segments would leave the path of the base. Graph never sends them.
    if has_dot_segments(&text) {
        return Err(GraphError::ForeignAddress);
    }
    let url = Url::parse(&text).map_err(|_| GraphError::ForeignAddress)?;
    // Another service may share the host with Graph, behind a gateway.
    let below = url.path().strip_prefix(base.path().trim_end_matches('/'));
    let ours = url.origin() == base.origin()
        && below.is_some_and(|rest| rest.starts_with('/'))
        && url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none();
    ours.then_some(url).ok_or(GraphError::ForeignAddress)
}

/// Whether a path has dot segments, also encoded or with backslashes, as browsers read them.
fn has_dot_segments(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(&*segment, "." | "..")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Url {
        without_version(&Url::parse(text).unwrap())
    }

    #[test]
    fn addresses_of_other_hosts_are_refused() {
        let graph = base("https://graph.microsoft.com");
        for path in [
            "",
            "me",
            "https://graph.microsoft.com.evil.test/v1.0/me",
            "https://graph.microsoft.com@evil.test/v1.0/me",
            "https://user:x@graph.microsoft.com/v1.0/me",
            "https://graph.microsoft.com:8443/v1.0/me",
            "http://graph.microsoft.com/v1.0/me",
            "//evil.test/v1.0/me@evil.test#x",
            "https://graph.microsoft.com/v1.0/me#x",
            "https:\\\\evil.test",
            "/me\r\nHost: evil.test",
            &format!("/{}", "x".repeat(LONGEST_ADDRESS)),
        ] {
            assert!(address(&graph, path).is_err(), "{path}");
        }
    }

    #[test]
    fn addresses_beside_the_bases_path_are_refused() {
        let proxied = base("https://api.example.com/graph");
        for path in [
            "https://api.example.com/other/v1.0/me",
            "https://api.example.com/graph",
            "https://api.example.com/graphs/v1.0/me",
            "https://api.example.com/graph/../other",
            "/../other",
            "/v1.0/../../other",
            "/v1.0/%2E%2e/%2e./other",
            "/v1.0\\..\\..\\other",
            "/./me",
        ] {
            assert!(address(&proxied, path).is_err(), "{path}");
        }
    }

    #[test]
    fn paths_get_a_version_and_stay_on_the_host() {
        for configured in [
            "https://graph.microsoft.com",
            "https://graph.microsoft.com/v1.0/",
        ] {
            let graph = base(configured);
            for (path, expected) in [
                ("/me", "/v1.0/me"),
                ("/v1.0/me", "/v1.0/me"),
                ("/beta/me", "/beta/me"),
                ("/v1.0evil", "/v1.0/v1.0evil"),
                ("/@evil.test/", "/v1.0/@evil.test/"),
                ("//evil.test/x", "/v1.0//evil.test/x"),
                (
                    "/me?$filter=a eq '/../b'",
                    "/v1.0/me?$filter=a%20eq%20%27/../b%27",
                ),
                (
                    "https://graph.microsoft.com/v1.0/x?$skiptoken=1",
                    "/v1.0/x?$skiptoken=1",
                ),
            ] {
                let url = address(&graph, path).unwrap();
                assert_eq!(
                    url.as_str(),
                    format!("https://graph.microsoft.com{expected}")
                );
            }
        }
        let proxied = base("https://api.example.com/graph/");
        let url = address(&proxied, "/me").unwrap();
        assert_eq!(url.as_str(), "https://api.example.com/graph/v1.0/me");
        let next = "https://api.example.com/graph/v1.0/users?$skiptoken=1";
        assert_eq!(address(&proxied, next).unwrap().as_str(), next);
    }
}

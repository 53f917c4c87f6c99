//! The values of `domain_hint` that a link to sign-in may name.

use super::Problem;

/// Checks `AAD_DOMAIN_HINTS`: domains, and Entra's two names for kinds of accounts.
///
/// # Errors
/// A member is neither.
pub(super) fn check_domain_hints(hints: Vec<&str>) -> Result<Vec<String>, Problem> {
    let word = |hint: &str| matches!(hint, "organizations" | "consumers");
    if hints.iter().all(|hint| word(hint) || is_domain(hint)) {
        return Ok(hints.into_iter().map(str::to_owned).collect());
    }
    Err(Problem::new(
        "AAD_DOMAIN_HINTS",
        "must be domains, or organizations or consumers, separated by commas",
        "contoso.com,consumers",
    ))
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(plain)
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_neither_a_domain_nor_a_kind_of_account() {
        for hint in [
            "common",
            "contoso",
            ".com",
            "a..b",
            "a.b&c=d",
            "a b.c",
            "\u{e4}.de",
        ] {
            assert!(
                check_domain_hints(vec!["contoso.com", hint]).is_err(),
                "{hint}"
            );
        }
        let good = vec!["contoso.com", "consumers", "organizations"];
        assert_eq!(check_domain_hints(good).map(|hints| hints.len()), Ok(3));
    }
}

//! Several secrets in one text, and how a secret is written so that it stays one.

/// Splits a list of secrets at commas or, if it has any, at line ends.
///
/// A comma or backslash that belongs to a secret is written `\,` or `\\`. In a list by lines (as in
/// a file) both stand as they are.
pub(super) fn split_secrets(value: &str) -> Vec<String> {
    let by_line = value.contains(['\n', '\r']);
    let mut secrets = vec![String::new()];
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        let ends = matches!(character, '\n' | '\r') || (character == ',' && !by_line);
        if ends {
            secrets.push(String::new());
            continue;
        }
        let escaped = |next: &char| matches!(next, ',' | '\\');
        let character = match character {
            '\\' if !by_line => characters.next_if(escaped).unwrap_or(character),
            plain => plain,
        };
        if let Some(secret) = secrets.last_mut() {
            secret.push(character);
        }
    }
    let trimmed = secrets.iter().map(|secret| secret.trim());
    trimmed
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes one secret for a list that [`split_secrets`] reads. The secret has no line end.
pub(super) fn escape_secret(secret: &str) -> String {
    secret.replace('\\', r"\\").replace(',', r"\,")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_can_belong_to_a_secret() {
        for (value, expected) in [
            ("a,b", &["a", "b"][..]),
            (" a , b ,", &["a", "b"]),
            (r"a\,b", &["a,b"]),
            (r"a\\,b", &[r"a\", "b"]),
            (r"a\b,c\", &[r"a\b", r"c\"]),
            ("a,b\nc\r\n", &["a,b", "c"]),
            ("a\\,b\nc", &[r"a\,b", "c"]),
            (",", &[]),
        ] {
            assert_eq!(split_secrets(value), expected, "{value:?}");
        }
    }

    #[test]
    fn an_escaped_secret_stays_one_and_keeps_every_character() {
        for secret in ["a", "a,b", r"a\,b", r"\", r"\\,", ",", "a~b.c"] {
            let list = format!("{},other", escape_secret(secret));
            assert_eq!(split_secrets(&list), [secret, "other"]);
        }
    }
}

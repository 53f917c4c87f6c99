//! Lone surrogates in JSON: some systems cut names in the middle of an emoji.

/// Replaces each escaped lone surrogate by U+FFFD (RFC 8259 section 8.2). `None` when there is none.
pub(crate) fn without_lone_surrogates(document: &[u8]) -> Option<Box<[u8]>> {
    let mut repaired: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = document
        .get(at..)
        .and_then(|rest| memchr::memchr(b'\\', rest))
    {
        at += found;
        let length = match (surrogate(document, at), surrogate(document, at + 6)) {
            (Some(SurrogateHalf::High), Some(SurrogateHalf::Low)) => 12,
            (Some(_), _) => {
                let repaired = repaired.get_or_insert_with(|| document.to_vec());
                if let Some(escape) = repaired.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                6
            }
            // Any other escape, also `\\`: its second backslash starts no escape.
            (None, _) => 2,
        };
        at += length;
    }
    repaired.map(Vec::into_boxed_slice)
}

enum SurrogateHalf {
    High,
    Low,
}

/// The escaped surrogate at the position `at`.
fn surrogate(document: &[u8], at: usize) -> Option<SurrogateHalf> {
    let digits = document.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(SurrogateHalf::High),
        0xdc00..=0xdfff => Some(SurrogateHalf::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(document: &str) -> Option<String> {
        let repaired = without_lone_surrogates(document.as_bytes())?;
        Some(String::from_utf8(repaired.into()).unwrap())
    }

    #[test]
    fn half_of_a_pair_is_replaced_and_everything_else_stays() {
        for (document, expected) in [
            (r#""a\ud83dz""#, r#""a\ufffdz""#),
            (r#""\uDE00""#, r#""\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
        ] {
            assert_eq!(repaired(document).as_deref(), Some(expected), "{document}");
        }
        for document in [
            r#""\ud83d\ude00""#,
            r#""\\ud83d""#,
            r#""\u00e9""#,
            r#""\ud8"#,
            r#""\"#,
            "",
            "{}",
        ] {
            assert_eq!(repaired(document), None, "{document}");
        }
    }
}

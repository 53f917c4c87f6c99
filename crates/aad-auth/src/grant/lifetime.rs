//! Lifetimes in token responses: a number, or a text that is a number.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// The maximum lifetime. The longest of Entra is 28 hours.
const MAX: Duration = Duration::from_secs(7 * 24 * 3600);

/// A lifetime, at most seven days. Negative values and texts that are no whole number are errors. Larger
/// values are capped, so that adding them to a moment cannot overflow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Lifetime(pub(super) Duration);

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        parse(&value)
            .map(Self)
            .ok_or_else(|| D::Error::custom("not a lifetime in seconds"))
    }
}

fn parse(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => match (number.as_u64(), number.as_f64()) {
            (Some(seconds), _) => seconds,
            // 3599.0 and 1e30 are floating-point numbers.
            (None, Some(seconds)) if seconds >= 0.0 => {
                return Some(Duration::try_from_secs_f64(seconds.trunc()).map_or(MAX, cap));
            }
            _ => return None,
        },
        Value::String(text) if is_digits(text) => text.parse().unwrap_or(u64::MAX),
        _ => return None,
    };
    Some(cap(Duration::from_secs(seconds)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn cap(lifetime: Duration) -> Duration {
    lifetime.min(MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Duration> {
        let lifetime: Option<Lifetime> = serde_json::from_str(json).ok();
        lifetime.map(|Lifetime(duration)| duration)
    }

    #[test]
    fn what_is_no_lifetime_is_refused() {
        for json in [
            "-1",
            "-1e30",
            r#""-1""#,
            r#""soon""#,
            r#""""#,
            r#""3600 ""#,
            r#""1e3""#,
            "true",
            "[3600]",
            "{}",
            "1e999",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn numbers_and_texts_are_read_and_capped() {
        for (json, seconds) in [
            ("0", 0),
            ("3599", 3599),
            ("3599.7", 3599),
            (r#""3600""#, 3600),
            ("1e30", 604_800),
            ("1000000000000000000000000000000", 604_800),
            (r#""1000000000000000000000000000000""#, 604_800),
            ("18446744073709551615", 604_800),
        ] {
            assert_eq!(read(json), Some(Duration::from_secs(seconds)), "{json}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_or_exceeds_the_cap(number in any::<f64>(), whole in any::<i128>(), text in ".{0,30}") {
            for json in [number.to_string(), whole.to_string(), serde_json::json!(text).to_string()] {
                prop_assert!(read(&json).unwrap_or_default() <= MAX);
            }
        }
    }
}

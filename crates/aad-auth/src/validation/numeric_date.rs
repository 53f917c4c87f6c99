//! NumericDate (RFC 7519 section 2).

use serde_json::Value;

use crate::clock::Timestamp;

/// A moment in a claim: seconds since the epoch, whole or with a fraction, up to the year 9999.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NumericDate(Timestamp);

/// 9999-12-31T23:59:59Z. A later moment is a mistake or an attack.
const LATEST: u64 = 253_402_300_799;

impl NumericDate {
    /// Parses a JSON number. Refuses texts, negative numbers and moments after the year 9999 (abuse B10,
    /// B11).
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        let number = value.as_number()?;
        if let Some(seconds) = number.as_u64() {
            return (seconds <= LATEST).then(|| Self(Timestamp::from_seconds(seconds)));
        }
        let seconds = number.as_f64()?;
        #[expect(clippy::cast_precision_loss, reason = "the bound is exact in a double")]
        let latest = LATEST as f64;
        if !(0.0..=latest).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be between zero and the year 9999; below a millisecond does not matter"
        )]
        let millis = (seconds * 1000.0) as u64;
        Some(Self(Timestamp::from_millis(millis)))
    }

    /// The moment.
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Option<u64> {
        let value = serde_json::from_str(json).unwrap();
        NumericDate::parse(&value).map(|date| date.timestamp().millis())
    }

    #[test]
    fn whole_and_fractional_seconds_are_accepted() {
        assert_eq!(parse("1769850000"), Some(1_769_850_000_000));
        assert_eq!(parse("1769850000.25"), Some(1_769_850_000_250));
        assert_eq!(parse("1.76985e9"), Some(1_769_850_000_000));
        assert_eq!(parse("0"), Some(0));
    }

    #[test]
    fn texts_negative_and_absurd_numbers_are_refused() {
        for json in [
            "\"1769850000\"",
            "null",
            "true",
            "[1]",
            "{}",
            "-1",
            "-0.5",
            "1e300",
            "253402300800",
            "18446744073709551615",
            "99999999999999999999999",
        ] {
            assert_eq!(parse(json), None, "{json}");
        }
    }
}

//! Durations as settings write them: `90s`, `15m`, `8h`, `2d`.

use std::{ops::RangeInclusive, time::Duration};

/// Parses a whole number followed by `s`, `m`, `h` or `d`; a number alone counts seconds.
///
/// # Errors
/// The broken rule, to follow the name of the setting.
pub(super) fn parse_duration(
    value: &str,
    range: &RangeInclusive<Duration>,
) -> Result<Duration, String> {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &value[digits.len()..] {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86400),
        _ => None,
    };
    let seconds = digits
        .parse::<u64>()
        .ok()
        .zip(unit)
        .and_then(|(number, unit)| number.checked_mul(unit))
        .ok_or("must be a whole number followed by s, m, h or d")?;
    let duration = Duration::from_secs(seconds);
    if range.contains(&duration) {
        Ok(duration)
    } else {
        let (least, most) = (*range.start(), *range.end());
        let (least, most) = (format_duration(least), format_duration(most));
        Err(format!("must be from {least} to {most}"))
    }
}

/// The shortest text that [`parse_duration`] reads as `duration`, without its fraction of a second.
pub(super) fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    for (unit, length) in [("d", 86400), ("h", 3600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_no_whole_number_with_a_unit_and_what_is_out_of_range() {
        let range = Duration::ZERO..=Duration::from_secs(86400);
        let parse = |value| parse_duration(value, &range);
        for refused in [
            "",
            "h",
            "-1s",
            "1.5h",
            "2d",
            "1w",
            "99999999999999999999d",
            "1é",
        ] {
            assert!(parse(refused).is_err(), "{refused}");
        }
        assert_eq!(parse("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse("8h"), Ok(Duration::from_secs(28800)));
        assert_eq!(format_duration(Duration::from_secs(5400)), "90m");
    }
}

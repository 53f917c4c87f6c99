//! A point in time, for display: in UTC, and in the user's time zone where scripts run.

use aad_auth::session::Timestamp;
use serde::Serialize;

/// A point in time, for display.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Moment {
    /// For the attribute `datetime`, such as `2026-11-24T09:30:00Z`.
    pub iso: String,
    /// With time zone, such as `24 Nov 2026, 09:30:00 UTC`.
    pub absolute: String,
    /// Relative to the current time, such as `in 7 hours`.
    pub relative: String,
}

impl Moment {
    /// Describes `at` relative to `now`; `None` where no calendar can show it.
    pub fn new(at: Timestamp, now: Timestamp) -> Option<Self> {
        let seconds = i64::try_from(at.seconds()).ok()?;
        let shown = jiff::Timestamp::from_second(seconds).ok()?;
        Some(Self {
            iso: shown.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            absolute: shown.strftime("%-d %b %Y, %H:%M:%S UTC").to_string(),
            relative: relative(at.seconds(), now.seconds()),
        })
    }
}

fn relative(at: u64, now: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let distance = at.abs_diff(now);
    let Some((length, unit)) = UNITS.into_iter().find(|(length, _)| distance >= *length) else {
        return "now".to_owned();
    };
    let count = distance.saturating_add(length / 2) / length;
    let plural = if count == 1 { "" } else { "s" };
    if at > now {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readable_without_script() {
        let now = Timestamp::from_seconds(1_795_511_400);
        let moment = Moment::new(Timestamp::from_seconds(1_795_536_600), now).unwrap();
        assert_eq!(moment.iso, "2026-11-24T16:10:00Z");
        assert_eq!(moment.absolute, "24 Nov 2026, 16:10:00 UTC");
        assert_eq!(moment.relative, "in 7 hours");
    }

    #[test]
    fn words_for_distances() {
        assert_eq!(relative(100, 100), "now");
        assert_eq!(relative(100, 101), "1 second ago");
        assert_eq!(relative(0, 90), "2 minutes ago");
        assert_eq!(relative(172_800, 0), "in 2 days");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_no_panic() {
        let now = Timestamp::from_seconds(0);
        assert_eq!(Moment::new(Timestamp::from_millis(u64::MAX), now), None);
    }
}

//! When an access token is due for a refresh.

use std::time::Duration;

use crate::clock::Timestamp;

/// How long before its expiry a token is refreshed; at most 1/4 of its life.
const MARGIN: Duration = Duration::from_secs(300);

/// When tokens are due for a refresh. `jitter` moves it earlier by up to 1/5 of the margin, so that
/// refreshes of sessions that began together spread out.
pub(super) fn refresh_at(obtained_at: Timestamp, expires_at: Timestamp, jitter: u8) -> Timestamp {
    let margin = MARGIN.min(expires_at.since(obtained_at) / 4);
    expires_at - margin - margin / 5 / 255 * u32::from(jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn never_after_its_end_and_never_at_once() {
        for (life, earliest, latest) in [(3600, 3240, 3300), (60, 42, 45), (0, 0, 0)] {
            for jitter in [0, 1, 128, 255] {
                let at = refresh_at(START, START + Duration::from_secs(life), jitter);
                let after = at.since(START).as_secs();
                assert!((earliest..=latest).contains(&after), "{life}: {after}");
            }
        }
        assert_eq!(refresh_at(START, Timestamp::default(), 255).seconds(), 0);
    }
}

use http::HeaderValue;

use super::*;
use crate::clock::ManualClock;

/// `Fri, 15 Jan 2027 08:00:00 GMT`
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
const DATE: &str = "Fri, 15 Jan 2027 08:00:00 GMT";
const LEEWAY: Duration = Duration::from_secs(60);

fn clock() -> ProviderClock {
    ProviderClock::new(Arc::new(ManualClock::at(NOW)))
}

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[test]
fn w50_an_answer_without_a_usable_date_proves_nothing() {
    for (status, lines) in [
        (200, &[][..]),
        (200, &[("date", "")]),
        (200, &[("date", "yesterday")]),
        (200, &[("date", "1800000000")]),
        (200, &[("date", "2027-01-15T08:00:00Z")]),
        (200, &[("date", "Fri, 15 Jan 2027 25:00:00 GMT")]),
        (200, &[("date", "Thu, 01 Jan 1950 00:00:00 GMT")]),
        (200, &[("date", DATE), ("date", DATE)]),
        // From a cache, or a gateway that stands before the provider.
        (200, &[("date", DATE), ("age", "3600")]),
        (200, &[("date", DATE), ("age", "")]),
        (200, &[("date", DATE), ("age", "0"), ("age", "0")]),
        (502, &[("date", DATE)]),
        (503, &[("date", DATE)]),
    ] {
        let clock = clock();
        let status = StatusCode::from_u16(status).unwrap();
        clock.measure(status, &headers(lines), Instant::now());
        let said = clock.agreement(NOW, LEEWAY);
        assert_eq!(said, ClockAgreement::Unknown, "{status} {lines:?}");
        assert_eq!(clock.skew(), None, "{status} {lines:?}");
    }
    for (status, lines) in [
        (200, &[("date", DATE)][..]),
        (400, &[("date", DATE)]),
        (200, &[("date", DATE), ("age", "0")]),
    ] {
        let clock = clock();
        let status = StatusCode::from_u16(status).unwrap();
        clock.measure(status, &headers(lines), Instant::now());
        let said = clock.agreement(NOW, LEEWAY);
        assert_eq!(said, ClockAgreement::Agrees, "{status} {lines:?}");
    }
}

#[test]
fn w50_only_a_clock_within_the_leeway_is_relied_on() {
    for (offset, agrees) in [
        (-7200, false),
        (-600, false),
        (-180, false),
        (-61, false),
        (-30, true),
        (0, true),
        (30, true),
        (61, false),
        (180, false),
        (600, false),
        (7200, false),
    ] {
        let clock = clock();
        clock.show(NOW);
        let millis = NOW.millis().saturating_add_signed(offset * 1000);
        let said = clock.agreement(Timestamp::from_millis(millis), LEEWAY);
        assert_eq!(said == ClockAgreement::Agrees, agrees, "{offset}: {said:?}");
    }
    let clock = clock();
    clock.show(NOW);
    for ours in [Timestamp::default(), Timestamp::from_millis(u64::MAX)] {
        assert_eq!(clock.agreement(ours, LEEWAY), ClockAgreement::Unproven);
    }
}

#[test]
fn w50_the_time_that_the_answer_took_counts_against_the_clock() {
    let received = Instant::now();
    let sample = |took: u64| DateSample {
        date: NOW,
        sent: received.checked_sub(Duration::from_secs(took)).unwrap(),
        received,
    };
    assert!(sample(5).proves(NOW, LEEWAY));
    // It may have been written at the beginning, and be a minute old.
    assert!(!sample(61).proves(NOW, LEEWAY));
    assert!(!sample(5).proves(NOW - Duration::from_secs(55), LEEWAY));
    assert!(sample(0).proves(NOW - Duration::from_secs(55), LEEWAY));
}

#[test]
fn w50_an_old_reading_proves_nothing_and_a_clock_that_is_set_meanwhile_is_noticed() {
    let ago = |seconds| {
        let at = Instant::now().checked_sub(Duration::from_secs(seconds));
        DateSample {
            date: NOW,
            sent: at.unwrap(),
            received: at.unwrap(),
        }
    };
    let after = |seconds| NOW + Duration::from_secs(seconds);
    assert!(ago(300).proves(after(300), LEEWAY));
    assert!(!ago(601).proves(after(601), LEEWAY));
    // Five minutes have passed, and the wall clock was set back by three of them.
    assert!(!ago(300).proves(after(120), LEEWAY));
    assert!(!ago(300).proves(after(480), LEEWAY));
}

#[test]
fn w56_an_older_reading_still_shows_the_clock_right_and_less_exactly() {
    let after = |seconds| NOW + Duration::from_secs(seconds);
    for (ago, now, agrees) in [
        (0, after(0), true),
        (601, after(601), true),
        (3600, after(3600), true),
        (7100, after(7100), true),
        (7201, after(7201), false),
        // 7 s of drift in two hours, at most.
        (7100, after(7100 + 45), true),
        (7100, after(7100 + 57), false),
        (7100, after(7100 - 45), true),
        (7100, after(7100 - 55), false),
        // The wall clock was set meanwhile, or the machine was suspended and its clock went on.
        (3600, after(3600 - 180), false),
        (3600, after(3600 + 180), false),
        (3600, after(0), false),
        (3600, after(7200), false),
        (3600, Timestamp::default(), false),
        (3600, Timestamp::from_millis(u64::MAX), false),
    ] {
        let clock = clock();
        assert!(!clock.still_agrees(now, LEEWAY), "nothing is known");
        clock.show_since(NOW, Duration::from_secs(ago));
        assert_eq!(clock.still_agrees(now, LEEWAY), agrees, "{ago} s, {now}");
        // What lets in or takes back goes by a fresh one only.
        let fresh = clock.agreement(now, LEEWAY) == ClockAgreement::Agrees;
        assert_eq!(fresh, agrees && ago < 600, "{ago} s, {now}");
    }
}

#[test]
fn r50_a_difference_is_told_in_seconds_and_direction() {
    assert!(describe(600).contains("is 600 s behind the provider's"));
    assert!(describe(-90).contains("is 90 s ahead of the provider's"));
    let shown = |theirs| {
        let clock = clock();
        clock.show(theirs);
        clock.skew()
    };
    let (behind, ahead) = (
        NOW + Duration::from_secs(600),
        NOW - Duration::from_secs(600),
    );
    assert!(matches!(shown(behind), Some(600..=610)));
    assert!(matches!(shown(ahead), Some(-600..=-590)));
}

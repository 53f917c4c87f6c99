use super::*;
use crate::random::SystemRandom;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn own() -> DeploymentNumber {
    DeploymentNumber::of("https://app.example.test/auth/redirect", "client")
}

#[test]
fn a_cookie_value_comes_back() {
    let new = BindingCookie::new(&SystemRandom);
    let completed = new.completed_at(NOW, own());
    assert_eq!(completed.deployment(), Some(own()));
    let (fresh, cookie) = (new.to_cookie(), completed.to_cookie());
    // The last one as an earlier release may have written it.
    for (cookie, browser) in [
        (fresh.clone(), &new),
        (cookie, &completed),
        (format!("{fresh}.30000010"), &new),
    ] {
        assert!(cookie.len() <= MAX_VALUE);
        assert_eq!(
            BindingCookie::parse(cookie.as_bytes()).as_ref(),
            Some(browser)
        );
    }
}

#[test]
fn refuses_what_is_no_binding_cookie() {
    let good = BindingCookie::new(&SystemRandom).to_cookie();
    for value in [
        "",
        "x",
        "x.0.0",
        &good[1..],
        &format!("{good}.1.2"),
        &format!("{good}.4294967296"),
        &format!("{good}.-1"),
        &format!("{good}."),
        &good.replace('.', ","),
        &"A".repeat(22),
        &format!("{}.999.0", "A".repeat(22)),
    ] {
        assert_eq!(BindingCookie::parse(value.as_bytes()), None, "{value}");
    }
}

#[test]
fn only_the_random_part_binds() {
    let browser = BindingCookie::new(&SystemRandom);
    let completed = browser.completed_at(NOW, own());
    assert!(completed.began(&browser.digest()));
    assert!(!BindingCookie::new(&SystemRandom).began(&browser.digest()));
}

#[test]
fn the_fifth_sign_in_within_two_minutes_is_a_loop() {
    let mut browser = BindingCookie::new(&SystemRandom);
    for _ in 0..4 {
        assert!(!browser.is_looping(NOW));
        browser = browser.completed_at(NOW, own());
    }
    assert!(browser.is_looping(NOW));
    assert!(!browser.is_looping(NOW + std::time::Duration::from_secs(180)));
}

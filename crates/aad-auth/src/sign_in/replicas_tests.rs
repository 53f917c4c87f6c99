use super::*;
use crate::{
    config::BaseUrl,
    random::SystemRandom,
    sign_in::{AttemptPurpose, BindingCookie},
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn attempt(mark: u64, started: Timestamp) -> Attempt {
    let base = BaseUrl::parse("https://app.example.test").unwrap();
    let browser = BindingCookie::new(&SystemRandom);
    let to = base.return_to("/deep");
    let purpose = AttemptPurpose::SignIn;
    let mut attempt = Attempt::new(&SystemRandom, started, &browser, to, purpose);
    attempt.mark = mark;
    attempt
}

#[test]
fn an_attempt_of_another_running_instance_without_our_store_is_noticed() {
    let later = NOW + Duration::from_secs(61);
    let replicas = Replicas::new(&SystemRandom, NOW);
    replicas.notice(&attempt(replicas.mark, later), true);
    // An old release's, and one where the store is shared.
    replicas.notice(&attempt(0, later), true);
    replicas.notice(&attempt(7, later), false);
    assert!(!replicas.has_separate_stores(later));
    replicas.notice(&attempt(7, later), true);
    assert!(replicas.has_separate_stores(later));
    // It lapses when nothing shows it any more, and comes back when something does.
    let lapsed = later + ATTEMPT_LIFETIME;
    assert!(!replicas.has_separate_stores(lapsed));
    replicas.notice(&attempt(7, lapsed), true);
    assert!(replicas.has_separate_stores(lapsed));
}

#[test]
fn an_attempt_of_the_process_before_a_restart_is_none_of_another_instance() {
    let replicas = Replicas::new(&SystemRandom, NOW);
    for started in [
        NOW - Duration::from_secs(3000),
        NOW,
        NOW + Duration::from_secs(15),
    ] {
        replicas.notice(&attempt(7, started), true);
    }
    assert!(!replicas.has_separate_stores(NOW));
}

#[test]
fn the_flag_follows_the_last_look() {
    let replicas = Replicas::new(&SystemRandom, NOW);
    replicas.note_keys(true);
    assert!(replicas.has_foreign_key());
    replicas.note_keys(false);
    assert!(!replicas.has_foreign_key());
}

//! A clock that was ahead and was set right: what it stored meanwhile.

use std::{sync::Arc, time::Duration};

use super::{
    Session, Sessions,
    limits::CLOCK_LEEWAY,
    tests::{HOUR, LIMITS, START, World, new_session, sessions_in, user, world},
};
use crate::{
    clock::{Clock, Timestamp},
    store::Store,
};

/// By how much the clock is ahead.
const AHEAD: Duration = Duration::from_secs(2 * 3600);

impl World {
    /// Runs `work` with a clock that is ahead, then sets it right.
    async fn ahead<T>(&self, work: impl AsyncFnOnce() -> T) -> T {
        self.clock.set(START + AHEAD);
        let outcome = work().await;
        self.clock.set(START + Duration::from_secs(10));
        outcome
    }

    /// The same process, and one that has just started.
    fn both(&self) -> (&Sessions, Sessions) {
        (&self.sessions, self.restarted(&["secret"]))
    }
}

async fn signs_in(sessions: &Sessions, at: Timestamp) -> bool {
    let created = sessions.create(new_session("anna", None, at)).await;
    created.unwrap().is_some()
}

/// A sign-in of another user; before it an answer of the provider, whose clock shows `at`.
async fn vouch(sessions: &Sessions, at: Timestamp) {
    sessions.clock_watch.show(at);
    let created = sessions.create(new_session("carl", None, at)).await;
    created.unwrap();
}

async fn lives(sessions: &Sessions, session: &Session) -> bool {
    sessions.load(session.id()).await.unwrap().is_some()
}

#[actix_web::test]
async fn w16_a_mark_of_the_future_locks_a_user_out_for_no_longer_than_the_leeway() {
    let world = world();
    let before = world.sign_in("anna", None).await;
    world
        .ahead(async || world.sessions.end_all_of(&user("anna").key).await.unwrap())
        .await;
    let (same, restarted) = world.both();
    for sessions in [same, &restarted] {
        // The first look sets the mark to now and the leeway.
        sessions.clock_watch.show(world.clock.now());
        signs_in(sessions, world.clock.now()).await;
        world.clock.advance(CLOCK_LEEWAY + Duration::from_secs(1));
        assert!(signs_in(sessions, world.clock.now()).await);
        assert!(!lives(sessions, &before).await);
    }
}

#[actix_web::test]
async fn w16_an_end_of_all_of_the_future_ends_what_began_before_it_and_nothing_after() {
    let world = world();
    let before = world.sign_in("anna", None).await;
    let during = world
        .ahead(async || {
            let during = world.sign_in("bert", None).await;
            world.sessions.end_all().await.unwrap();
            during
        })
        .await;
    let (same, restarted) = world.both();
    for sessions in [same, &restarted] {
        assert!(!lives(sessions, &before).await);
        assert!(!lives(sessions, &during).await, "it began before the end");
        // The first sign-in sets the mark to now and the leeway.
        vouch(sessions, world.clock.now()).await;
        assert!(!lives(sessions, &before).await && !lives(sessions, &during).await);
        world.clock.advance(CLOCK_LEEWAY + Duration::from_secs(1));
        assert!(signs_in(sessions, world.clock.now()).await);
    }
    assert!(same.clock_warning().is_some());
    // Nor do they come back once the clock has reached the time that they bear.
    for minutes in [0, 60, 121, 180] {
        world.clock.set(START + Duration::from_secs(minutes * 60));
        for session in [&before, &during] {
            assert!(!world.lives(session).await, "after {minutes} minutes");
        }
    }
}

#[actix_web::test]
async fn w16_a_new_mark_replaces_one_of_the_future() {
    let world = world();
    let key = user("anna").key;
    world
        .ahead(async || world.sessions.end_all_of(&key).await.unwrap())
        .await;
    vouch(&world.sessions, world.clock.now()).await;
    world.sessions.end_all_of(&key).await.unwrap();
    world.clock.advance(CLOCK_LEEWAY + Duration::from_secs(1));
    assert!(signs_in(&world.sessions, world.clock.now()).await);
}

#[actix_web::test]
async fn a_mark_within_the_leeway_is_kept_as_it_is() {
    let world = world();
    let mark = START + CLOCK_LEEWAY / 2;
    world.clock.set(mark);
    world.sessions.end_all().await.unwrap();
    world.clock.set(START);
    for sessions in [&world.sessions, &world.restarted(&["secret"])] {
        assert!(!signs_in(sessions, mark).await);
        assert!(signs_in(sessions, mark + Duration::from_millis(1)).await);
        assert!(sessions.clock_warning().is_none());
    }
}

#[actix_web::test]
async fn w17_a_session_of_the_future_lives_and_ends_by_its_limits_from_now_on() {
    for restart in [false, true] {
        let world = world();
        let session = world
            .ahead(async || world.sign_in("anna", None).await)
            .await;
        let restarted = world.restarted(&["secret"]);
        let sessions = if restart { &restarted } else { &world.sessions };
        let began = world.clock.now();
        // As long as nothing shows which clock is wrong, nothing is changed.
        let unchanged = sessions.load(session.id()).await.unwrap().unwrap();
        assert_eq!(unchanged.ends_at(), session.ends_at());
        assert!(sessions.clock_warning().is_some());
        vouch(sessions, began).await;
        let present = sessions.load(session.id()).await.unwrap().unwrap();
        assert_eq!(present.signed_in_at(), began);
        assert_eq!(present.ends_at(), began + LIMITS.max);
        // Its tokens are refreshed at once: how old they are is not known.
        let held = sessions.vault().get(&present).await.unwrap().unwrap();
        assert!(held.refresh_at <= began && held.obtained_at <= began);
        // In use to its absolute end, and not beyond; listed as it is.
        for hours in 1..24 {
            world.clock.set(began + HOUR * hours);
            assert!(lives(sessions, &session).await, "after {hours} hours");
        }
        let listed = sessions.list(&user("anna").key).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].first_seen, began);
        world.clock.set(began + LIMITS.max);
        assert!(!lives(sessions, &session).await);
    }
}

#[actix_web::test]
async fn w17_an_idle_timeout_that_was_extended_in_the_future_is_that_of_now() {
    for restart in [false, true] {
        let world = world();
        let session = world.sign_in("anna", None).await;
        world
            .ahead(async || assert!(world.lives(&session).await))
            .await;
        let restarted = world.restarted(&["secret"]);
        let sessions = if restart { &restarted } else { &world.sessions };
        let used = world.clock.now();
        vouch(sessions, used).await;
        assert!(lives(sessions, &session).await);
        world.clock.set(used + LIMITS.idle - Duration::from_secs(1));
        let key = world.sessions.record_key(&session.digest).unwrap();
        assert!(world.store.get(&key).await.unwrap().is_some());
        world.clock.set(used + LIMITS.idle);
        assert!(!lives(sessions, &session).await, "restart: {restart}");
    }
}

#[actix_web::test]
async fn w17_a_clock_that_is_behind_takes_back_no_revocation_and_ends_no_session() {
    for restart in [false, true] {
        let world = world();
        let ended = world.sign_in("anna", None).await;
        let unseen = world.sign_in("anna", None).await;
        world.sessions.end_all().await.unwrap();
        world.clock.advance(Duration::from_secs(1));
        let alive = world.sign_in("anna", None).await;
        let restarted = world.restarted(&["secret"]);
        let sessions = if restart { &restarted } else { &world.sessions };
        // A machine without a battery, before its first time synchronisation.
        world.clock.set(Timestamp::from_seconds(3600));
        assert!(!lives(sessions, &ended).await);
        assert!(lives(sessions, &alive).await);
        sessions.end_all_of(&user("bert").key).await.unwrap();
        sessions.end_all().await.unwrap();
        assert!(sessions.clock_warning().is_some());
        world.clock.set(START + Duration::from_secs(100));
        for sessions in [sessions, &world.restarted(&["secret"])] {
            assert!(!lives(sessions, &ended).await, "restart: {restart}");
            assert!(!lives(sessions, &unseen).await, "restart: {restart}");
            let present = sessions.load(alive.id()).await.unwrap();
            let present = present.unwrap_or_else(|| panic!("ended; restart: {restart}"));
            assert_eq!(present.ends_at(), alive.ends_at());
        }
    }
}

#[actix_web::test]
async fn w51_an_older_answer_of_the_store_does_not_take_back_an_end_of_all_sessions() {
    for behind in [0, 61, 180, 7200] {
        let world = world();
        let before = world.sign_in("anna", None).await;
        world.clock.advance(Duration::from_secs(1));
        world.sessions.end_all().await.unwrap();
        let right = world.clock.now();
        let now = right - Duration::from_secs(behind);
        world.clock.set(now);
        // The provider's clock is right: so ours is not.
        world.sessions.clock_watch.show(right);
        // It was read before the end, and arrives after it.
        world.sessions.learn(Some(now - HOUR), now);
        assert!(world.sessions.is_void(before.began(), now), "{behind} s");
    }
}

/// Metadata is loaded hourly: an instance without sign-ins gets no answer of the provider meanwhile.
#[actix_web::test]
async fn w56_a_session_that_began_in_the_future_escapes_no_end_at_a_quiet_instance() {
    for (minutes, ends) in [(0, true), (11, true), (59, true), (119, true), (121, false)] {
        for everywhere in [false, true] {
            let world = world();
            let ago = Duration::from_secs(minutes * 60);
            let session = world
                .ahead(async || world.sign_in("anna", None).await)
                .await;
            let quiet = world.restarted(&["secret"]);
            let now = world.clock.now();
            quiet.clock_watch.show_since(now - ago, ago);
            if everywhere {
                quiet.revoke_user(&user("anna").key).await.unwrap();
                let revoked = quiet.is_revoked(&session).await.unwrap();
                assert_eq!(revoked, ends, "{minutes} min");
            } else {
                quiet.end_all().await.unwrap();
                assert_eq!(!lives(&quiet, &session).await, ends, "{minutes} min");
                // Ended is ended, also once its moment has come.
                world.clock.set(START + AHEAD + HOUR);
                assert_eq!(!world.lives(&session).await, ends, "{minutes} min");
            }
        }
    }
}

/// Its clock is behind: to it, all other sign-ins began in the future.
#[actix_web::test]
async fn w56_an_instance_that_was_set_back_since_the_answer_ends_no_session() {
    for behind in [61, 180, 3600] {
        let world = world();
        world.sessions.end_all().await.unwrap();
        world.clock.advance(HOUR);
        let session = world.sign_in("anna", None).await;
        let right = world.clock.now();
        let quiet = world.restarted(&["secret"]);
        quiet.clock_watch.show_since(right - HOUR / 2, HOUR / 2);
        world.clock.set(right - Duration::from_secs(behind));
        assert!(lives(&quiet, &session).await, "{behind} s");
    }
}

#[actix_web::test]
async fn reading_goes_on_where_times_cannot_be_written() {
    use crate::store::{FaultyStore, Operation, StoreError, StoreFault};
    for reason in [
        StoreError::Full,
        StoreError::Unavailable,
        StoreError::Denied,
    ] {
        let world = world();
        let store = Arc::new(FaultyStore::new(Arc::new(world.clock.clone())));
        let sessions = sessions_in(&world.clock, store.clone(), &["secret"]);
        let new = new_session("anna", None, START);
        let session = sessions.create(new).await.unwrap().unwrap();
        for operation in [Operation::Touch, Operation::Update] {
            store.plan(operation, StoreFault::Fail(reason), 1000);
        }
        world.clock.advance(HOUR);
        assert!(lives(&sessions, &session).await, "{reason:?}");
        world.clock.set(START - HOUR);
        assert!(lives(&sessions, &session).await, "{reason:?}");
        // The idle timeout that it has still ends it.
        world.clock.set(START + LIMITS.idle);
        assert!(!lives(&sessions, &session).await, "{reason:?}");
    }
}

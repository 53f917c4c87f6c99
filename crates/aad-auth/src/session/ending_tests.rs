//! The end of sessions: which ones end, and that the others do not.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{
    Session, Sessions,
    ending::ProviderSession,
    tests::{HOUR, START, World, new_session, sessions_in, user, world, world_with},
};
use crate::{
    clock::{Clock, ManualClock},
    store::{FaultyStore, Operation, Store, StoreError, StoreFault},
    validation::Sub,
};

const ISSUER: &str = "https://issuer.example";

async fn ended(world: &World, iss: Option<&str>, sid: &str, sub: Option<&str>) -> usize {
    let sub = sub.map(|sub| Sub::parse(sub).unwrap());
    let named = ProviderSession {
        sid,
        iss,
        sub: sub.as_ref(),
    };
    world.sessions.end_provider_session(&named).await.unwrap()
}

#[actix_web::test]
async fn a_sign_out_at_another_issuer_of_another_session_or_of_another_subject_ends_nothing() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    for (iss, sid, sub) in [
        (Some("https://other.example"), "sid-of-anna", None),
        (Some(ISSUER), "unknown-sid", None),
        (None, "unknown-sid", None),
        (None, "", None),
        (Some(ISSUER), "sid-of-anna", Some("bert")),
        (Some("https://other.example"), "sid-of-anna", Some("anna")),
    ] {
        assert_eq!(
            ended(&world, iss, sid, sub).await,
            0,
            "{iss:?} {sid} {sub:?}"
        );
    }
    assert!(world.lives(&anna).await && world.lives(&bert).await);
    assert_eq!(
        ended(&world, Some(ISSUER), "sid-of-anna", Some("anna")).await,
        1
    );
    assert!(!world.lives(&anna).await && world.lives(&bert).await);
}

#[actix_web::test]
async fn a_session_at_the_provider_ends_by_sid_alone_and_only_once() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    let again = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    assert_eq!(ended(&world, None, "sid-of-anna", None).await, 2);
    assert_eq!(ended(&world, None, "sid-of-anna", None).await, 0);
    assert!(!world.lives(&anna).await && !world.lives(&again).await);
    assert!(world.lives(&bert).await);
}

#[actix_web::test]
async fn a_sign_out_at_the_provider_finds_sessions_of_before_a_rotation() {
    let world = world_with(&["old"]);
    let anna = world.sign_in("anna", None).await;
    let rotated = world.restarted(&["new", "old"]);
    let named = ProviderSession {
        sid: "sid-of-anna",
        iss: None,
        sub: None,
    };
    assert_eq!(rotated.end_provider_session(&named).await.unwrap(), 1);
    assert!(rotated.load(anna.id()).await.unwrap().is_none());
}

#[actix_web::test]
async fn a_user_cannot_end_a_session_of_another_user_by_its_name() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    let key = user("bert").key;
    let end = async |handle: &str| world.sessions.end_one_of(&key, handle).await.unwrap();
    for handle in [anna.handle(), "", "x", &"A".repeat(43), &"A".repeat(5000)] {
        assert!(!end(handle).await, "{handle}");
    }
    assert!(world.lives(&anna).await);
    assert!(end(bert.handle()).await);
    assert!(!world.lives(&bert).await);
    assert!(world.sessions.list(&key).await.unwrap().is_empty());
}

#[actix_web::test]
async fn the_end_of_one_session_ends_the_one_that_it_has_replaced() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let new = world.sign_in("anna", Some(Arc::clone(&old))).await;
    let other = world.sign_in("anna", None).await;
    let key = user("anna").key;
    let ended = world.sessions.end_one_of(&key, new.handle()).await;
    assert!(ended.unwrap());
    assert!(!world.lives(&old).await && !world.lives(&new).await);
    assert!(world.lives(&other).await);
}

#[actix_web::test]
async fn w43_a_session_whose_end_the_store_refused_is_not_taken_for_ended() {
    let (clock, store) = faulty();
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    let new = |previous| new_session("anna", previous, clock.now());
    let old = sessions.create(new(None)).await.unwrap().unwrap();
    let session = sessions.create(new(Some(Arc::clone(&old)))).await;
    let session = session.unwrap().unwrap();
    let full = StoreFault::Fail(StoreError::Full);
    store.plan(Operation::Delete, full, 3);
    // The record, the record of the one that it has replaced, and the next look.
    assert!(sessions.end(&session).await.is_err());
    assert_eq!(
        sessions.load(session.id()).await.err(),
        Some(StoreError::Full)
    );
    assert_eq!(store.pending(Operation::Delete), 0);
    for ended in [&session, &old] {
        assert!(sessions.load(ended.id()).await.unwrap().is_none());
        // Nor does a process that knows nothing of it.
        let other = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
        assert!(other.load(ended.id()).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn w43_an_end_whose_caller_has_gone_is_completed_by_the_next_look() {
    let (clock, store) = faulty();
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    let new = new_session("anna", None, clock.now());
    let session = sessions.create(new).await.unwrap().unwrap();
    let slow = StoreFault::Delay(Duration::from_secs(3600));
    store.plan(Operation::Delete, slow, 1);
    assert!(sessions.end(&session).now_or_never().is_none());
    assert!(sessions.load(session.id()).await.unwrap().is_none());
    let other = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    assert!(other.load(session.id()).await.unwrap().is_none());
}

#[actix_web::test]
async fn of_two_ends_of_one_session_only_the_first_says_that_it_ended_it() {
    let (clock, store) = faulty();
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    let new = new_session("anna", None, clock.now());
    let session = sessions.create(new).await.unwrap().unwrap();
    let key = user("anna").key;
    // The user's own end has found the session, and comes to its record second.
    store.plan(Operation::Delete, A_MOMENT, 1);
    let (own, other) = futures_util::join!(
        sessions.end_one_of(&key, session.handle()),
        sessions.end_by_handle(session.handle())
    );
    assert!(other.unwrap());
    assert!(!own.unwrap());
}

#[actix_web::test]
async fn without_room_for_the_mark_what_came_before_and_after_the_first_look_ends_and_counts() {
    let (clock, store) = faulty();
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    let new = || new_session("anna", None, clock.now());
    let before = sessions.create(new()).await.unwrap().unwrap();
    store.plan(Operation::Create, StoreFault::Fail(StoreError::Full), 1);
    store.plan(Operation::Delete, A_MOMENT, 1);
    let key = user("anna").key;
    let (ended, after) = futures_util::join!(sessions.end_all_of(&key), sessions.create(new()));
    let after = after.unwrap().unwrap();
    assert_eq!(ended.unwrap(), 2);
    for ended in [&before, &after] {
        assert!(sessions.load(ended.id()).await.unwrap().is_none());
    }
    assert!(sessions.is_revoked(&after).await.unwrap());
}

#[actix_web::test]
async fn a_session_whose_record_is_written_between_the_two_looks_ends_and_counts() {
    let (clock, store) = faulty();
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    // The index has it already. Tokens and record come after the first look, before the second.
    store.plan(Operation::Create, A_MOMENT, 2);
    let later = StoreFault::Delay(Duration::from_millis(100));
    store.plan(Operation::IndexRemove, later, 1);
    let named = ProviderSession {
        sid: "sid-of-anna",
        iss: None,
        sub: None,
    };
    let (created, ended) = futures_util::join!(
        sessions.create(new_session("anna", None, clock.now())),
        sessions.end_provider_session(&named)
    );
    let created = created.unwrap().unwrap();
    assert_eq!(ended.unwrap(), 1);
    assert!(sessions.load(created.id()).await.unwrap().is_none());
}

/// Long enough for what runs beside it in the same thread.
const A_MOMENT: StoreFault = StoreFault::Delay(Duration::from_millis(50));

fn faulty() -> (ManualClock, Arc<FaultyStore>) {
    let clock = ManualClock::at(START);
    let store = Arc::new(FaultyStore::new(Arc::new(clock.clone())));
    (clock, store)
}

#[actix_web::test]
async fn an_administrator_ends_a_session_by_its_name_alone() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    let again = world.sign_in("anna", None).await;
    assert!(!world.sessions.end_by_handle("nothing").await.unwrap());
    assert!(world.sessions.end_by_handle(anna.handle()).await.unwrap());
    assert!(!world.sessions.end_by_handle(anna.handle()).await.unwrap());
    assert!(!world.lives(&anna).await && world.lives(&again).await);
    let left = world.sessions.list(&user("anna").key).await.unwrap();
    assert_eq!(left.len(), 1, "what has ended is not listed");
}

#[actix_web::test]
async fn the_end_of_all_others_spares_the_one_that_asks_and_other_users() {
    let world = world();
    let began = world.clock.now();
    let mine = world.sign_in("anna", None).await;
    let other = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    assert_eq!(world.sessions.end_others_of(&mine).await.unwrap(), 1);
    assert!(world.lives(&mine).await && world.lives(&bert).await);
    assert!(!world.lives(&other).await);
    // One that is being created ends too.
    let late = new_session("anna", None, began);
    assert!(world.sessions.create(late).await.unwrap().is_none());
    assert!(world.lives(&mine).await);
}

#[actix_web::test]
async fn an_end_of_everything_voids_sessions_and_sign_ins_under_way_and_no_later_ones() {
    let world = world();
    let began = world.clock.now();
    let anna = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    world.clock.advance(Duration::from_secs(1));
    world.sessions.end_all().await.unwrap();
    assert!(!world.lives(&anna).await && !world.lives(&bert).await);
    assert!(
        world
            .sessions
            .list(&user("anna").key)
            .await
            .unwrap()
            .is_empty()
    );
    world.clock.advance(Duration::from_secs(1));
    let late = new_session("anna", None, began);
    assert!(world.sessions.create(late).await.unwrap().is_none());
    let fresh = world.sign_in("anna", None).await;
    assert!(world.lives(&fresh).await);
    assert!(world.sessions.vault().get(&anna).await.unwrap().is_none());
}

#[actix_web::test]
async fn an_end_of_everything_outlives_the_process() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    let bert = world.sign_in("bert", None).await;
    world.clock.advance(Duration::from_secs(1));
    world.sessions.end_all().await.unwrap();
    let restarted = world.restarted(&["secret"]);
    assert!(restarted.load(anna.id()).await.unwrap().is_none());
    // An earlier mark does not take a later one back.
    world.clock.set(crate::clock::Timestamp::from_seconds(1));
    world.sessions.end_all().await.unwrap();
    world.clock.set(START);
    let restarted = world.restarted(&["secret"]);
    assert!(restarted.load(bert.id()).await.unwrap().is_none());
}

#[actix_web::test]
async fn a_session_whose_index_entry_was_taken_while_it_was_created_does_not_live() {
    let world = world();
    let anna = world.sign_in("anna", None).await;
    assert!(world.sessions.is_indexed(&anna).await.unwrap());
    world.sessions.remove_from_indexes(&anna).await.unwrap();
    assert!(!world.sessions.is_indexed(&anna).await.unwrap());
}

#[actix_web::test]
async fn last_seen_moves_with_use_and_an_idle_session_is_not_listed() {
    let world = world();
    let used = world.sign_in("anna", None).await;
    let idle = world.sign_in("anna", None).await;
    let began = world.clock.now();
    world.clock.advance(HOUR * 5);
    assert!(world.lives(&used).await);
    let seen = |entries: &[super::SessionEntry], session: &Session| {
        let found = entries
            .iter()
            .find(|entry| entry.handle == session.handle());
        found.map(|entry| (entry.first_seen, entry.last_seen))
    };
    let entries = world.sessions.list(&user("anna").key).await.unwrap();
    assert_eq!(seen(&entries, &used), Some((began, began + HOUR * 5)));
    assert_eq!(seen(&entries, &idle), Some((began, began)));
    world.clock.advance(HOUR * 4);
    let entries = world.sessions.list(&user("anna").key).await.unwrap();
    assert!(seen(&entries, &used).is_some() && seen(&entries, &idle).is_none());
    // Also under another key generation there is one entry a session.
    let rotated = world.restarted(&["new", "secret"]);
    world.clock.advance(HOUR);
    assert!(rotated.load(used.id()).await.unwrap().is_some());
    assert_eq!(rotated.list(&user("anna").key).await.unwrap().len(), 1);
}

/// Whether a stream of this session would have been closed by now.
async fn has_ended(sessions: &Sessions, end: &mut super::SessionEnd) -> bool {
    sessions.look_again().await.unwrap();
    end.now_or_never().is_some()
}

#[actix_web::test]
async fn a_watched_session_is_told_of_every_kind_of_end() {
    let world = world();
    let signed_out = world.sign_in("anna", None).await;
    let mut end = world.sessions.until_ended(&signed_out);
    assert!(!has_ended(&world.sessions, &mut end).await);
    world.sessions.end(&signed_out).await.unwrap();
    // At once, without a look at the store.
    assert!((&mut end).now_or_never().is_some());

    let idle = world.sign_in("anna", None).await;
    let mut end = world.sessions.until_ended(&idle);
    world.clock.advance(HOUR * 7);
    assert!(!has_ended(&world.sessions, &mut end).await);
    world.clock.advance(HOUR);
    assert!(has_ended(&world.sessions, &mut end).await);

    let retired = world.sign_in("bert", None).await;
    let mut end = world.sessions.until_ended(&retired);
    world.sign_in("bert", Some(Arc::clone(&retired))).await;
    assert!(!has_ended(&world.sessions, &mut end).await);
    world.clock.advance(Duration::from_secs(61));
    assert!(has_ended(&world.sessions, &mut end).await);

    let voided = world.sign_in("cleo", None).await;
    let mut end = world.sessions.until_ended(&voided);
    world.clock.advance(Duration::from_secs(1));
    world.sessions.end_all().await.unwrap();
    assert!((&mut end).now_or_never().is_some());
}

#[actix_web::test]
async fn a_watcher_learns_what_another_instance_has_ended() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    // Another process on the same store, which has nothing in its cache.
    let other = world.restarted(&["secret"]);
    let mut end = other.until_ended(&session);
    assert!(!has_ended(&other, &mut end).await);
    world.sessions.end(&session).await.unwrap();
    assert!(has_ended(&other, &mut end).await);
    // The void mark too.
    let session = world.sign_in("anna", None).await;
    let mut end = other.until_ended(&session);
    world.clock.advance(Duration::from_secs(1));
    world.sessions.end_all().await.unwrap();
    assert!(has_ended(&other, &mut end).await);
}

#[actix_web::test]
async fn a_watched_session_survives_an_unreachable_store_and_no_session_is_watched_without_streams()
{
    let world = world();
    let session = world.sign_in("anna", None).await;
    let other = world.restarted(&["secret"]);
    let mut end = other.until_ended(&session);
    world.store.close().await.unwrap();
    assert!(other.look_again().await.is_err());
    assert!((&mut end).now_or_never().is_none());
    drop(end);
    assert!(other.look_again().await.is_ok(), "no stream is left");
}

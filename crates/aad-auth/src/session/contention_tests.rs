//! Sessions against other writers, against an end in the same moment, and against a full store.

use std::{sync::Arc, time::Duration};

use super::{
    Sessions,
    tests::{HOUR, START, new_session, sessions_in, user, world},
};
use crate::{
    clock::{Clock, ManualClock},
    store::{FaultyStore, Key, MemoryStore, Operation, Store, StoreError, StoreFault},
};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// A store to which others write as well.
fn contended() -> (Sessions, ManualClock, Arc<FaultyStore>) {
    let clock = ManualClock::at(START);
    let store = Arc::new(FaultyStore::new(Arc::new(clock.clone())).shared());
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    (sessions, clock, store)
}

#[actix_web::test]
async fn a_replaced_session_never_stays_live_whatever_other_writers_do() {
    for (faster_writers, answers_a_minute) in [(0, true), (1, true), (2, true), (3, false)] {
        let (sessions, clock, store) = contended();
        let old = sessions.create(new_session("anna", None, clock.now()));
        let old = old.await.unwrap().unwrap();
        store.plan(Operation::Update, StoreFault::Conflict, faster_writers);
        let new = new_session("anna", Some(Arc::clone(&old)), clock.now());
        let new = sessions.create(new).await.unwrap().unwrap();
        let lives = async |session: &super::Session| sessions.load(session.id()).await.unwrap();
        assert_eq!(
            lives(&old).await.is_some(),
            answers_a_minute,
            "{faster_writers}"
        );
        assert_eq!(sessions.list(&user("anna").key).await.unwrap().len(), 1);
        clock.advance(MINUTE + SECOND);
        assert!(lives(&old).await.is_none(), "{faster_writers}");
        assert!(lives(&new).await.is_some(), "{faster_writers}");
    }
}

#[actix_web::test]
async fn a_sign_out_while_a_new_sign_in_is_under_way_ends_that_too() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    world.sessions.end(&old).await.unwrap();
    let new = new_session("anna", Some(Arc::clone(&old)), world.clock.now());
    assert!(world.sessions.create(new).await.unwrap().is_none());
    assert!(
        world
            .sessions
            .list(&old.user().key)
            .await
            .unwrap()
            .is_empty()
    );
    // Only with the session that it was to replace.
    let session = world.sign_in("anna", None).await;
    assert!(world.lives(&session).await);
}

#[actix_web::test]
async fn a_previous_session_that_has_run_out_by_itself_stops_no_sign_in() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    // Another tab has replaced it meanwhile.
    let second = world.sign_in("anna", Some(Arc::clone(&old))).await;
    let retired = world.sessions.load(old.id()).await.unwrap().unwrap();
    let session = world.sign_in("anna", Some(old)).await;
    assert!(world.lives(&session).await);
    world.clock.advance(MINUTE + SECOND);
    let session = world.sign_in("anna", Some(retired)).await;
    assert!(world.lives(&session).await);
    world.clock.advance(HOUR * 25);
    let session = world.sign_in("anna", Some(second)).await;
    assert!(world.lives(&session).await);
}

#[actix_web::test]
async fn refreshed_tokens_of_a_replaced_session_end_with_it() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let vault = world.sessions.vault();
    let held = vault.get(&old).await.unwrap().unwrap();
    world.sign_in("anna", Some(Arc::clone(&old))).await;
    // By a request that has read the session before.
    assert!(vault.replace(&old, &held, &held.tokens).await.unwrap());
    world.clock.advance(MINUTE + SECOND);
    assert!(vault.get(&old).await.unwrap().is_none());
    // With the session gone, nothing is written.
    assert!(!vault.replace(&old, &held, &held.tokens).await.unwrap());
}

#[actix_web::test]
async fn an_update_that_another_writer_has_stored_reaches_requests_with_an_older_session() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    let mut later = user("anna");
    later.roles = vec!["Reader".into()];
    let other = world.restarted(&["secret"]);
    other.update_user(&session, &later).await.unwrap();
    world.clock.advance(HOUR);
    let before = world.sessions.load(session.id()).await.unwrap().unwrap();
    assert_eq!(before.user().roles, user("anna").roles, "from the cache");
    world.sessions.update_user(&session, &later).await.unwrap();
    let after = world.sessions.load(session.id()).await.unwrap().unwrap();
    assert_eq!(after.user().roles, later.roles);
}

/// Takes every byte that is left.
async fn fill(store: &MemoryStore) {
    let mut size = 4096;
    for number in 0_u32.. {
        let key = Key::new(format!("filler:{number}")).unwrap();
        match store.create(&key, &vec![0; size], HOUR * 48).await {
            Ok(_) => {}
            Err(StoreError::Full) if size > 0 => size /= 2,
            Err(StoreError::Full) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[actix_web::test]
async fn sessions_can_be_ended_while_the_store_is_full() {
    let clock = ManualClock::at(START);
    let store = Arc::new(MemoryStore::with_capacity(
        Arc::new(clock.clone()),
        64 * 1024,
    ));
    let sessions = sessions_in(&clock, Arc::clone(&store) as Arc<dyn Store>, &["secret"]);
    let sign_in = async || {
        let new = new_session("anna", None, clock.now());
        sessions.create(new).await.unwrap().unwrap()
    };
    let (kept, other) = (sign_in().await, sign_in().await);
    fill(&store).await;
    assert!(matches!(
        sessions
            .create(new_session("bert", None, clock.now()))
            .await,
        Err(StoreError::Full)
    ));
    assert_eq!(sessions.end_others_of(&kept).await.unwrap(), 1);
    assert!(sessions.load(other.id()).await.unwrap().is_none());
    assert!(sessions.load(kept.id()).await.unwrap().is_some());
    // The mark is there as well: for a sign-in that was under way.
    assert!(sessions.is_revoked(&kept).await.unwrap());
    assert_eq!(sessions.end_all_of(&kept.user().key).await.unwrap(), 1);
    assert!(sessions.load(kept.id()).await.unwrap().is_none());
}

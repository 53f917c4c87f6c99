//! More sessions of one user than there may be.

use std::{sync::Arc, time::Duration};

use super::{
    index::IndexBy,
    tests::{HOUR, LIMITS, START, World, new_session, world},
    *,
};
use crate::{
    clock::{Clock, ManualClock},
    random::SystemRandom,
    seal::{InstanceLabel, Keys},
    store::{Key, MAX_MEMBERS, MemoryStore, Store},
};

#[actix_web::test]
async fn beyond_the_limit_of_a_user_the_oldest_session_ends() {
    let clock = ManualClock::at(START);
    let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    let keys = Keys::new(&["secret"], InstanceLabel::new("a", "c", "/auth")).unwrap();
    let sessions = Sessions::new(
        Arc::clone(&store) as Arc<dyn Store>,
        Arc::new(keys),
        Arc::new(clock.clone()),
        Arc::new(SystemRandom),
        SessionLimits {
            per_user: Some(2),
            ..LIMITS
        },
    );
    let mut made = Vec::new();
    for sub in ["anna", "anna", "bert", "anna"] {
        clock.advance(Duration::from_secs(1));
        let new = new_session(sub, None, clock.now());
        made.push(sessions.create(new).await.unwrap().unwrap());
    }
    let mut live = Vec::new();
    for session in &made {
        live.push(sessions.load(session.id()).await.unwrap().is_some());
    }
    assert_eq!(live, [false, true, true, true]);
}

/// A session of Anna, in no index of a session at the provider.
async fn sign_in(world: &World, previous: Option<&Arc<Session>>) -> Arc<Session> {
    world.clock.advance(Duration::from_millis(1));
    let mut new = new_session("anna", previous.cloned(), world.clock.now());
    new.user.sid = None;
    world.sessions.create(new).await.unwrap().unwrap()
}

/// As many of them as an index holds, and none of them new.
async fn as_many_as_fit(world: &World) -> Vec<Arc<Session>> {
    let mut made = Vec::new();
    for _ in 0..MAX_MEMBERS {
        made.push(sign_in(world, None).await);
    }
    world.clock.advance(Duration::from_secs(60));
    made
}

#[actix_web::test]
async fn who_has_as_many_sessions_as_an_index_holds_can_sign_in_and_the_oldest_end() {
    let world = world();
    let mut made = as_many_as_fit(&world).await;
    made.push(sign_in(&world, None).await);
    assert!(world.lives(made.last().unwrap()).await);
    assert!(!world.lives(&made[0]).await);
    assert!(world.lives(&made[MAX_MEMBERS / 2]).await);
    // All that live are still found by an end of all.
    world
        .sessions
        .end_all_of(&made[0].user().key)
        .await
        .unwrap();
    for session in &made {
        assert!(!world.lives(session).await);
    }
}

#[actix_web::test]
async fn what_dangles_in_a_full_index_makes_room_before_any_session_ends() {
    let world = world();
    let made = as_many_as_fit(&world).await;
    for session in &made[1..=MAX_MEMBERS / 8] {
        let key = world.sessions.record_key(&session.digest).unwrap();
        assert!(world.store.delete(&key).await.unwrap());
    }
    let newest = sign_in(&world, None).await;
    assert!(world.lives(&newest).await);
    assert!(world.lives(&made[0]).await);
}

#[actix_web::test]
async fn the_session_that_is_replaced_is_not_ended_to_make_room() {
    let world = world();
    let made = as_many_as_fit(&world).await;
    let newest = sign_in(&world, Some(&made[0])).await;
    assert!(world.lives(&newest).await);
    assert!(!world.lives(&made[1]).await);
}

#[actix_web::test]
async fn a_full_index_of_a_session_at_the_provider_ends_no_session_of_another_user() {
    let world = world();
    let other = world.sign_in("bert", None).await;
    let mut made = as_many_as_fit(&world).await;
    // Anna's stand in the index of Bert's session at the provider too.
    let sid = "sid-of-bert";
    let set = (IndexBy::ProviderSession { sid }).key(&world.sessions.keys);
    let set = set.unwrap();
    for session in &made[1..] {
        let value = world.sessions.seal_entry(session, START).unwrap();
        let name = session.digest.to_text();
        let put = world.store.index_put(&set, &name, &value, HOUR);
        put.await.unwrap();
    }
    let mut new = new_session("anna", None, world.clock.now());
    new.user.sid = Some(sid.to_owned());
    made.push(world.sessions.create(new).await.unwrap().unwrap());
    assert!(world.lives(made.last().unwrap()).await);
    assert!(world.lives(&other).await);
    assert!(!world.lives(&made[1]).await);
}

/// Lets the store sweep what has expired.
async fn sweep(world: &World) {
    for n in 0..2000 {
        let key = Key::new(format!("none:x:{n}")).unwrap();
        world.store.delete(&key).await.unwrap();
    }
}

#[actix_web::test]
async fn w19_signing_out_everywhere_again_and_again_leaves_one_mark() {
    let world = world();
    for _ in 0..500 {
        world.clock.advance(Duration::from_millis(1));
        let session = sign_in(&world, None).await;
        world
            .sessions
            .end_all_of(&session.user().key)
            .await
            .unwrap();
        world.clock.advance(Duration::from_millis(1));
    }
    sweep(&world).await;
    assert_eq!(world.store.stats().records, Some(1));
}

#[actix_web::test]
async fn w19_signing_in_again_and_again_in_one_browser_leaves_one_session_with_its_tokens() {
    let world = world();
    let mut session = sign_in(&world, None).await;
    for _ in 0..500 {
        session = sign_in(&world, Some(&session)).await;
    }
    world.clock.advance(Duration::from_secs(61));
    sweep(&world).await;
    assert!(world.lives(&session).await);
    // Its record, its tokens, and the index of the user.
    assert_eq!(world.store.stats().records, Some(3));
    let listed = world.sessions.list(&session.user().key).await.unwrap();
    assert_eq!(listed.len(), 1);
}

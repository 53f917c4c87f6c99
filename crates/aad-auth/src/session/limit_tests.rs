//! More sessions of one user than there may be.

use std::{sync::Arc, time::Duration};

use super::{
    tests::{LIMITS, START, new_session, world},
    *,
};
use crate::{
    clock::{Clock, ManualClock},
    random::SystemRandom,
    seal::{InstanceLabel, Keys},
    store::{MAX_MEMBERS, MemoryStore, Store},
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

#[actix_web::test]
async fn who_has_as_many_sessions_as_an_index_holds_can_sign_in_and_the_oldest_end() {
    let world = world();
    let mut made = Vec::new();
    for _ in 0..=MAX_MEMBERS {
        world.clock.advance(Duration::from_millis(1));
        let mut new = new_session("anna", None, world.clock.now());
        new.user.sid = None;
        made.push(world.sessions.create(new).await.unwrap().unwrap());
    }
    assert!(world.lives(made.last().unwrap()).await);
    assert!(!world.lives(&made[0]).await);
    assert!(world.lives(&made[MAX_MEMBERS / 2]).await);
    // All that live are found by an end of all.
    let anna = &made[0].user().key;
    let listed = world.sessions.list(anna).await.unwrap().len();
    assert_eq!(world.sessions.end_all_of(anna).await.unwrap(), listed);
    assert!(!world.lives(made.last().unwrap()).await);
}

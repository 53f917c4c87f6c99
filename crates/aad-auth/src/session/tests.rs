//! The session's rules, each against the memory store with a clock that is set by hand.

use std::{sync::Arc, time::Duration};

use super::*;
use crate::{
    clock::{Clock, ManualClock, Timestamp},
    random::SystemRandom,
    seal::{InstanceLabel, Keys},
    secret::{ExposeSecret, Pii},
    store::{MemoryStore, Store},
    validation::{Sub, UserKey},
};

pub(super) const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
pub(super) const LIMITS: SessionLimits = SessionLimits {
    idle: Duration::from_secs(8 * 3600),
    max: Duration::from_secs(24 * 3600),
    per_user: None,
};

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) store: Arc<MemoryStore>,
    pub(super) sessions: Sessions,
}

pub(super) fn world() -> World {
    world_with(&["secret"])
}

pub(super) fn world_with(secrets: &[&str]) -> World {
    let clock = ManualClock::at(START);
    let store = Arc::new(MemoryStore::new(Arc::new(clock.clone())));
    let sessions = sessions(&clock, &store, secrets);
    World {
        clock,
        store,
        sessions,
    }
}

fn sessions(clock: &ManualClock, store: &Arc<MemoryStore>, secrets: &[&str]) -> Sessions {
    sessions_in(clock, Arc::clone(store) as Arc<dyn Store>, secrets)
}

pub(super) fn sessions_in(
    clock: &ManualClock,
    store: Arc<dyn Store>,
    secrets: &[&str],
) -> Sessions {
    let keys = Keys::new(secrets, InstanceLabel::new("a", "c", "/auth")).unwrap();
    Sessions::new(
        store,
        Arc::new(keys),
        Arc::new(clock.clone()),
        Arc::new(SystemRandom),
        LIMITS,
    )
}

pub(super) fn user(sub: &str) -> UserSnapshot {
    UserSnapshot {
        key: UserKey::Subject {
            iss: "https://issuer.example".into(),
            sub: Sub::parse(sub).unwrap(),
        },
        iss: "https://issuer.example".into(),
        sub: sub.into(),
        name: Some(Pii::new("canary-name")),
        preferred_username: None,
        email: None,
        roles: vec!["Admin".into()],
        roles_incomplete: false,
        roles_of_userinfo: Vec::new(),
        groups_of_userinfo: false,
        groups: Memberships::default(),
        scopes: vec![],
        sid: Some(format!("sid-of-{sub}")),
        login_hint: None,
        acrs: vec![],
        auth_time: None,
    }
}

pub(super) fn new_session(sub: &str, previous: Option<Arc<Session>>, at: Timestamp) -> NewSession {
    NewSession {
        user: user(sub),
        tokens: TokenSet {
            access_token: Some("canary-access".into()),
            expires_at: at + HOUR,
            scopes: vec!["openid".into()],
            refresh_token: Some("canary-refresh".into()),
            id_token: Some("canary-id".into()),
        },
        attempt_started: at,
        device: None,
        previous,
    }
}

impl World {
    pub(super) async fn sign_in(&self, sub: &str, previous: Option<Arc<Session>>) -> Arc<Session> {
        let new = new_session(sub, previous, self.clock.now());
        self.sessions.create(new).await.unwrap().unwrap()
    }

    pub(super) async fn lives(&self, session: &Session) -> bool {
        self.sessions.load(session.id()).await.unwrap().is_some()
    }

    /// Another process on the same store: nothing in its cache.
    pub(super) fn restarted(&self, secrets: &[&str]) -> Sessions {
        sessions(&self.clock, &self.store, secrets)
    }
}

#[actix_web::test]
async fn an_unknown_id_is_no_session() {
    let world = world();
    world.sign_in("anna", None).await;
    let unknown = SessionId::new(&SystemRandom);
    assert!(world.sessions.load(&unknown).await.unwrap().is_none());
}

#[actix_web::test]
async fn a_session_survives_a_restart_with_its_tokens() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    let again = world.restarted(&["secret"]);
    let loaded = again.load(session.id()).await.unwrap().unwrap();
    assert_eq!(loaded.user().display_name().as_str(), "canary-name");
    let tokens = again.vault().get(&loaded).await.unwrap().unwrap().tokens;
    assert_eq!(
        tokens.refresh_token.unwrap().expose_secret(),
        "canary-refresh"
    );
}

#[actix_web::test]
async fn the_idle_limit_ends_a_session_and_use_puts_it_off() {
    let world = world();
    let used = world.sign_in("anna", None).await;
    let idle = world.sign_in("bert", None).await;
    world.clock.advance(HOUR * 5);
    assert!(world.lives(&used).await);
    world.clock.advance(HOUR * 4);
    assert!(world.lives(&used).await);
    assert!(!world.lives(&idle).await);
    // Also for a process that has it from the store only.
    assert!(
        world
            .restarted(&["secret"])
            .load(used.id())
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        world
            .restarted(&["secret"])
            .load(idle.id())
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn the_absolute_limit_ends_a_session_that_is_in_use() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    for _ in 0..23 {
        world.clock.advance(HOUR);
        assert!(world.lives(&session).await);
    }
    world.clock.advance(HOUR);
    assert!(!world.lives(&session).await);
    assert!(
        world
            .restarted(&["secret"])
            .load(session.id())
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn an_ended_session_is_gone_at_once_and_with_it_its_tokens() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    world.sessions.end(&session).await.unwrap();
    assert!(!world.lives(&session).await);
    assert!(
        world
            .sessions
            .vault()
            .get(&session)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        world
            .sessions
            .list(&session.user().key)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        world
            .restarted(&["secret"])
            .load(session.id())
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn a_refresh_under_way_does_not_bring_a_signed_out_session_back() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    let read = world.sessions.vault().get(&session).await.unwrap().unwrap();
    world.sessions.end(&session).await.unwrap();
    let written = world
        .sessions
        .vault()
        .replace(&session, &read, &read.tokens)
        .await
        .unwrap();
    assert!(!written);
    assert!(
        world
            .sessions
            .vault()
            .get(&session)
            .await
            .unwrap()
            .is_none()
    );
}

#[actix_web::test]
async fn of_two_concurrent_refreshes_one_is_kept() {
    let world = world();
    let session = world.sign_in("anna", None).await;
    let vault = world.sessions.vault();
    let first = vault.get(&session).await.unwrap().unwrap();
    let second = vault.get(&session).await.unwrap().unwrap();
    assert!(
        vault
            .replace(&session, &first, &first.tokens)
            .await
            .unwrap()
    );
    assert!(
        !vault
            .replace(&session, &second, &second.tokens)
            .await
            .unwrap()
    );
}

#[actix_web::test]
async fn ending_all_of_a_user_leaves_others_alone() {
    let world = world();
    let one = world.sign_in("anna", None).await;
    let two = world.sign_in("anna", None).await;
    let other = world.sign_in("bert", None).await;
    assert_eq!(world.sessions.end_all_of(&one.user().key).await.unwrap(), 2);
    assert!(!world.lives(&one).await);
    assert!(!world.lives(&two).await);
    assert!(world.lives(&other).await);
}

#[actix_web::test]
async fn a_sign_in_that_began_before_the_end_of_all_sessions_makes_none() {
    let world = world();
    let before = world.clock.now();
    world.clock.advance(Duration::from_secs(1));
    let key = user("anna").key;
    world.sessions.end_all_of(&key).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let late = world
        .sessions
        .create(new_session("anna", None, before))
        .await
        .unwrap();
    assert!(late.is_none());
    assert!(world.sessions.list(&key).await.unwrap().is_empty());
    let fresh = world.sign_in("anna", None).await;
    assert!(world.lives(&fresh).await);
}

#[actix_web::test]
async fn a_rotated_secret_keeps_sessions_until_it_is_dropped() {
    let world = world_with(&["old"]);
    let session = world.sign_in("anna", None).await;
    let appended = world.restarted(&["new", "old"]);
    assert!(appended.load(session.id()).await.unwrap().is_some());
    assert_eq!(appended.list(&session.user().key).await.unwrap().len(), 1);
    let dropped = world.restarted(&["new"]);
    assert!(dropped.load(session.id()).await.unwrap().is_none());
}

#[actix_web::test]
async fn tokens_end_with_an_idle_session_and_live_on_with_a_used_one() {
    let world = world();
    let idle = world.sign_in("anna", None).await;
    let used = world.sign_in("bert", None).await;
    world.clock.advance(HOUR * 5);
    assert!(world.lives(&used).await);
    world.clock.advance(HOUR * 4);
    let vault = world.sessions.vault();
    assert!(vault.get(&idle).await.unwrap().is_none());
    assert!(vault.get(&used).await.unwrap().is_some());
}

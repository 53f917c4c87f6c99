//! A session that a new sign-in in the same browser replaces.

use std::{sync::Arc, time::Duration};

use super::tests::world;

#[actix_web::test]
async fn a_new_sign_in_never_keeps_the_id() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let new = world.sign_in("anna", Some(Arc::clone(&old))).await;
    assert!(old.digest() != new.digest());
}

#[actix_web::test]
async fn another_user_ends_the_browsers_session_at_once() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let new = world.sign_in("bert", Some(Arc::clone(&old))).await;
    assert!(!world.lives(&old).await);
    assert!(world.lives(&new).await);
}

#[actix_web::test]
async fn the_same_users_replaced_session_answers_a_minute_longer_and_is_listed_no_more() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let new = world.sign_in("anna", Some(Arc::clone(&old))).await;
    assert!(world.lives(&old).await);
    assert_eq!(world.sessions.list(&new.user().key).await.unwrap().len(), 1);
    world.clock.advance(Duration::from_secs(61));
    assert!(!world.lives(&old).await);
    assert!(world.lives(&new).await);
}

#[actix_web::test]
async fn ending_a_session_ends_the_one_it_has_replaced() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    let new = world.sign_in("anna", Some(Arc::clone(&old))).await;
    world.sessions.end(&new).await.unwrap();
    assert!(!world.lives(&old).await);
}

#[actix_web::test]
async fn an_end_of_all_sessions_ends_replaced_ones_and_their_tokens_too() {
    let world = world();
    let first = world.sign_in("anna", None).await;
    let second = world.sign_in("anna", Some(Arc::clone(&first))).await;
    let third = world.sign_in("anna", Some(Arc::clone(&second))).await;
    world.sessions.end_all_of(&first.user().key).await.unwrap();
    for session in [&first, &second, &third] {
        assert!(!world.lives(session).await);
        assert!(world.sessions.vault().get(session).await.unwrap().is_none());
    }
}

#[actix_web::test]
async fn tokens_end_with_a_replaced_session() {
    let world = world();
    let old = world.sign_in("anna", None).await;
    world.sign_in("anna", Some(Arc::clone(&old))).await;
    world.clock.advance(Duration::from_secs(61));
    assert!(world.sessions.vault().get(&old).await.unwrap().is_none());
}

//! The feature `testing`, as the tests of an application use it.

use std::{net::TcpListener, sync::Arc, time::Duration};

use aad_auth::{
    Auth, User, group,
    internals::AuthInternals,
    role,
    store::Timestamp,
    testing::{self, ManualClock, TestUser},
};
use actix_web::{App, HttpServer, cookie::Cookie, get, test, web};
use entra_emulator::Emulator;

use crate::support::{ADA, Browser};

#[get("/me")]
async fn me(user: User) -> String {
    user.name().to_string()
}

/// The status of a script's request with a cookie.
async fn status(auth: &Auth, path: &str, cookie: &Cookie<'static>) -> u16 {
    let guarded = |path: &str, policy| {
        web::resource(path.to_owned())
            .wrap(auth.require(policy))
            .get(|| async { "in" })
    };
    let app = test::init_service(
        App::new()
            .configure(auth.routes())
            .service(me)
            .service(guarded("/admin", role("Admin")))
            .service(guarded("/unbanned", !role("Banned")))
            .service(guarded("/group", group("g")))
            .service(guarded("/not_in_group", !group("g")))
            .wrap(auth.middleware()),
    )
    .await;
    let request = test::TestRequest::with_uri(path).cookie(cookie.clone());
    let response = test::call_service(&app, request.to_request()).await;
    response.status().as_u16()
}

fn clocked() -> (ManualClock, Auth) {
    let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
    let builder = testing::builder().clock(Arc::new(clock.clone()));
    (clock, builder.build().unwrap())
}

#[actix_web::test]
async fn a_test_user_without_the_role_or_group_is_refused() {
    let auth = testing::auth();
    let ada = TestUser::new("Ada").role("Admin").group("g");
    let ada = ada.sign_in(&auth).await;
    assert_eq!(status(&auth, "/admin", &ada).await, 200);
    assert_eq!(status(&auth, "/group", &ada).await, 200);
    let robin = TestUser::new("Robin").role("Reader").sign_in(&auth).await;
    assert_eq!(status(&auth, "/me", &robin).await, 200);
    assert_eq!(status(&auth, "/admin", &robin).await, 403);
    assert_eq!(status(&auth, "/group", &robin).await, 403);
    // Roles that are not listed are unknown: neither there nor ruled out.
    let rita = TestUser::new("Rita").role("Reader").roles_incomplete();
    let rita = rita.sign_in(&auth).await;
    assert_eq!(status(&auth, "/me", &rita).await, 200);
    assert_eq!(status(&auth, "/admin", &rita).await, 403);
    assert_eq!(status(&auth, "/unbanned", &rita).await, 403);
    assert_eq!(status(&auth, "/unbanned", &robin).await, 200);
    // Groups that are not listed are unknown: neither in nor out.
    let olga = TestUser::new("Olga").groups_overage().sign_in(&auth).await;
    assert_eq!(status(&auth, "/group", &olga).await, 403);
    assert_eq!(status(&auth, "/not_in_group", &olga).await, 403);
}

#[actix_web::test]
async fn a_test_users_session_ends_by_the_clock() {
    let (clock, auth) = clocked();
    let limits = auth.limits();
    let ada = TestUser::new("Ada").sign_in(&auth).await;
    clock.advance(limits.idle - Duration::from_secs(1));
    assert_eq!(status(&auth, "/me", &ada).await, 200);
    clock.advance(limits.idle);
    assert_eq!(status(&auth, "/me", &ada).await, 401);
    // In use all the time, and still at an end.
    let ada = TestUser::new("Ada").sign_in(&auth).await;
    let step = limits.idle / 2;
    let mut passed = Duration::ZERO;
    while passed + step < limits.max {
        clock.advance(step);
        passed += step;
        assert_eq!(status(&auth, "/me", &ada).await, 200);
    }
    clock.advance(step);
    assert_eq!(status(&auth, "/me", &ada).await, 401);
}

#[actix_web::test]
async fn a_test_users_session_is_a_session_like_any_other() {
    let (_, auth) = clocked();
    let ada = TestUser::new("Ada").email("ada@example.test");
    let (first, second) = (ada.sign_in(&auth).await, ada.sign_in(&auth).await);
    assert_ne!(first.value(), second.value());
    // The same name is the same user; another one is another.
    let robin = TestUser::new("Robin").sign_in(&auth).await;
    let sessions = auth.engine().sessions();
    let id = aad_auth::internals::session::SessionId::parse(first.value().as_bytes()).unwrap();
    let key = sessions
        .load(&id)
        .await
        .unwrap()
        .unwrap()
        .user()
        .key
        .clone();
    assert_eq!(sessions.end_all_of(&key).await.unwrap(), 2);
    assert_eq!(status(&auth, "/me", &first).await, 401);
    assert_eq!(status(&auth, "/me", &second).await, 401);
    assert_eq!(status(&auth, "/me", &robin).await, 200);
    // Another instance knows nothing of it.
    assert_eq!(status(&testing::auth(), "/me", &robin).await, 401);
}

#[actix_web::test]
async fn without_a_provider_a_sign_in_is_a_page() {
    let auth = testing::auth();
    let stranger = Cookie::new("other", "cookie");
    assert_eq!(status(&auth, "/me", &stranger).await, 401);
    let app = App::new().configure(auth.routes()).wrap(auth.middleware());
    let app = test::init_service(app).await;
    let request = test::TestRequest::with_uri("/auth/sign_in")
        .insert_header(("host", "localhost:8080"))
        .insert_header(("accept", "text/html"));
    let response = test::call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 503);
}

#[actix_web::test]
async fn settings_that_cannot_be_used_are_refused_as_at_a_start() {
    for settings in ["", "AAD_TENANT_ID=x", "# AAD_CLIENT_ID=commented out"] {
        assert!(testing::builder_for(settings, "http://localhost:5000").is_err());
    }
    let emulator = Emulator::builder().start().unwrap();
    let settings = emulator.ready_env(None);
    assert!(testing::builder_for(&settings, "http://app.example.test").is_err());
}

#[actix_web::test]
async fn the_emulators_settings_make_an_instance_that_signs_in() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let builder = testing::builder_for(&emulator.ready_env(None), &base).unwrap();
    let auth = builder.build().unwrap();
    let server = HttpServer::new(move || {
        App::new()
            .configure(auth.routes())
            .service(me)
            .wrap(auth.middleware())
    });
    let server = server.workers(1).listen(listener).unwrap();
    let server = server.disable_signals().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let page = Browser::new().open(&format!("{base}/me")).await;
    assert_eq!(page.body, "Ada Admin");
    handle.stop(false).await;
}

#[actix_web::test]
async fn derived_keys_differ_by_purpose_and_length_and_stay_the_same() {
    let auth = testing::auth();
    let key = auth.derive_key::<64>("basket");
    assert_eq!(key, testing::auth().derive_key::<64>("basket"));
    assert_ne!(key, auth.derive_key::<64>("notices"));
    let short = auth.derive_key::<32>("basket");
    assert_ne!(
        key[..32],
        short,
        "a short key is not the beginning of a long one"
    );
    // A purpose cannot imitate a length.
    assert_ne!(auth.derive_key::<3>("2 x"), auth.derive_key::<3>("x"));
}

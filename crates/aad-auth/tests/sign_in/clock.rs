//! W16, W17: the clock was ahead, and is set right.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    store::{Clock, FileOptions, FileStore, MemoryStore, Store, SystemClock},
    testing::ManualClock,
};
use entra_emulator::Emulator;

use crate::support::{ADA, App, Browser, World};

const AHEAD: Duration = Duration::from_secs(2 * 3600);
/// What clocks may differ, and a little more.
const LEEWAY: Duration = Duration::from_secs(65);

/// An application whose clock is set by hand; the provider's is right.
async fn worlds() -> Vec<(World, ManualClock, Option<tempfile::TempDir>)> {
    let clock = ManualClock::at(SystemClock.now());
    let memory = MemoryStore::new(Arc::new(clock.clone()));
    let mut worlds = vec![(world(&clock, Arc::new(memory)), clock, None)];
    let clock = ManualClock::at(SystemClock.now());
    let folder = tempfile::tempdir().unwrap();
    let options = FileOptions::new(folder.path().join("private/s.redb"));
    let file = FileStore::open(options.clock(Arc::new(clock.clone()))).unwrap();
    file.opened().await.unwrap();
    worlds.push((world(&clock, Arc::new(file)), clock, Some(folder)));
    worlds
}

fn world(clock: &ManualClock, store: Arc<dyn Store>) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let clock = Arc::new(clock.clone());
    // Nobody is rechecked: the provider's answer would be of another time.
    let settings = |source: aad_auth::config::Source| source.with("AAD_RECHECK", "24h");
    let build = |builder: aad_auth::AuthBuilder| builder.clock(clock).store(store);
    let app = App::start_at(emulator.url().as_str(), settings, build);
    World { emulator, app }
}

/// Lets time pass at both ends.
fn pass(world: &World, clock: &ManualClock, time: Duration) {
    clock.advance(time);
    let offset = i64::try_from(time.as_secs()).unwrap();
    world.emulator.control().set_clock_offset(offset);
}

async fn signs_in(world: &World) -> bool {
    let browser = Browser::new();
    browser.open(&world.app.url("/app/x")).await.status == 200
}

#[actix_web::test]
async fn w16_a_sign_out_everywhere_while_the_clock_is_ahead_does_not_lock_the_user_out() {
    for (world, clock, _folder) in worlds().await {
        let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        let right = clock.now();
        clock.set(right + AHEAD);
        let page = here
            .post(&world.app.url("/auth/sign_out"), "scope=everywhere")
            .await;
        assert!(page.leads_on(), "{page:?}");
        clock.set(right);
        signs_in(&world).await;
        pass(&world, &clock, LEEWAY);
        assert!(signs_in(&world).await, "locked out");
        for ended in [&here, &there] {
            assert!(!world.lives(ended).await);
        }
    }
}

#[actix_web::test]
async fn w16_an_end_of_all_sessions_while_the_clock_is_ahead_locks_nobody_out_and_is_kept() {
    for (world, clock, _folder) in worlds().await {
        let before = world.signed_in(ADA).await;
        let right = clock.now();
        clock.set(right + AHEAD);
        world.app.auth.sessions().end_all().await.unwrap();
        clock.set(right);
        assert!(!world.lives(&before).await);
        // The first sign-in shows that the clock is right now, and sets the mark right.
        signs_in(&world).await;
        pass(&world, &clock, LEEWAY);
        assert!(signs_in(&world).await, "locked out");
        assert!(!world.lives(&before).await);
    }
}

#[actix_web::test]
async fn w17_a_clock_that_was_set_back_is_named_and_signs_nobody_out() {
    for (world, clock, _folder) in worlds().await {
        let user = world.signed_in(ADA).await;
        assert!(world.app.auth.status().await.degraded.is_empty());
        let right = clock.now();
        clock.set(right + AHEAD);
        assert!(world.lives(&user).await);
        clock.set(right);
        let status = world.app.auth.status().await;
        assert!(status.ready);
        let said = status.degraded.join(" ");
        assert!(
            said.contains("clock was set back") && said.contains("(7200 s)"),
            "{said}"
        );
        assert!(world.lives(&user).await);
        // It is named for an hour.
        pass(&world, &clock, Duration::from_secs(3601));
        let said = world.app.auth.status().await.degraded.join(" ");
        assert!(!said.contains("set back"), "{said}");
        assert!(world.lives(&user).await);
    }
}

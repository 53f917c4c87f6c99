//! W51–W54: two instances over one store, of which one has a wrong clock, and what `/readyz` says of
//! a clock that differs.

use std::{sync::Arc, time::Duration};

use aad_auth::{
    AuthBuilder,
    config::Source,
    store::{Clock, SystemClock, Timestamp},
    testing::ManualClock,
};
use entra_emulator::Emulator;

use crate::{
    redis::RedisServer,
    support::{ADA, App, Browser, Fleet, ROBIN, World},
};

/// Seconds by which the second instance's clock is ahead, or behind where negative.
const OFFSETS: [i64; 10] = [-7200, -600, -180, -61, -30, 30, 61, 180, 600, 7200];
/// Within which the provider's tokens are accepted.
const WITHIN_LEEWAY: i64 = 240;

/// A clock that is wrong by so many seconds, and goes on.
struct Wrong(i64);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        let millis = SystemClock.now().millis();
        Timestamp::from_millis(millis.saturating_add_signed(self.0 * 1000))
    }
}

/// The first instance's clock is right.
fn fleet(server: &RedisServer, offset: i64) -> Fleet {
    let mut fleet = Fleet::with(1, settings(server), |builder| builder);
    let wrong = Arc::new(Wrong(offset));
    fleet.join(settings(server), |builder| builder.clock(wrong));
    fleet
}

fn settings(server: &RedisServer) -> impl Fn(Source) -> Source + use<> {
    let url = server.url();
    move |source| {
        source
            .with("AAD_SESSION_STORE", &url)
            .with("AAD_CLOCK_LEEWAY", "5m")
            .with("AAD_RECHECK", "24h")
    }
}

/// Signs in at the instance `number`; whether that gave a session.
async fn signs_in(fleet: &Fleet, number: usize) -> bool {
    let browser = Browser::new();
    let callback = browser.until_callback(&fleet.at(number, "/app/x")).await;
    let answer = browser.get(&fleet.at(number, &callback)).await;
    answer.status == 303 && browser.session_cookie().is_some()
}

async fn status(fleet: &Fleet, number: usize, browser: &Browser) -> u16 {
    let page = browser.fetch(&fleet.at(number, "/app/x")).await;
    page.status.as_u16()
}

#[actix_web::test]
async fn w51_an_instance_whose_clock_is_wrong_takes_back_no_end_of_all_sessions() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    for offset in OFFSETS {
        let mut fleet = fleet(&server, offset);
        fleet.users(ADA);
        let ada = Browser::new();
        assert_eq!(ada.open(&fleet.at(0, "/app/x")).await.status, 200);
        fleet.apps[0].auth.sessions().end_all().await.unwrap();
        fleet.users(ROBIN);
        let signed_in = signs_in(&fleet, 1).await;
        // By a clock that is behind, a sign-in of now began before the end.
        if (0..WITHIN_LEEWAY).contains(&offset) {
            assert!(signed_in, "{offset}");
        }
        fleet.join(settings(&server), |builder| builder);
        // The new one first: it knows only what the store says.
        for number in [2, 1, 0] {
            let status = status(&fleet, number, &ada).await;
            assert_eq!(status, 401, "{offset} s, at instance {number}");
        }
    }
}

#[actix_web::test]
async fn w52_an_instance_whose_clock_is_wrong_takes_back_no_sign_out_everywhere() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    for offset in OFFSETS {
        let fleet = fleet(&server, offset);
        fleet.users(ADA);
        let ada = Browser::new();
        assert_eq!(ada.open(&fleet.at(0, "/app/x")).await.status, 200);
        // A sign-in that is under way while the user signs out everywhere.
        let late = Browser::new();
        let callback = late.until_callback(&fleet.at(0, "/app/x")).await;
        let sign_out = fleet.at(0, "/auth/sign_out");
        let out = ada.post(&sign_out, "scope=everywhere").await;
        assert!(out.leads_on(), "{out:?}");
        signs_in(&fleet, 1).await;
        late.get(&fleet.at(0, &callback)).await;
        for number in 0..2 {
            assert_eq!(status(&fleet, number, &late).await, 401, "{offset} s");
        }
    }
}

#[actix_web::test]
async fn w53_an_instance_whose_clock_is_wrong_ends_no_session_of_another() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    for offset in OFFSETS {
        let fleet = fleet(&server, offset);
        fleet.apps[0].auth.sessions().end_all().await.unwrap();
        fleet.users(ADA);
        let ada = Browser::new();
        assert_eq!(ada.open(&fleet.at(0, "/app/x")).await.status, 200);
        fleet.users(ROBIN);
        signs_in(&fleet, 1).await;
        // To a clock that is behind she began in the future, and a mark would cover that.
        for number in [1, 0] {
            let status = status(&fleet, number, &ada).await;
            assert_eq!(status, 200, "{offset} s, at instance {number}");
        }
        fleet.users(ADA);
        assert!(signs_in(&fleet, 0).await, "{offset}");
    }
}

/// An application whose clock is set by hand, and a provider whose answers have this `Date`.
fn world(clock: &ManualClock, date: &str) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let date = Some(date.to_owned());
    emulator
        .control()
        .set_switches(|switches| switches.date = date);
    let clock = Arc::new(clock.clone());
    let build = |builder: AuthBuilder| builder.clock(clock);
    let settings = |source: Source| source.with("AAD_RECHECK", "24h");
    let app = App::start_at(emulator.url().as_str(), settings, build);
    World { emulator, app }
}

#[actix_web::test]
async fn w54_without_a_usable_date_a_mark_of_the_future_stays_until_its_time_has_come() {
    for date in [
        "",
        "yesterday",
        "1800000000",
        "Fri, 32 Jan 2027 08:00:00 GMT",
    ] {
        let right = SystemClock.now();
        let clock = ManualClock::at(right);
        let world = world(&clock, date);
        let before = world.signed_in(ADA).await;
        clock.set(right + Duration::from_secs(7200));
        world.app.auth.sessions().end_all().await.unwrap();
        clock.set(right);
        let new = Browser::new();
        for _ in 0..2 {
            assert_ne!(new.open(&world.app.url("/app/x")).await.status, 200);
            assert!(!world.lives(&before).await, "{date}");
            clock.advance(Duration::from_secs(65));
            world.emulator.control().set_clock_offset(65);
        }
        let said = world.app.auth.status().await.degraded.join(" ");
        assert!(said.contains("usable Date header"), "{said}");
        clock.set(right + Duration::from_secs(7201));
        world.emulator.control().set_clock_offset(7201);
        assert_eq!(new.open(&world.app.url("/app/x")).await.status, 200);
        assert!(!world.lives(&before).await, "{date}");
    }
}

#[actix_web::test]
async fn r50_a_clock_that_differs_is_told_in_seconds_and_not_as_keys_that_cannot_be_refreshed() {
    for (offset, direction) in [(-600, "behind"), (600, "ahead of"), (-7200, "behind")] {
        let emulator = Emulator::builder().start().unwrap();
        let build = |builder: AuthBuilder| builder.clock(Arc::new(Wrong(offset)));
        let app = App::start_at(emulator.url().as_str(), |source| source, build);
        let mut status = app.auth.status().await;
        for _ in 0..400 {
            if status.provider_keys > 0 {
                break;
            }
            actix_web::rt::time::sleep(Duration::from_millis(25)).await;
            status = app.auth.status().await;
        }
        assert!(status.ready);
        let said = status.degraded.join("\n");
        assert_eq!(status.degraded.len(), 1, "{said}");
        let seconds = said.split(' ').find_map(|word| word.parse::<i64>().ok());
        let off = (seconds.unwrap() - offset.abs()).abs();
        assert!(off <= 5, "{said}");
        let direction = format!(" s {direction} the provider's");
        assert!(said.contains(&direction), "{said}");
        assert!(said.contains("NTP"), "{said}");
        assert!(!said.contains("refreshed"), "{said}");
    }
}

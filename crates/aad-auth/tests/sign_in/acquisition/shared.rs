//! Two instances on one store that neither has for itself.

use std::{cell::Cell, sync::Arc, time::Duration};

use aad_auth::{
    store::{Store, SystemClock},
    testing::{FaultyStore, ManualClock},
};
use entra_emulator::{Emulator, Endpoint, Fault};
use futures_util::future::join_all;

use super::support::{LIFE, until};
use crate::support::{ADA, App, Browser, Page};

/// Two instances, and a browser that is signed in at both.
struct Pair {
    emulator: Emulator,
    clock: ManualClock,
    apps: [App; 2],
    browser: Browser,
    passed: Cell<u64>,
}

impl Pair {
    async fn start() -> Self {
        let emulator = Emulator::builder().start().unwrap();
        let control = emulator.control();
        control.auto_sign_in(Some(ADA));
        // A second use of a refresh token revokes everything that came from the sign-in.
        control.set_switches(|switches| switches.strict_refresh = true);
        let clock = ManualClock::at(aad_auth::store::Clock::now(&SystemClock));
        let store: Arc<dyn Store> = Arc::new(FaultyStore::new(Arc::new(clock.clone())).shared());
        let start = || {
            let (clock, store) = (Arc::new(clock.clone()), Arc::clone(&store));
            App::start_at(
                emulator.url().as_str(),
                |source| source.with("AAD_SESSION_SECRET", "QUJD".repeat(22)),
                |builder| builder.clock(clock).store(store),
            )
        };
        let apps = [start(), start()];
        let browser = Browser::new();
        assert_eq!(browser.open(&apps[0].url("/app/x")).await.status, 200);
        let (name, cookie) = browser.session_cookie().unwrap();
        let name = name.replace(&apps[0].port.to_string(), &apps[1].port.to_string());
        browser.set_cookie("localhost", &name, &cookie);
        Self {
            emulator,
            clock,
            apps,
            browser,
            passed: Cell::new(0),
        }
    }

    fn pass(&self, seconds: u64) {
        self.passed.set(self.passed.get() + seconds);
        self.clock.advance(Duration::from_secs(seconds));
        let offset = i64::try_from(self.passed.get()).unwrap();
        self.emulator.control().set_clock_offset(offset);
    }

    /// Twenty requests at once that need a token, half of them at each instance.
    async fn crowd(&self) -> Vec<Page> {
        let urls: Vec<_> = (0..20)
            .map(|n| self.apps[n % 2].url("/app/graph"))
            .collect();
        join_all(urls.iter().map(|url| self.browser.fetch(url))).await
    }
}

const GREETING: &str = "Ada Admin for Ada Admin";

#[actix_web::test]
async fn two_instances_at_the_end_of_a_token_make_one_refresh_and_both_see_an_end() {
    let pair = Pair::start().await;
    let control = pair.emulator.control();
    for round in 1..=3 {
        pair.pass(2 * LIFE);
        // So that the other instance comes while the first one waits for the provider.
        control
            .faults()
            .set(Fault::delay(Endpoint::Token, 300).once());
        for page in pair.crowd().await {
            assert_eq!(page.body, GREETING);
        }
        assert_eq!(control.counters().refreshes, round);
    }
    assert_eq!(control.counters().reused_refresh_tokens, 0);

    let asked = control.count_calls(Endpoint::Token);
    control.disable_user(ADA).unwrap();
    pair.pass(LIFE);
    for app in [&pair.apps[1], &pair.apps[0]] {
        let url = app.url("/app/x");
        until("the session ends", async || {
            pair.browser.fetch(&url).await.status == 401
        })
        .await;
    }
    assert_eq!(control.count_calls(Endpoint::Token), asked + 1);
}

#[actix_web::test]
async fn whoever_waits_in_vain_for_another_instance_is_told_to_come_again_and_signs_nobody_out() {
    let pair = Pair::start().await;
    let control = pair.emulator.control();
    pair.pass(2 * LIFE);
    control
        .faults()
        .set(Fault::delay(Endpoint::Token, 5000).once());
    let [one, two] = &pair.apps;
    let (one, two) = (one.url("/app/graph"), two.url("/app/graph"));
    let asked = control.count_calls(Endpoint::Token);
    let second = async {
        until("the refresh has begun", async || {
            control.count_calls(Endpoint::Token) > asked
        })
        .await;
        pair.browser.fetch(&two).await
    };
    let (first, second) = futures_util::join!(pair.browser.fetch(&one), second);
    assert_eq!(first.body, GREETING);
    assert_eq!(second.status, 503, "{second:?}");
    assert!(second.header("retry-after").is_some());
    pair.pass(2);
    assert_eq!(pair.browser.fetch(&two).await.body, GREETING);
    assert_eq!(control.counters().refreshes, 1);
    assert_eq!(control.counters().reused_refresh_tokens, 0);
}

#[actix_web::test]
async fn a_refresh_that_fails_at_one_instance_keeps_no_other_from_trying() {
    let pair = Pair::start().await;
    let control = pair.emulator.control();
    pair.pass(2 * LIFE);
    control
        .faults()
        .set(Fault::status(Endpoint::Token, 500).once());
    let [one, two] = &pair.apps;
    let first = pair.browser.fetch(&one.url("/app/graph")).await;
    assert_eq!(first.status, 503, "{first:?}");
    // A lease that was given back is gone within a moment.
    pair.pass(1);
    let second = pair.browser.fetch(&two.url("/app/graph")).await;
    assert_eq!(second.body, GREETING);
}

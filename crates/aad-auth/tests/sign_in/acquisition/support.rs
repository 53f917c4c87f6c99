//! A world whose time is set by hand, at both ends.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

use aad_auth::{
    config::Source,
    internals::{
        AuthInternals,
        session::{Session, SessionId, Vaulted},
    },
    store::{Clock, SystemClock},
    testing::ManualClock,
};
use entra_emulator::{Endpoint, Fault};

use crate::support::{ADA, App, Browser, World};

/// How long access tokens live here, in seconds.
pub(super) const LIFE: u64 = 3600;

pub(super) struct Timed {
    pub(super) world: World,
    clock: ManualClock,
    passed: Cell<u64>,
}

impl Timed {
    /// Nobody is rechecked here: what happens to tokens has one cause only.
    pub(super) fn start() -> Self {
        Self::with(|source| source.with("AAD_RECHECK", "24h"))
    }

    pub(super) fn with(change: impl FnOnce(Source) -> Source) -> Self {
        let emulator = entra_emulator::Emulator::builder().start().unwrap();
        let clock = ManualClock::at(SystemClock.now());
        let injected = Arc::new(clock.clone());
        let url = emulator.url();
        let app = App::start_at(url.as_str(), change, |builder| builder.clock(injected));
        let world = World { emulator, app };
        world.users(ADA);
        Self {
            world,
            clock,
            passed: Cell::new(0),
        }
    }

    pub(super) fn clock(&self) -> ManualClock {
        self.clock.clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.world.app.url(path)
    }

    /// Lets time pass, here and at the provider.
    pub(super) fn pass(&self, seconds: u64) {
        self.passed.set(self.passed.get() + seconds);
        self.clock.advance(Duration::from_secs(seconds));
        let offset = i64::try_from(self.passed.get()).unwrap();
        self.world.emulator.control().set_clock_offset(offset);
    }

    /// Signs Ada in, with an access token of a known life.
    pub(super) async fn sign_in(&self) -> Browser {
        let browser = Browser::new();
        self.tokens_live(LIFE);
        let page = browser.open(&self.url("/app/x")).await;
        assert_eq!(page.status, 200, "{page:?}");
        browser
    }

    pub(super) fn tokens_live(&self, seconds: u64) {
        let faults = self.world.emulator.control().faults();
        faults.clear();
        faults.set(Fault::token_answer("expires_in", seconds));
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.world.emulator.control().faults().set(fault);
    }

    pub(super) fn mend(&self) {
        self.tokens_live(LIFE);
    }

    pub(super) fn refreshes(&self) -> u64 {
        self.world.emulator.control().counters().refreshes
    }

    /// Requests at the token endpoint, also those that a fault has answered.
    pub(super) fn token_calls(&self) -> usize {
        self.world.emulator.control().count_calls(Endpoint::Token)
    }

    /// The session of a browser, as the application finds it.
    pub(super) async fn session(&self, browser: &Browser) -> Option<Arc<Session>> {
        let (_, cookie) = browser.session_cookie()?;
        let id = SessionId::parse(cookie.as_bytes())?;
        let sessions = self.world.app.auth.engine().sessions();
        sessions.load(&id).await.unwrap()
    }

    pub(super) async fn vaulted(&self, browser: &Browser) -> Vaulted {
        let session = self.session(browser).await.unwrap();
        let sessions = self.world.app.auth.engine().sessions();
        sessions.vault().get(&session).await.unwrap().unwrap()
    }
}

/// Waits for something that happens in the background.
pub(super) async fn until(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !happened().await {
        assert!(began.elapsed() < Duration::from_secs(20), "never: {what}");
        actix_web::rt::time::sleep(Duration::from_millis(10)).await;
    }
}

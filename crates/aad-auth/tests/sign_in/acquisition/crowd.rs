//! Hundreds of requests at once, each with the session that a test gives it.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use aad_auth::{
    Auth,
    clock::Clock,
    secret::Secret,
    session::{NewSession, TokenSet, UserSnapshot},
    testing::TestUser,
};
use awc::http::{Method, StatusCode};
use futures_util::future::join_all;

use crate::support::App;

/// How one request was answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<String>,
}

/// Requests that run until the test ends, and those that were answered so far.
#[derive(Clone)]
pub(super) struct Crowd {
    client: awc::Client,
    answers: Rc<RefCell<Vec<Answer>>>,
}

impl Crowd {
    pub(super) fn new() -> Self {
        let client = awc::Client::builder()
            .connector(awc::Connector::new().limit(0))
            .disable_redirects()
            .disable_timeout()
            .finish();
        Self {
            client,
            answers: Rc::default(),
        }
    }

    /// Begins a request for each of these cookies, and does not wait.
    pub(super) fn send(&self, app: &App, method: Method, path: &str, cookies: &[String]) {
        for cookie in cookies {
            let url = format!("http://127.0.0.1:{}{path}", app.port);
            let request = self
                .client
                .request(method.clone(), url)
                .insert_header(("host", format!("localhost:{}", app.port)))
                .insert_header(("cookie", cookie.as_str()))
                .insert_header(("sec-fetch-site", "same-origin"));
            let answers = Rc::clone(&self.answers);
            actix_web::rt::spawn(async move {
                // The end of the test may come first.
                let Ok(response) = request.send().await else {
                    return;
                };
                let retry_after = response.headers().get("retry-after");
                let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
                answers.borrow_mut().push(Answer {
                    status: response.status(),
                    retry_after,
                });
            });
        }
    }

    /// Waits until `hanging` tells at least `least`, and then until nothing changes any more.
    pub(super) async fn settle(&self, least: usize, hanging: impl Fn() -> usize) {
        let began = Instant::now();
        let mut last = (0, 0);
        loop {
            actix_web::rt::time::sleep(Duration::from_millis(700)).await;
            let now = (hanging(), self.answers.borrow().len());
            if now.0 >= least && now == last {
                return;
            }
            last = now;
            assert!(began.elapsed() < Duration::from_secs(40), "never: {now:?}");
        }
    }

    pub(super) fn answers(&self) -> Vec<Answer> {
        self.answers.borrow().clone()
    }
}

/// The cookie of a new session of the user with this name, whose tokens no provider knows.
pub(super) async fn session_of(auth: &Auth, name: &str) -> String {
    TestUser::new(name).sign_in(auth).await.to_string()
}

/// The cookies of sessions of so many users.
pub(super) async fn users(auth: &Auth, count: usize) -> Vec<String> {
    let names: Vec<_> = (0..count).map(|number| format!("user {number}")).collect();
    join_all(names.iter().map(|name| session_of(auth, name))).await
}

/// The same with a refresh token and an access token that lives for a minute.
pub(super) async fn refreshable_users(auth: &Auth, clock: &dyn Clock, count: usize) -> Vec<String> {
    let now = clock.now();
    join_all((0..count).map(|number| async move {
        let mut user: Option<UserSnapshot> = None;
        let _ = TestUser::new(&format!("user {number}")).with(|found| user = Some(found.clone()));
        let new = NewSession {
            user: user.unwrap(),
            tokens: TokenSet {
                access_token: Secret::from("an access token"),
                expires_at: now + Duration::from_secs(60),
                scopes: Vec::new(),
                refresh_token: Some(Secret::from("a refresh token")),
                id_token: None,
            },
            attempt_started: now + Duration::from_millis(1),
            device: None,
            previous: None,
        };
        let session = auth.engine().sessions().create(new).await.unwrap().unwrap();
        let name = &auth.config().cookies.session;
        format!("{name}={}", &*session.id().to_cookie())
    }))
    .await
}

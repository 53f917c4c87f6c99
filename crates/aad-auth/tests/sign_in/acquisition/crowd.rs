//! Hundreds of requests, each with the session that a test gives it.

use std::{cell::RefCell, rc::Rc, time::Duration};

use aad_auth::{
    Auth,
    internals::{
        AuthInternals,
        secret::Secret,
        session::{NewSession, TokenSet},
    },
    session::UserSnapshot,
    store::Clock,
    testing::TestUser,
};
use awc::http::{Method, StatusCode};
use futures_util::future::join_all;
use tokio::sync::{Mutex, MutexGuard};

use super::support::until;
use crate::support::App;

/// How one request was answered.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<String>,
    pub(super) body: String,
}

/// Requests that run until the test ends, and those that were answered so far.
pub(super) struct Crowd {
    _alone: MutexGuard<'static, ()>,
    client: awc::Client,
    answers: Rc<RefCell<Vec<Answer>>>,
}

/// A process has 1,024 descriptors on many systems, and each request takes two here, a call up to
/// three more: so many requests are open at a time, and one crowd.
const OPEN_REQUESTS: usize = 130;
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

impl Crowd {
    pub(super) async fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock().await;
        let client = awc::Client::builder()
            .connector(awc::Connector::new().limit(OPEN_REQUESTS))
            .disable_redirects()
            .disable_timeout()
            .finish();
        Self {
            _alone: alone,
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
                let Ok(mut response) = request.send().await else {
                    return;
                };
                let retry_after = response.headers().get("retry-after");
                let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
                let body = response.body().await.unwrap_or_default();
                answers.borrow_mut().push(Answer {
                    status: response.status(),
                    retry_after,
                    body: String::from_utf8_lossy(&body).into_owned(),
                });
            });
        }
    }

    /// Waits until what is done, told how many requests are answered, is all that will be done.
    pub(super) async fn settle(&self, is_done: impl Fn(usize) -> bool) {
        until("every request hangs or is answered", async || {
            is_done(self.answers.borrow().len())
        })
        .await;
        // What goes beyond a bound would come now.
        actix_web::rt::time::sleep(Duration::from_millis(500)).await;
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
                access_token: Some(Secret::from("an access token")),
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

//! Responses that stay open end with the session, wherever it was ended.

use std::time::Duration;

use aad_auth::{internals::AuthInternals, store::StoreHealth};
use actix_web::rt::time::timeout;
use awc::{http::header, ws};
use futures_util::{SinkExt, StreamExt};

use crate::{
    redis::RedisServer,
    support::{ADA, App, Browser, ROBIN, World},
};

/// More than the second that is promised, for machines that are busy with other things: a failure,
/// not a measure. That the interval itself is short enough is checked where it is set.
const PATIENCE: Duration = Duration::from_secs(5);

fn request(app: &App, browser: &Browser, path: &str) -> (String, String, String) {
    let cookies = browser.cookies("localhost").into_iter();
    let cookies: Vec<_> = cookies
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let wire = format!("http://127.0.0.1:{}{path}", app.port);
    (wire, format!("localhost:{}", app.port), cookies.join("; "))
}

/// An open stream of either kind; something has come through it.
struct Open {
    events: awc::ClientResponse,
    socket: actix_codec::Framed<awc::BoxedSocket, ws::Codec>,
}

impl Open {
    async fn at(app: &App, browser: &Browser) -> Self {
        let client = awc::Client::builder().disable_timeout().finish();
        let (url, host, cookies) = request(app, browser, "/app/events");
        let mut events = client
            .get(url)
            .insert_header((header::HOST, host))
            .insert_header((header::COOKIE, cookies))
            .send()
            .await
            .unwrap();
        assert_eq!(events.status(), 200);
        assert_eq!(events.next().await.unwrap().unwrap(), "data: tick\n\n");
        let (url, host, cookies) = request(app, browser, "/app/socket");
        let (_, socket) = client
            .ws(url)
            .set_header(header::HOST, host)
            .set_header(header::COOKIE, cookies)
            .connect()
            .await
            .unwrap();
        let mut open = Self { events, socket };
        assert!(open.answers().await);
        open
    }

    /// Whether the socket still answers.
    async fn answers(&mut self) -> bool {
        let sent = self.socket.send(ws::Message::Text("x".into())).await;
        sent.is_ok() && matches!(self.socket.next().await, Some(Ok(ws::Frame::Text(_))))
    }

    /// Waits until both have been ended by the other side.
    async fn ends(mut self, how: &str) {
        let ended = async { while let Some(Ok(_)) = self.events.next().await {} };
        timeout(PATIENCE, ended).await.expect(how);
        let closed = async {
            match self.socket.next().await {
                Some(Ok(ws::Frame::Close(reason))) => {
                    assert_eq!(reason.unwrap().code, ws::CloseCode::Policy);
                }
                other => panic!("{how}: {other:?}"),
            }
        };
        timeout(PATIENCE, closed).await.expect(how);
    }
}

#[actix_web::test]
async fn events_and_sockets_end_with_the_session_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("file:{}", folder.path().join("sessions.redb").display());
    for store in ["memory", &file] {
        let world = World::with(|source| source.with("AAD_SESSION_STORE", store));
        let store_health = || world.app.auth.engine().sessions().store().health();
        // A file takes a moment to open.
        while store_health().await != StoreHealth::Ready {
            actix_web::rt::time::sleep(Duration::from_millis(10)).await;
        }
        let robin = world.signed_in(ROBIN).await;
        let mut others = Open::at(&world.app, &robin).await;

        let ada = world.signed_in(ADA).await;
        let open = Open::at(&world.app, &ada).await;
        ada.post(&world.app.url("/auth/sign_out"), "").await;
        open.ends(&format!("{store}: sign-out in another tab"))
            .await;

        let ada = world.signed_in(ADA).await;
        let open = Open::at(&world.app, &ada).await;
        let sid = world.me(&ada).await["sid"].as_str().unwrap().to_owned();
        let path = format!("/auth/front_channel_sign_out?sid={sid}");
        Browser::new().get(&world.app.url(&path)).await;
        open.ends(&format!("{store}: sign-out at the provider"))
            .await;

        let (here, there) = (world.signed_in(ADA).await, world.signed_in(ADA).await);
        let open = Open::at(&world.app, &here).await;
        let url = world.app.url("/auth/sign_out?scope=everywhere");
        there.post(&url, "").await;
        open.ends(&format!("{store}: sign-out everywhere")).await;

        assert!(others.answers().await, "Robin is still signed in");
        world.app.auth.sessions().end_all().await.unwrap();
        others
            .ends(&format!("{store}: the end of everything"))
            .await;
    }
}

/// Two instances of the application on one Redis, behind one name.
struct Cluster {
    world: World,
    second: App,
    _server: RedisServer,
}

impl Cluster {
    fn start() -> Option<Self> {
        let server = RedisServer::start()?;
        let secret = "QUJD".repeat(22);
        let world = World::with(|source| {
            source
                .with("AAD_SESSION_STORE", server.url())
                .with("AAD_SESSION_SECRET", &secret)
        });
        let base = world.app.url("");
        let second = App::start(&world.emulator, |source| {
            source
                .with("AAD_SESSION_STORE", server.url())
                .with("AAD_SESSION_SECRET", &secret)
                .with("AAD_BASE_URL", base)
        });
        Some(Self {
            world,
            second,
            _server: server,
        })
    }

    async fn lives_at_both(&self, browser: &Browser) -> [bool; 2] {
        let second = browser.fetch(&self.second.url("/app/x")).await.status == 200;
        [self.world.lives(browser).await, second]
    }
}

#[actix_web::test]
async fn events_and_sockets_end_when_another_instance_ends_the_session() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let (world, second) = (&cluster.world, &cluster.second);
    let robin = world.signed_in(ROBIN).await;
    let mut others = Open::at(second, &robin).await;

    let ada = world.signed_in(ADA).await;
    assert_eq!(cluster.lives_at_both(&ada).await, [true, true]);
    let open = Open::at(second, &ada).await;
    ada.post(&world.app.url("/auth/sign_out"), "").await;
    open.ends("redis: sign-out at another instance").await;

    assert!(others.answers().await, "Robin is still signed in");
    world.app.auth.sessions().end_all().await.unwrap();
    others.ends("redis: the end of everything elsewhere").await;
}

#[actix_web::test]
async fn the_end_of_a_session_shows_on_the_next_request_of_every_instance() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let (world, second) = (&cluster.world, &cluster.second);
    let ended = async |browser: &Browser| {
        assert_eq!(cluster.lives_at_both(browser).await, [false, false]);
    };
    // Front channel at the one that did not sign the user in.
    let ada = world.signed_in(ADA).await;
    let sid = world.me(&ada).await["sid"].as_str().unwrap().to_owned();
    let path = format!("/auth/front_channel_sign_out?sid={sid}");
    Browser::new().get(&second.url(&path)).await;
    ended(&ada).await;

    let (ada, robin) = (world.signed_in(ADA).await, world.signed_in(ROBIN).await);
    let handle = world.me(&ada).await["handle"].as_str().unwrap().to_owned();
    second.auth.sessions().end_by_handle(&handle).await.unwrap();
    ended(&ada).await;

    let ada = world.signed_in(ADA).await;
    let key = world.key_of(ADA);
    second.auth.sessions().end_all_of(&key).await.unwrap();
    ended(&ada).await;
    assert_eq!(cluster.lives_at_both(&robin).await, [true, true]);

    second.auth.sessions().end_all().await.unwrap();
    ended(&robin).await;
    let again = world.signed_in(ROBIN).await;
    assert_eq!(cluster.lives_at_both(&again).await, [true, true]);
}

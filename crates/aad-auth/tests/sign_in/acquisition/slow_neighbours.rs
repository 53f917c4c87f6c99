//! Hundreds of calls that wait for a slow API or endpoint: sign-ins, and other users' calls, go on.

use std::time::{Duration, Instant};

use awc::http::Method;
use entra_emulator::{Emulator, Endpoint, Fault};

use super::{
    crowd::{Crowd, refreshable_users, session_of, users},
    support::Timed,
};
use crate::support::{ADA, App, Browser, ROBIN, World};

/// For a sign-in on a slow machine. What hangs hangs for a minute.
const GENEROUS: Duration = Duration::from_secs(15);
const HANGING: (&str, &str) = ("AAD_PROVIDER_TIMEOUT", "60s");

fn world() -> World {
    World::with(|source| source.with(HANGING.0, HANGING.1))
}

/// Signs a user in who was not there before.
async fn assert_signs_in(world: &World, user: &str) -> Browser {
    let began = Instant::now();
    let browser = world.signed_in(user).await;
    let took = began.elapsed();
    assert!(took < GENEROUS, "{took:?}");
    let status = world.app.auth.status().await;
    assert!(status.ready, "a slow neighbour is no reason to be replaced");
    browser
}

fn calls(world: &World, endpoint: Endpoint) -> usize {
    world.emulator.control().count_calls(endpoint)
}

/// Sends the requests to Graph, which hangs, and returns when each is answered or hangs.
async fn hang_at_graph(world: &World, cookies: &[String]) -> Crowd {
    let faults = world.emulator.control().faults();
    faults.set(Fault::hang(Endpoint::Graph));
    let crowd = Crowd::new().await;
    crowd.send(&world.app, Method::GET, "/app/graph", cookies);
    let sent = cookies.len();
    crowd
        .settle(|answered| answered + calls(world, Endpoint::Graph) == sent)
        .await;
    // Those that hang go on hanging; what comes later is answered.
    faults.clear();
    crowd
}

fn assert_turned_away(crowd: &Crowd, hanging: usize, sent: usize) {
    let answers = crowd.answers();
    assert_eq!(answers.len() + hanging, sent, "each hangs or is answered");
    for answer in answers {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.retry_after.is_some(), "{answer:?}");
    }
}

#[actix_web::test]
async fn w10_300_hanging_graph_calls_of_as_many_users_leave_the_sign_in_of_another_alone() {
    let world = world();
    let crowd = users(&world.app.auth, 300).await;
    let crowd = hang_at_graph(&world, &crowd).await;
    assert_signs_in(&world, ADA).await;
    let hanging = calls(&world, Endpoint::Graph);
    assert_eq!(hanging, 96, "the share of one host");
    assert_turned_away(&crowd, hanging, 300);
}

#[actix_web::test]
async fn w10_300_hanging_graph_calls_of_one_session_leave_sign_ins_and_others_graph_calls_alone() {
    let world = world();
    let session = session_of(&world.app.auth, "one").await;
    let crowd = hang_at_graph(&world, &vec![session; 300]).await;
    let hanging = calls(&world, Endpoint::Graph);
    assert_eq!(hanging, 24, "the share of one session");
    assert_turned_away(&crowd, hanging, 300);
    let browser = assert_signs_in(&world, ADA).await;
    let page = browser.fetch(&world.app.url("/app/graph")).await;
    assert_eq!(page.body, "Ada Admin for Ada Admin");
}

#[actix_web::test]
async fn w10_one_user_with_many_sessions_takes_no_more_than_a_users_share() {
    let world = World::with(|source| {
        let source = source.with("AAD_MAX_SESSIONS_PER_USER", "100");
        source.with(HANGING.0, HANGING.1)
    });
    let mut sessions = Vec::new();
    for _ in 0..30 {
        let session = session_of(&world.app.auth, "one").await;
        sessions.extend(vec![session; 10]);
    }
    let crowd = hang_at_graph(&world, &sessions).await;
    let hanging = calls(&world, Endpoint::Graph);
    assert_eq!(hanging, 48, "the share of one user");
    assert_turned_away(&crowd, hanging, 300);
    let browser = assert_signs_in(&world, ROBIN).await;
    let page = browser.fetch(&world.app.url("/app/graph")).await;
    assert_eq!(page.status, 200);
}

#[actix_web::test]
async fn w11_hundreds_of_hanging_refreshes_and_rechecks_leave_sign_ins_alone() {
    let timed = Timed::with(|source| {
        let source = source.with("AAD_RECHECK", "5m");
        source.with(HANGING.0, HANGING.1)
    });
    let (world, clock) = (&timed.world, timed.clock());
    let crowd = refreshable_users(&world.app.auth, &clock, 300).await;
    timed.pass(600);
    timed.fault(Fault::hang(Endpoint::Token).for_grant("refresh_token"));
    let requests = Crowd::new().await;
    let (pages, graph) = crowd.split_at(100);
    requests.send(&world.app, Method::GET, "/app/x", pages);
    requests.send(&world.app, Method::GET, "/app/graph", graph);
    // More refreshes than that wait for a connection.
    requests
        .settle(|answered| answered >= 100 && timed.token_calls() >= 64)
        .await;
    assert_eq!(timed.token_calls(), 64, "the share of refreshes");
    let answers = requests.answers();
    let rechecked = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(rechecked, 100, "a recheck holds no page");
    assert_signs_in(world, ADA).await;
}

#[actix_web::test]
async fn w11_hundreds_of_hanging_revocations_leave_sign_ins_alone() {
    let emulator = Emulator::builder().start().unwrap();
    let control = emulator.control();
    control.set_switches(|switches| switches.revocation_endpoint = true);
    let app = App::start(&emulator, |source| source.with(HANGING.0, HANGING.1));
    let world = World { emulator, app };
    let clock = aad_auth::store::SystemClock;
    let crowd = refreshable_users(&world.app.auth, &clock, 300).await;
    let fault = Fault::hang(Endpoint::Revocation);
    world.emulator.control().faults().set(fault);
    // The metadata must be there, or nothing is revoked.
    world.signed_in(ROBIN).await;
    let requests = Crowd::new().await;
    requests.send(&world.app, Method::POST, "/auth/sign_out", &crowd);
    let revocations = || calls(&world, Endpoint::Revocation);
    // A revocation holds no user.
    requests
        .settle(|answered| answered == 300 && revocations() >= 8)
        .await;
    assert_eq!(revocations(), 8, "the share of revocations");
    assert_signs_in(&world, ADA).await;
}

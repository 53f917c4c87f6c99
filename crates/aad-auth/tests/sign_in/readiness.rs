//! W55: what questions about readiness cost the store.

use std::time::{Duration, Instant};

use aad_auth::Auth;
use futures_util::{FutureExt, future::join_all};

use crate::{redis::RedisServer, support::Fleet};

/// For how long the instance is asked.
const ASKED_FOR: Duration = Duration::from_secs(3);

/// How often the server has carried out a command.
fn calls(server: &RedisServer, command: &str) -> u64 {
    let prefix = format!("cmdstat_{command}:calls=");
    let lines = server.lines("INFO commandstats");
    let found = lines.iter().find_map(|line| line.strip_prefix(&prefix));
    let calls = found.and_then(|rest| rest.split(',').next());
    calls.map_or(0, |calls| calls.parse().unwrap())
}

/// Asks again and again, many callers at a time; how often, and for how many seconds.
async fn ask(auth: &Auth, patient: bool) -> (usize, u64) {
    let (mut asked, begun) = (0, Instant::now());
    while begun.elapsed() < ASKED_FOR {
        if patient {
            let all = join_all((0..50).map(|_| auth.status())).await;
            assert!(all.iter().all(|status| status.ready));
        } else {
            // They hang up at once.
            for _ in 0..50 {
                drop(auth.status().now_or_never());
            }
        }
        asked += 50;
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
    }
    (asked, begun.elapsed().as_secs())
}

#[actix_web::test]
async fn w55_a_flood_of_questions_about_readiness_costs_the_store_one_probe_a_second() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    let auth = &fleet.apps[0].auth;
    for patient in [true, false] {
        let before = calls(&server, "pttl");
        let (asked, seconds) = ask(auth, patient).await;
        let probes = calls(&server, "pttl") - before;
        assert!(asked >= 500, "{asked}");
        // One at the beginning, and one for each second that has begun.
        assert!(
            probes <= seconds + 2,
            "{probes} for {asked} questions in {seconds} s"
        );
        if patient {
            assert!(probes >= 2, "{probes}: an answer is no older than a second");
        }
    }
}

#[actix_web::test]
async fn w55_a_store_that_fails_is_seen_within_two_seconds_however_often_it_is_asked() {
    let Some(mut server) = RedisServer::start_durable() else {
        return;
    };
    let fleet = Fleet::start(1, &server.url());
    let auth = &fleet.apps[0].auth;
    for is_up in [false, true] {
        assert_eq!(auth.status().await.ready, !is_up);
        if is_up {
            server.resume();
        } else {
            server.kill();
        }
        let begun = Instant::now();
        while auth.status().await.ready != is_up {
            // Twice what is promised: other tests run beside this one.
            assert!(begun.elapsed() < Duration::from_secs(4), "{is_up}");
            actix_web::rt::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

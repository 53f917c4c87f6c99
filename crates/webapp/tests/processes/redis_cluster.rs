//! A Redis Cluster that moves slots, hands over and loses a primary, under load.

use std::{thread::JoinHandle, time::Duration};

use crate::{
    browser::Browser,
    redis::cluster::RedisCluster,
    support::{ADA, Fleet},
};

#[actix_web::test]
async fn r66_a_cluster_that_moves_slots_and_loses_a_primary_signs_nobody_out() {
    let Some(cluster) = RedisCluster::start_with_replicas() else {
        return;
    };
    let fleet = Fleet::start(2, &cluster.url());
    let mut users = Vec::new();
    for _ in 0..4 {
        let browser = Browser::new();
        assert_eq!(browser.open(&fleet.url("/token_details")).await.status, 200);
        users.push(browser);
    }
    let gone = users.pop().unwrap();
    let (name, value) = gone.session_cookie().unwrap();
    assert!(gone.post(&fleet.url("/auth/sign_out"), "").await.leads_on());
    gone.set_cookie("localhost", &name, &value);

    let moves = std::thread::spawn(move || {
        for slot in (0..5461).step_by(100) {
            cluster.begin_move(slot, 0, 1);
            cluster.move_keys(slot, 0, 1, 1);
            cluster.end_move(slot, 0, 1);
            std::thread::sleep(Duration::from_millis(20));
        }
        cluster.hand_over(1);
        for primary in [0, 2] {
            cluster.replicate(primary);
        }
        cluster
    });
    let mut cluster = load_until_done(&fleet, &users, moves).await;

    let kill = std::thread::spawn(move || {
        cluster.kill_primary(0);
        cluster
    });
    let _cluster = load_until_done(&fleet, &users, kill).await;
    for _ in 0..400 {
        let ready = Browser::new().fetch(&fleet.url("/readyz")).await;
        if ready.body.contains("\"ready\"") && round(&fleet, &users).await == 0 {
            assert_eq!(gone.fetch(&fleet.url("/api/me")).await.status, 401);
            let again = Browser::new().open(&fleet.url("/token_details")).await;
            assert_eq!(again.status, 200);
            return;
        }
        actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("did not recover");
}

/// Asks on behalf of everybody until the thread is done. Some have to wait; none is signed out.
async fn load_until_done<T>(fleet: &Fleet, users: &[Browser], thread: JoinHandle<T>) -> T {
    let mut rounds = 0;
    while !thread.is_finished() {
        round(fleet, users).await;
        rounds += 1;
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(rounds > 0, "a test of nothing");
    thread.join().unwrap()
}

/// How many had to wait.
async fn round(fleet: &Fleet, users: &[Browser]) -> usize {
    let mut refused = 0;
    for user in users {
        let page = user.fetch(&fleet.url("/api/me")).await;
        match page.status.as_u16() {
            200 => assert!(page.body.contains(ADA)),
            503 => {
                assert!(page.header("retry-after").is_some(), "{page:?}");
                refused += 1;
            }
            _ => panic!("{page:?}"),
        }
        assert!(page.all("set-cookie").is_empty(), "{page:?}");
    }
    refused
}

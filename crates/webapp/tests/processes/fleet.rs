//! Three instances with one Redis behind a load balancer that sends each request elsewhere.

use std::{collections::BTreeSet, thread::JoinHandle, time::Duration};

use crate::{
    browser::Browser,
    redis::RedisServer,
    support::{ADA, Fleet, NEWER_SECRET, SECRET},
};

#[actix_web::test]
async fn a_sign_in_goes_from_instance_to_instance_and_a_sign_out_at_one_counts_at_all() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let fleet = Fleet::start(3, &server.url());
    let browser = Browser::new();
    let page = browser.open(&fleet.url("/token_details")).await;
    assert_eq!(page.status, 200);
    let steps = ["/auth/sign_in", "/auth/redirect"].map(|path| fleet.proxy.served(path));
    let pages = fleet.proxy.served("/token_details");
    let (began, ended, shown) = (steps[0][0], steps[1][0], *pages.last().unwrap());
    assert_eq!(
        BTreeSet::from([began, ended, shown]).len(),
        3,
        "three instances"
    );

    for number in 0..3 {
        assert_eq!(
            browser.fetch(&fleet.at(number, "/api/me")).await.status,
            200
        );
    }
    let neighbour = Browser::new();
    neighbour.open(&fleet.url("/token_details")).await;
    let (name, value) = browser.session_cookie().unwrap();
    let out = browser.post(&fleet.at(0, "/auth/sign_out"), "").await;
    assert!(out.leads_on());
    // Also for whoever has copied the cookie; and for nobody else.
    browser.set_cookie("localhost", &name, &value);
    for number in 0..3 {
        assert_eq!(
            neighbour.fetch(&fleet.at(number, "/api/me")).await.status,
            200
        );
        assert_eq!(
            browser.fetch(&fleet.at(number, "/api/me")).await.status,
            401
        );
    }
}

/// What the load found.
#[derive(Debug, Default)]
struct Load {
    requests: usize,
    sign_ins: usize,
}

impl Load {
    /// Sends requests until the roll-out is over. A single one that fails ends the test.
    async fn until_done(&mut self, fleet: &str, users: &[Browser], roll_out: &JoinHandle<Fleet>) {
        while !roll_out.is_finished() {
            let me = users.iter().map(|user| user.fetch(fleet));
            for page in futures_util::future::join_all(me).await {
                assert_eq!(page.status, 200, "{page:?}");
                assert!(page.body.contains(ADA), "{page:?}");
                self.requests += 1;
            }
            let page = Browser::new()
                .open(&fleet.replace("/api/me", "/token_details"))
                .await;
            assert_eq!(page.status, 200, "{page:?}");
            self.sign_ins += 1;
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[actix_web::test]
async fn roll_outs_and_a_rotation_of_the_secret_under_load_fail_no_request_and_lose_no_session() {
    let Some(server) = RedisServer::start() else {
        return;
    };
    let mut fleet = Fleet::start(3, &server.url());
    let me = fleet.url("/api/me");
    let mut load = Load::default();
    let mut users = signed_in(&fleet).await;
    let old = users[0].clone();
    for secrets in [
        SECRET.to_owned(),
        format!("{SECRET},{NEWER_SECRET}"),
        format!("{NEWER_SECRET},{SECRET}"),
        NEWER_SECRET.to_owned(),
    ] {
        if secrets == NEWER_SECRET {
            // AAD_SESSION_MAX is over by then: those of the time before have signed in again.
            users = signed_in(&fleet).await;
        }
        fleet.settings.insert("AAD_SESSION_SECRET".into(), secrets);
        let roll_out = std::thread::spawn(move || {
            fleet.roll_out();
            fleet
        });
        load.until_done(&me, &users, &roll_out).await;
        fleet = roll_out.join().unwrap();
    }
    // After the overlap what the old secret has sealed opens no more.
    assert_eq!(old.fetch(&me).await.status, 401);
    eprintln!("12 restarts: {load:?}");
    assert!(
        load.requests > 50 && load.sign_ins > 10,
        "a test of nothing: {load:?}"
    );
}

async fn signed_in(fleet: &Fleet) -> Vec<Browser> {
    let mut users = Vec::new();
    for _ in 0..4 {
        let browser = Browser::new();
        let page = browser.open(&fleet.url("/token_details")).await;
        assert_eq!(page.status, 200);
        users.push(browser);
    }
    users
}

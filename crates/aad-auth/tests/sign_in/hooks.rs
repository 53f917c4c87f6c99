//! What an application brings: the hooks, and pages in its own look.

use std::{
    rc::Rc,
    sync::{Arc, Mutex},
};

use aad_auth::{
    Admission,
    internals::AuthInternals,
    pages::{PageKind, PageModel, Pages},
    session::UserSnapshot,
};
use actix_web::HttpRequest;
use entra_emulator::{Emulator, Endpoint};

use crate::support::{ADA, App, Browser, ROBIN, World};

fn world(build: impl FnOnce(aad_auth::AuthBuilder) -> aad_auth::AuthBuilder) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let app = App::start_at(emulator.url().as_str(), |source| source, build);
    World { emulator, app }
}

#[actix_web::test]
async fn a_sign_out_is_told_after_the_session_has_ended_and_only_then() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let world = world(|builder| {
        builder.on_sign_out(move |user| {
            let sender = sender.clone();
            async move { sender.send(user.display_name().to_string()).unwrap() }
        })
    });
    world.users(ADA);
    let browser = Browser::new();
    // Nobody has signed out who was not signed in.
    browser.post(&world.app.url("/auth/sign_out"), "").await;
    browser.open(&world.app.url("/app/x")).await;
    assert!(receiver.try_recv().is_err());
    browser.post(&world.app.url("/auth/sign_out"), "").await;
    let patience = std::time::Duration::from_secs(10);
    assert_eq!(receiver.recv_timeout(patience).unwrap(), "Ada Admin");
}

#[actix_web::test]
async fn a_sign_out_hook_that_fails_or_never_ends_delays_no_sign_out() {
    for fails in [true, false] {
        let world = world(|builder| {
            builder.on_sign_out(move |_| async move {
                assert!(!fails, "the hook fails");
                std::future::pending::<()>().await;
            })
        });
        world.users(ADA);
        let browser = Browser::new();
        browser.open(&world.app.url("/app/x")).await;
        let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
        assert!(answer.leads_on());
        assert_eq!(browser.fetch(&world.app.url("/app/x")).await.status, 401);
    }
}

#[actix_web::test]
async fn a_code_whose_sign_in_hook_panics_is_not_redeemed_again() {
    let world =
        world(|builder| builder.on_sign_in(async |_| -> Admission { panic!("the hook fails") }));
    world.users(ADA);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    for _ in 0..2 {
        let page = browser.get(&callback).await;
        assert_eq!(page.status, 502, "{page:?}");
        let redeemed = world.emulator.control().count_calls(Endpoint::Token);
        assert_eq!(redeemed, 1);
    }
    assert!(browser.session_cookie().is_none());
}

#[actix_web::test]
async fn sign_in_hooks_that_do_not_answer_keep_nobody_else_out() {
    let world = world(|builder| {
        builder.on_sign_in(async |user: Rc<UserSnapshot>| {
            if user.display_name().to_string() == "Ada Admin" {
                std::future::pending::<()>().await;
            }
            Admission::Admit
        })
    });
    world.users(ADA);
    // As many as may be redeemed at the same moment.
    let mut waiting = Vec::new();
    for n in 1..=64 {
        let (browser, url) = (Browser::new(), world.app.url("/app/x"));
        waiting.push(actix_web::rt::spawn(
            async move { browser.open(&url).await },
        ));
        while world.emulator.control().count_calls(Endpoint::Token) < n {
            actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
    while world.app.auth.engine().redemptions_in_flight() > 0 {
        actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let robin = world.signed_in(ROBIN).await;
    assert!(world.lives(&robin).await);
    waiting
        .iter()
        .for_each(actix_web::rt::task::JoinHandle::abort);
}

/// Keeps what it was given, and shows it as an application would.
#[derive(Clone, Default)]
struct Own(Arc<Mutex<Vec<PageModel>>>);

impl Pages for Own {
    fn render(&self, page: &PageModel, _: &HttpRequest) -> Option<String> {
        self.0.lock().unwrap().push(page.clone());
        // Without a look for this one: the crate's own is shown.
        let own = page.kind != PageKind::SignedOut;
        own.then(|| format!("<title>our look: {}</title>", page.title))
    }
}

#[actix_web::test]
async fn an_applications_own_pages_are_shown_under_the_crates_strict_headers() {
    let own = Own::default();
    let world = world(|builder| builder.pages(own.clone()));
    let browser = Browser::new();
    for (path, status) in [
        ("/auth/redirect?code=a&state=b", 400),
        ("/auth/sign_out", 200),
    ] {
        let page = browser.get(&world.app.url(path)).await;
        assert_eq!(page.status, status, "{path}");
        assert!(page.body.starts_with("<title>our look: "), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
    }
    let answer = browser.post(&world.app.url("/auth/sign_out"), "").await;
    let state = answer.parameter("state").unwrap();
    let url = format!("/auth/post_sign_out?state={state}");
    let plain = browser.get(&world.app.url(&url)).await;
    assert!(plain.body.contains("You are signed out") && !plain.body.contains("our look"));
}

#[actix_web::test]
async fn text_comes_to_an_applications_pages_unescaped() {
    // Escaping is the duty of whoever writes the HTML: twice would be shown as `&amp;lt;`.
    let own = Own::default();
    let world = world(|builder| builder.pages(own.clone()));
    let return_to = "/app/x?q=%22%3E%3Cscript%3E&b=1";
    let query = "%2Fapp%2Fx%3Fq%3D%2522%253E%253Cscript%253E%26b%3D1";
    let browser = Browser::new();
    let url = world.app.url(&format!("/auth/sign_out?return_to={query}"));
    let state = browser.post(&url, "").await.parameter("state");
    let url = format!("/auth/post_sign_out?state={}", state.unwrap());
    let plain = browser.get(&world.app.url(&url)).await;
    let pages = own.0.lock().unwrap();
    let link = pages.last().unwrap().actions.first().unwrap();
    assert_eq!(link.href, return_to);
    // The crate's own page escapes the same text.
    assert!(plain.body.contains("&amp;b=1"), "{}", plain.body);
}

//! What was seen when the application was tried with real servers: Keycloak, Dex, Ory Hydra.

use std::time::Duration;

use futures_util::future::join;

use crate::{
    browser::Browser,
    journey::{Response, Settings, World},
    product::Product,
};

fn methods(world: &World) -> Vec<&'static str> {
    world.provider.state.token_requests.lock().unwrap().clone()
}

/// The `prompt` of each authorization request.
fn prompts(world: &World) -> Vec<Option<String>> {
    let asked = world.provider.state.asked.lock().unwrap();
    asked
        .iter()
        .map(|asked| asked.get("prompt").cloned())
        .collect()
}

const POST: &str = "client_secret_post";
const BASIC: &str = "client_secret_basic";

#[actix_web::test]
async fn r70_the_method_that_is_not_taken_costs_one_request_and_no_sign_in() {
    for name in ["hydra", "authelia"] {
        let mut product = Product::read(name);
        for (only, first) in [(BASIC, &[POST, BASIC][..]), (POST, &[POST])] {
            product.takes_auth = Some(only.to_owned());
            let world = World::start(&product, Settings::Complete);
            let page = world.sign_in(&Browser::new()).await;
            assert_eq!(page.status, 200, "{name}: {}", page.body);
            assert_eq!(methods(&world), first, "{name}");
            let page = world.sign_in(&Browser::new()).await;
            assert_eq!(page.status, 200, "{name}: {}", page.body);
            assert_eq!(methods(&world), [first, &[only]].concat(), "{name}");
            let status = world.app.auth.status().await;
            assert!(status.degraded.is_empty(), "{name}: {status:?}");
        }
    }
}

#[actix_web::test]
async fn r70_a_secret_that_is_wrong_by_both_methods_names_both_settings() {
    for settings in [
        Settings::And("AAD_CLIENT_SECRET", "wrong"),
        Settings::And("AAD_CLIENT_AUTH", POST),
    ] {
        let world = World::start(&Product::read("hydra"), settings);
        let page = world.sign_in(&Browser::new()).await;
        assert!(
            page.body.contains("AAD-CREDENTIAL-REFUSED"),
            "{}",
            page.body
        );
        let configured = matches!(settings, Settings::And("AAD_CLIENT_AUTH", _));
        let tried = if configured {
            &[POST][..]
        } else {
            &[POST, BASIC]
        };
        assert_eq!(methods(&world), tried);
        let degraded = world.app.auth.status().await.degraded.join(" ");
        for name in ["AAD_CLIENT_SECRET", "AAD_CLIENT_AUTH"] {
            assert!(degraded.contains(name), "{degraded}");
        }
    }
}

/// A provider that looks at the code before the credential, as RFC 6749 does not intend.
#[actix_web::test]
async fn r70_a_code_that_the_refused_request_used_up_is_replaced_by_itself() {
    let world = World::start(&Product::read("hydra"), Settings::Complete);
    *world.provider.state.burns_codes.lock().unwrap() = true;
    let browser = Browser::new();
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(page.body, "subject kim-hydra");
    assert_eq!(methods(&world), [POST, BASIC, BASIC]);
    assert_eq!(prompts(&world).len(), 2);
}

async fn switch_account(world: &World, browser: &Browser) -> crate::browser::Page {
    let start = "/auth/sign_in?prompt=select_account&return_to=/app/page";
    browser.open(&world.app.url(start)).await
}

fn named(prompts: &[&str]) -> Vec<Option<String>> {
    prompts
        .iter()
        .map(|prompt| Some((*prompt).to_owned()))
        .collect()
}

#[actix_web::test]
async fn r74_another_account_is_asked_for_by_login_where_select_account_is_not_known() {
    for (name, asked) in [("keycloak", "login"), ("duende", "select_account")] {
        let world = World::start(&Product::read(name), Settings::Complete);
        let page = switch_account(&world, &Browser::new()).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        assert_eq!(prompts(&world), named(&[asked]), "{name}");
    }
}

#[actix_web::test]
async fn r74_the_same_user_who_was_not_asked_is_sent_back_once_to_authenticate() {
    for name in ["hydra", "b2c", "duende"] {
        let world = World::start(&Product::read(name), Settings::Complete);
        let browser = Browser::new();
        assert_eq!(world.sign_in(&browser).await.status, 200, "{name}");
        let before = browser.session_cookie();
        world.provider.state.asked.lock().unwrap().clear();
        let page = switch_account(&world, &browser).await;
        assert_eq!(page.status, 200, "{name}: {}", page.body);
        assert_eq!(
            prompts(&world),
            named(&["select_account", "login"]),
            "{name}"
        );
        // It was asked by `login`: that the same user comes back is now the user's wish.
        assert_ne!(browser.session_cookie(), before, "{name}");
    }
}

#[actix_web::test]
async fn r74_the_same_user_who_was_asked_by_login_is_not_asked_again() {
    let world = World::start(&Product::read("keycloak"), Settings::Complete);
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    world.provider.state.asked.lock().unwrap().clear();
    let page = switch_account(&world, &browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(prompts(&world), named(&["login"]));
}

#[actix_web::test]
async fn r74_the_same_user_who_took_time_to_choose_has_chosen() {
    let world = World::start(&Product::read("hydra"), Settings::Complete);
    let browser = Browser::new();
    assert_eq!(world.sign_in(&browser).await.status, 200);
    world.provider.state.asked.lock().unwrap().clear();
    let start = "/auth/sign_in?prompt=select_account&return_to=/app/page";
    let request = world.authorization_request(&browser, start).await;
    world.clock.advance(Duration::from_secs(4));
    let page = browser.open(&request).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(prompts(&world), named(&["select_account"]));
}

fn answer_by_error(world: &World, times: usize, error: &[(&'static str, &'static str)]) {
    *world.provider.state.next_errors.lock().unwrap() = (times, error.to_vec());
}

const EXPIRED: [(&str, &str); 2] = [
    ("error", "temporarily_unavailable"),
    ("error_description", "authentication_expired"),
];

/// Keycloak's login page was left open for too long, or another tab has signed in meanwhile.
#[actix_web::test]
async fn r75_an_expired_login_page_is_asked_for_anew_once() {
    for (name, settings) in [
        ("keycloak", Settings::Complete),
        ("keycloak", Settings::And("AAD_RESPONSE_MODE", "form_post")),
    ] {
        let world = World::start(&Product::read(name), settings);
        answer_by_error(&world, 1, &EXPIRED);
        let browser = Browser::new();
        let mut response = world.until_response(&browser).await.ok().unwrap();
        let mut page = None;
        // A form is answered by a page of the product's: walk by hand.
        for _ in 0..2 {
            let brought = world.bring(&browser, response).await;
            if !(brought.body.contains("<form") && brought.url.path().contains("/auth")) {
                page = Some(brought);
                break;
            }
            response = Response::Form(brought.form().1);
        }
        let page = page.unwrap();
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.starts_with("subject "), "{}", page.body);
        assert_eq!(prompts(&world).len(), 2);
    }
}

#[actix_web::test]
async fn r75_a_login_page_that_expires_again_and_other_errors_are_a_page() {
    let busy = [
        ("error", "temporarily_unavailable"),
        ("error_description", "busy"),
    ];
    let other = [
        ("error", "login_required"),
        ("error_description", "authentication_expired"),
    ];
    for (times, error, requests) in [(9, EXPIRED, 2), (9, busy, 1), (9, other, 1)] {
        let world = World::start(&Product::read("keycloak"), Settings::Complete);
        answer_by_error(&world, times, &error);
        let browser = Browser::new();
        let page = world.sign_in(&browser).await;
        assert_eq!(page.status, 400, "{}", page.body);
        assert!(page.body.contains("AAD-FLOW-DECLINED"), "{}", page.body);
        assert_eq!(prompts(&world).len(), requests, "{error:?}");
        assert!(browser.session_cookie().is_none());
    }
}

/// Ory Hydra keeps one cookie for all sign-in pages of a client, and the last tab has it.
#[actix_web::test]
async fn r123_a_sign_in_page_that_another_tab_has_replaced_is_asked_for_anew_once() {
    let replaced = [("error", "request_forbidden")];
    for (times, status) in [(1, 200), (9, 400)] {
        let world = World::start(&Product::read("hydra"), Settings::Complete);
        answer_by_error(&world, times, &replaced);
        let page = world.sign_in(&Browser::new()).await;
        assert_eq!(page.status, status, "{}", page.body);
        assert_eq!(prompts(&world).len(), 2);
    }
}

/// Ory Hydra does not say which prompts it knows, and refuses `select_account`.
#[actix_web::test]
async fn r124_a_prompt_that_the_provider_refuses_becomes_login_once() {
    let refused = [("error", "invalid_request")];
    for (times, status) in [(1, 200), (9, 400)] {
        let world = World::start(&Product::read("hydra"), Settings::Complete);
        answer_by_error(&world, times, &refused);
        let page = switch_account(&world, &Browser::new()).await;
        assert_eq!(page.status, status, "{}", page.body);
        assert_eq!(prompts(&world), named(&["select_account", "login"]));
    }
    // Without a prompt there is nothing to ask for otherwise; a number says what is wrong.
    let numbered = [
        ("error", "invalid_request"),
        ("error_description", "AADSTS90102: invented"),
    ];
    let world = World::start(&Product::read("hydra"), Settings::Complete);
    answer_by_error(&world, 2, &refused);
    assert_eq!(world.sign_in(&Browser::new()).await.status, 400);
    assert_eq!(prompts(&world), [None]);
    answer_by_error(&world, 2, &numbered);
    let page = switch_account(&world, &Browser::new()).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert_eq!(prompts(&world).len(), 2);
}

#[actix_web::test]
async fn r75_what_was_asked_for_is_asked_for_again() {
    let world = World::start(&Product::read("keycloak"), Settings::Complete);
    answer_by_error(&world, 1, &EXPIRED);
    let start = "/auth/sign_in?prompt=login&login_hint=kim&return_to=/app/page";
    let page = Browser::new().open(&world.app.url(start)).await;
    assert_eq!(
        page.body.split(' ').next(),
        Some("subject"),
        "{}",
        page.body
    );
    assert_eq!(prompts(&world), named(&["login", "login"]));
    let asked = world.provider.state.asked.lock().unwrap();
    assert!(asked.iter().all(|asked| asked["login_hint"] == "kim"));
}

/// Two callbacks of one attempt, as after a double click at the provider's page.
async fn two_responses(world: &World, browser: &Browser) -> [String; 2] {
    let request = world.authorization_request(browser, "/app/page").await;
    let first = browser.get(&request).await.location().to_string();
    let second = browser.get(&request).await.location().to_string();
    assert_ne!(first, second);
    [first, second]
}

/// The second code has made the first one void.
fn void_first_code(world: &World, callback: &str) {
    let callback = url::Url::parse(callback).unwrap();
    let code = callback.query_pairs().find(|(name, _)| name == "code");
    let mut grants = world.provider.state.grants.lock().unwrap();
    assert!(grants.remove(&*code.unwrap().1).is_some());
}

#[actix_web::test]
async fn r79_a_second_code_is_tried_after_the_first_was_refused() {
    let world = World::start(&Product::read("keycloak"), Settings::Complete);
    let browser = Browser::new();
    let [first, second] = two_responses(&world, &browser).await;
    void_first_code(&world, &first);
    let page = browser.get(&first).await;
    assert!(page.body.contains("AAD-FLOW-CODE"), "{}", page.body);
    // The same code again is not sent to the provider.
    let asked = methods(&world).len();
    let page = browser.get(&first).await;
    assert!(page.body.contains("AAD-FLOW-CODE"), "{}", page.body);
    assert_eq!(methods(&world).len(), asked);
    let page = browser.open(&second).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.starts_with("subject "), "{}", page.body);
    // It is over: the first one leads where the second one has led.
    let page = browser.open(&first).await;
    assert!(page.body.starts_with("subject "), "{}", page.body);
    assert_eq!(methods(&world).len(), asked + 1);
}

#[actix_web::test]
async fn r79_both_codes_at_once_end_in_one_session() {
    let world = World::start(&Product::read("keycloak"), Settings::Complete);
    let browser = Browser::new();
    let [first, second] = two_responses(&world, &browser).await;
    void_first_code(&world, &first);
    join(browser.get(&first), browser.get(&second)).await;
    assert!(world.lives(&browser).await);
}

#[actix_web::test]
async fn r79_codes_of_one_attempt_are_sent_to_the_provider_three_times_at_the_most() {
    let world = World::start(&Product::read("keycloak"), Settings::Complete);
    let browser = Browser::new();
    let [first, _] = two_responses(&world, &browser).await;
    world.provider.state.grants.lock().unwrap().clear();
    for number in 0..10 {
        let mut callback = url::Url::parse(&first).unwrap();
        let pairs: Vec<_> = callback.query_pairs().into_owned().collect();
        callback.query_pairs_mut().clear();
        for (name, value) in pairs {
            let value = if name == "code" {
                format!("guess-{number}")
            } else {
                value
            };
            callback.query_pairs_mut().append_pair(&name, &value);
        }
        let page = browser.get(callback.as_str()).await;
        assert!(page.body.contains("AAD-FLOW-CODE"), "{}", page.body);
    }
    assert_eq!(methods(&world).len(), 3);
    assert!(browser.session_cookie().is_none());
    let page = world.sign_in(&browser).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

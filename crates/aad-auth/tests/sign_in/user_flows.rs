//! Azure AD B2C: the user flows beside the one for signing in.

use entra_emulator::{Emulator, Endpoint, Fault, Mutation};

use crate::support::{App, Browser, World, answer};

const SAM: &str = "sam@customers.example.test";
const SAM_ID: &str = "aaaaaaaa-0000-4000-8000-000000000041";
const DOMAIN: &str = "litware.onmicrosoft.com";

fn start(flows: &[(&str, &str)]) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let app = App::start(&emulator, |source| {
        let source = source
            .with("AAD_TENANT_ID", DOMAIN)
            .with("AAD_CLIENT_ID", "00001111-aaaa-4222-8333-000000000009")
            .with("AAD_CLIENT_SECRET", "emulator~secret~b2c")
            .with("AAD_USER_FLOW", "B2C_1_susi");
        flows
            .iter()
            .fold(source, |source, (name, flow)| source.with(name, *flow))
    });
    World { emulator, app }
}

fn world() -> World {
    start(&[
        ("AAD_USER_FLOW_EDIT_PROFILE", "B2C_1_edit_profile"),
        ("AAD_USER_FLOW_PASSWORD_RESET", "B2C_1_reset_password"),
    ])
}

async fn signed_in(world: &World) -> Browser {
    let browser = Browser::new();
    let picker = browser.open(&world.app.url("/app/x")).await;
    let page = answer(&browser, &picker, "account", SAM_ID).await;
    assert!(page.body.starts_with("/app/x for "), "{}", page.body);
    browser
}

/// Calls of the token endpoint, by the policy in their path.
fn redeemed_at(world: &World) -> Vec<String> {
    let calls = world.emulator.control().calls();
    let tokens = calls.iter().filter(|call| call.endpoint == Endpoint::Token);
    tokens.map(|call| call.path.clone()).collect()
}

#[actix_web::test]
async fn a_profile_is_edited_and_the_session_knows_it_afterwards() {
    let world = world();
    let browser = signed_in(&world).await;
    let before = browser.session_cookie().unwrap();
    let edit = world.app.url("/auth/edit_profile?return_to=%2Fapp%2Fx");
    let start = browser.get(&edit).await;
    assert_eq!(start.status, 302);
    let path = format!("/{DOMAIN}/B2C_1_edit_profile/oauth2/v2.0/authorize");
    assert_eq!(start.location().path(), path);
    let form = browser.follow(start).await;
    assert!(form.body.contains("Edit your profile"), "{}", form.body);
    let page = answer(&browser, &form, "action=accept&name", "Sam+Other").await;
    assert_eq!(page.body, "/app/x for Sam Other");
    assert_ne!(
        browser.session_cookie().unwrap(),
        before,
        "a new session id"
    );
    let redeemed = redeemed_at(&world);
    assert_eq!(redeemed.len(), 2, "{redeemed:?}");
    assert!(
        redeemed.iter().all(|path| path.contains("/B2C_1_susi/")),
        "no code of another flow is redeemed: {redeemed:?}"
    );
}

#[actix_web::test]
async fn cancelling_the_profile_leads_back_and_leaves_the_session_alone() {
    let world = world();
    let browser = signed_in(&world).await;
    let before = (browser.session_cookie(), browser.binding_cookie());
    let edit = world.app.url("/auth/edit_profile?return_to=%2Fapp%2Fy");
    let form = browser.open(&edit).await;
    let page = answer(&browser, &form, "action", "cancel").await;
    assert!(page.body.starts_with("/app/y for "), "{}", page.body);
    assert_eq!(
        (
            browser.session_cookie(),
            browser.binding_cookie().map(|(name, _)| name)
        ),
        (before.0, before.1.map(|(name, _)| name))
    );
    assert_eq!(redeemed_at(&world).len(), 1);
}

#[actix_web::test]
async fn an_anonymous_visitor_signs_in_before_the_profile() {
    let world = world();
    let browser = Browser::new();
    let page = browser.get(&world.app.url("/auth/edit_profile")).await;
    assert_eq!(page.status, 302);
    assert_eq!(page.location().path(), "/auth/sign_in");
    assert_eq!(page.parameter("return_to").unwrap(), "/auth/edit_profile");
    let picker = browser.follow(page).await;
    let form = answer(&browser, &picker, "account", SAM_ID).await;
    assert!(form.body.contains("Edit your profile"), "{}", form.body);
    let script = Browser::new()
        .fetch(&world.app.url("/auth/edit_profile"))
        .await;
    assert_eq!(script.status, 401);
    assert!(script.all("set-cookie").is_empty());
}

#[actix_web::test]
async fn a_return_address_of_another_origin_is_none() {
    let world = world();
    let browser = signed_in(&world).await;
    let edit = world
        .app
        .url("/auth/edit_profile?return_to=https%3A%2F%2Fevil.test%2F");
    let form = browser.open(&edit).await;
    let page = answer(&browser, &form, "action", "cancel").await;
    assert_eq!(page.url.as_str(), world.app.url("/"));
}

#[actix_web::test]
async fn without_the_setting_there_is_no_such_route() {
    let world = start(&[]);
    let page = Browser::new()
        .get(&world.app.url("/auth/edit_profile"))
        .await;
    assert_eq!(page.status, 404);
    let entra = World::start();
    let page = Browser::new()
        .get(&entra.app.url("/auth/edit_profile"))
        .await;
    assert_eq!(page.status, 404);
}

#[actix_web::test]
async fn a_forgotten_password_leads_through_its_flow_and_to_the_page_that_was_asked_for() {
    let world = world();
    let browser = Browser::new();
    let picker = browser.open(&world.app.url("/app/deep?x=1")).await;
    let reset = answer(&browser, &picker, "action", "forgot_password").await;
    assert!(
        reset.url.path().contains("/B2C_1_reset_password/"),
        "{}",
        reset.url
    );
    let page = answer(&browser, &reset, "account", SAM_ID).await;
    assert!(page.body.starts_with("/app/deep?x=1 for "), "{}", page.body);
    let redeemed = redeemed_at(&world);
    assert!(redeemed.len() == 1 && redeemed[0].contains("/B2C_1_susi/"));
}

#[actix_web::test]
async fn a_forgotten_password_without_its_flow_is_a_page_that_says_so() {
    let world = start(&[]);
    let browser = Browser::new();
    let picker = browser.open(&world.app.url("/app/x")).await;
    let page = answer(&browser, &picker, "action", "forgot_password").await;
    assert_eq!(page.status, 400);
    assert!(
        page.body.contains("forgotten your password"),
        "{}",
        page.body
    );
    assert!(page.body.contains("AADB2C90118"), "{}", page.body);
    assert!(browser.session_cookie().is_none());
}

#[actix_web::test]
async fn cancelling_the_reset_asks_to_sign_in_again() {
    let world = world();
    let browser = Browser::new();
    let picker = browser.open(&world.app.url("/app/x")).await;
    let reset = answer(&browser, &picker, "action", "forgot_password").await;
    let page = answer(&browser, &reset, "action", "cancel").await;
    assert!(page.url.path().contains("/B2C_1_susi/"), "{}", page.url);
    assert!(browser.session_cookie().is_none() && redeemed_at(&world).is_empty());
}

#[actix_web::test]
async fn a_provider_that_forgets_passwords_by_itself_does_not_send_a_browser_round_for_ever() {
    let world = world();
    world.users(SAM);
    let faults = world.emulator.control().faults();
    let browser = Browser::new();
    let mut page = browser.get(&world.app.url("/auth/sign_in")).await;
    let mut turns = 0;
    while page.status.is_redirection() {
        turns += 1;
        assert!(turns < 100, "round and round");
        let to = page.location();
        // The flow for signing in says that the password is forgotten; the other one ends well.
        faults.clear();
        if to.path().contains("/B2C_1_susi/") {
            for (name, value) in [
                ("error", "access_denied"),
                ("error_description", "AADB2C90118: forgotten"),
            ] {
                let edit = entra_emulator::AuthorizeEdit::Set(name.to_owned(), value.to_owned());
                faults.set(Fault::authorization_response(edit));
            }
            let edit = entra_emulator::AuthorizeEdit::Remove("code".to_owned());
            faults.set(Fault::authorization_response(edit));
        }
        page = browser.get(to.as_str()).await;
    }
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(turns > 4 && redeemed_at(&world).is_empty());
}

#[actix_web::test]
async fn a_code_of_another_flow_is_never_a_session() {
    let world = world();
    world.users(SAM);
    let browser = Browser::new();
    // A code of the reset flow, under the state of a sign-in.
    let start = browser
        .get(&world.app.url("/auth/sign_in"))
        .await
        .location();
    let other = start.as_str().replace("B2C_1_susi", "B2C_1_reset_password");
    let callback = browser.get(&other).await.location();
    let page = browser.get(callback.as_str()).await;
    assert_eq!(page.status, 400, "{}", page.body);
    assert!(page.body.contains("AAD-FLOW-CODE"), "{}", page.body);
    assert!(page.body.contains("90088"), "{}", page.body);
    assert!(browser.session_cookie().is_none());
}

#[actix_web::test]
async fn a_token_of_another_flow_or_of_none_is_refused() {
    let world = world();
    world.users(SAM);
    let faults = world.emulator.control().faults();
    for mutation in [
        Mutation::claim("tfp", "B2C_1_edit_profile"),
        Mutation::claim("tfp", ""),
        Mutation::without_claim("tfp"),
    ] {
        let browser = Browser::new();
        faults.set(Fault::id_token(mutation).once());
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 400, "{}", page.body);
        assert!(browser.session_cookie().is_none());
        faults.clear();
    }
    // Letters are the provider's own.
    faults.set(Fault::id_token(Mutation::claim("tfp", "b2c_1_SUSI")).once());
    let page = Browser::new().open(&world.app.url("/app/x")).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

//! Azure AD B2C: the user flows beside the one for signing in.

use aad_auth::internals::AuthInternals;
use entra_emulator::{Emulator, Endpoint, Fault, Mutation};

use crate::support::{App, Browser, World, answer};

const SAM: &str = "sam@customers.example.test";
const SAM_ID: &str = "aaaaaaaa-0000-4000-8000-000000000041";
const CLIENT_ID: &str = "00001111-aaaa-4222-8333-000000000009";
const DOMAIN: &str = "litware.onmicrosoft.com";

fn start(flows: &[(&str, &str)]) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let app = App::start(&emulator, |source| {
        let source = source
            .with("AAD_TENANT_ID", DOMAIN)
            .with("AAD_CLIENT_ID", CLIENT_ID)
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

const UMA: &str = "uma@customers.example.test";

/// B2C's "Subject (sub) claim: Not supported", and a second customer.
fn with_one_subject_for_everybody() -> World {
    let world = start(&[]);
    world.emulator.control().edit_directory(|directory| {
        let sam = directory.users.iter().find(|user| user.id == SAM_ID);
        let mut uma = sam.unwrap().clone();
        uma.id = "aaaaaaaa-0000-4000-8000-000000000042".to_owned();
        uma.user_principal_name = UMA.to_owned();
        uma.mail = Some(UMA.to_owned());
        uma.display_name = "Uma Other".to_owned();
        directory.users.push(uma);
        for tenant in &mut directory.tenants {
            tenant.subject_not_supported = true;
        }
    });
    world
}

async fn handles(world: &World, browser: &Browser) -> Vec<String> {
    let said = world.me(browser).await;
    let key = aad_auth::UserKey::Subject {
        iss: said["iss"].as_str().unwrap().into(),
        sub: aad_auth::Sub::parse(said["sub"].as_str().unwrap()).unwrap(),
    };
    let sessions = world.app.auth.engine().sessions();
    let entries = sessions.list(&key).await.unwrap();
    entries.into_iter().map(|entry| entry.handle).collect()
}

#[actix_web::test]
async fn r1_two_people_with_b2cs_one_subject_are_two_users() {
    let world = with_one_subject_for_everybody();
    let sam = world.signed_in(SAM).await;
    let uma = world.signed_in(UMA).await;
    let (said_of_sam, said_of_uma) = (world.me(&sam).await, world.me(&uma).await);
    assert_eq!(said_of_sam["sub"], SAM_ID, "the key of B2C's other setting");
    assert_ne!(said_of_sam["sub"], said_of_uma["sub"]);
    let (list_of_sam, list_of_uma) = (handles(&world, &sam).await, handles(&world, &uma).await);
    assert_eq!(list_of_sam, [said_of_sam["handle"].as_str().unwrap()]);
    assert_eq!(list_of_uma, [said_of_uma["handle"].as_str().unwrap()]);
    let everywhere = world.app.url("/auth/sign_out?scope=everywhere");
    assert!(sam.post(&everywhere, "").await.leads_on());
    assert!(!world.lives(&sam).await && world.lives(&uma).await);
}

#[actix_web::test]
async fn r1_the_key_stays_when_the_tenant_changes_the_setting() {
    let world = with_one_subject_for_everybody();
    let before = world.signed_in(SAM).await;
    world.emulator.control().edit_directory(|directory| {
        for tenant in &mut directory.tenants {
            tenant.subject_not_supported = false;
        }
    });
    let after = world.signed_in(SAM).await;
    assert_eq!(
        world.me(&before).await["sub"],
        world.me(&after).await["sub"]
    );
    assert_eq!(handles(&world, &after).await.len(), 2);
}

#[actix_web::test]
async fn r1_one_subject_for_everybody_without_an_object_id_is_refused() {
    let world = with_one_subject_for_everybody();
    world.users(SAM);
    for mutation in [
        Mutation::without_claim("oid"),
        Mutation::claim("oid", ""),
        Mutation::claim("oid", 5),
        Mutation::claim("oid", serde_json::Value::Null),
        Mutation::claim("oid", "00000000-0000-0000-0000-000000000000"),
    ] {
        let faults = world.emulator.control().faults();
        faults.set(Fault::id_token(mutation));
        let browser = Browser::new();
        let page = browser.open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 400, "{}", page.body);
        assert!(
            page.body.contains("AAD-TOKEN-SUB-PLACEHOLDER"),
            "{}",
            page.body
        );
        assert!(browser.session_cookie().is_none());
        faults.clear();
    }
}

/// B2C makes no access token unless a scope names an API.
#[actix_web::test]
async fn r2_a_sign_in_without_an_access_token_is_a_sign_in() {
    let world = start(&[]);
    let browser = world.signed_in(SAM).await;
    let calls = world.emulator.control().calls();
    let asked = calls.iter().find(|call| call.endpoint == Endpoint::Token);
    assert!(asked.is_some_and(|call| call.status == 200));
    let page = browser.get(&world.app.url("/app/graph")).await;
    assert_eq!(page.status, 502, "{}", page.body);
    assert!(world.lives(&browser).await);
}

#[actix_web::test]
async fn r2_the_client_id_as_a_scope_brings_an_access_token_and_offline_access_is_asked_for() {
    for scope in [CLIENT_ID.to_owned(), format!("{CLIENT_ID}/.default")] {
        let scopes = format!("openid offline_access {scope}");
        let world = start(&[("AAD_SCOPES", &scopes)]);
        let browser = Browser::new();
        let start = browser.get(&world.app.url("/auth/sign_in")).await;
        assert_eq!(start.parameter("scope").unwrap(), scopes);
        world.users(SAM);
        let browser = world.signed_in(SAM).await;
        let (_, cookie) = browser.session_cookie().unwrap();
        let id = aad_auth::internals::session::SessionId::parse(cookie.as_bytes()).unwrap();
        let sessions = world.app.auth.engine().sessions();
        let session = sessions.load(&id).await.unwrap().unwrap();
        let held = sessions.vault().get(&session).await.unwrap().unwrap();
        assert!(held.tokens.access_token.is_some() && held.tokens.refresh_token.is_some());
    }
}

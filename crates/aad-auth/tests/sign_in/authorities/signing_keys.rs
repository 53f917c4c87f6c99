//! Applications whose tokens are signed by keys of their own (`AAD_APP_SIGNING_KEYS`).

use entra_emulator::Emulator;

use super::{ADA, Client, signs_in};
use crate::{
    bearer::{call, expect_refusal},
    refuses::refused,
    support::{App, Browser, SCOPE, World},
};

const ASSIGNED: Client = (
    "00001111-aaaa-4222-8333-000000000007",
    "emulator~secret~assigned",
);

/// The application whose tokens are signed by a key that only `?appid=` publishes.
fn world(app_signing_keys: &str) -> World {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().edit_directory(|directory| {
        let mut applications = directory.applications.iter_mut();
        let own = applications.find(|one| one.app_id == ASSIGNED.0).unwrap();
        own.app_role_assignment_required = false;
    });
    let app = App::start(&emulator, |source| {
        source
            .with("AAD_CLIENT_ID", ASSIGNED.0)
            .with("AAD_CLIENT_SECRET", ASSIGNED.1)
            .with("AAD_APP_SIGNING_KEYS", app_signing_keys)
    });
    World { emulator, app }
}

fn bearer(world: &World) -> String {
    let mint = world.emulator.control().mint();
    let mint = mint.user_token(ADA.0, ASSIGNED.0, SCOPE).unwrap();
    format!("Bearer {}", mint.sign().unwrap())
}

#[actix_web::test]
async fn a_key_of_the_applications_own_is_unknown_unless_it_is_asked_for() {
    let world = world("false");
    world.users(ADA.0);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    refused(&world, &browser, &callback, "AAD-TOKEN-KID").await;
    let page = call(&world, "/apis/read", &bearer(&world)).await;
    expect_refusal(&page, 401, "invalid_token");
}

#[actix_web::test]
async fn tokens_signed_by_the_applications_own_key_are_let_in() {
    let world = world("true");
    assert_eq!(signs_in(&world, ADA).await["oid"], ADA.1);
    let page = call(&world, "/apis/read", &bearer(&world)).await;
    assert_eq!(page.status, 200, "{}", page.body);
}

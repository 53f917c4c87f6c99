//! Every kind of authority signs in, from the first redirect to the guarded page.

mod external_id;
mod signing_keys;
mod workforce;

use entra_emulator::{Emulator, Fault, Mutation};
use serde_json::Value;

use crate::{
    refuses::refused,
    support::{App, Browser, CLIENT, CLIENT_SECRET, World, answer},
};

const FABRIKAM: &str = "22220000-aaaa-4bbb-8ccc-000000000002";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// An application of the directory: its id and its secret.
type Client = (&'static str, &'static str);

const SINGLE_TENANT: Client = (CLIENT, CLIENT_SECRET);
const MULTI_TENANT: Client = (
    "00001111-aaaa-4222-8333-000000000002",
    "emulator~secret~multi-tenant",
);

/// A user of the directory: how he is found, and his object id.
type Person = (&'static str, &'static str);

const ADA: Person = (
    "ada@northwind.example.test",
    "aaaaaaaa-0000-4000-8000-000000000001",
);
const FRANK: Person = (
    "frank@fabrikam.example.test",
    "aaaaaaaa-0000-4000-8000-000000000012",
);
const PAT: Person = (
    "pat@home.example.test",
    "aaaaaaaa-0000-4000-8000-000000000021",
);

/// An application at an authority below the emulator's own origin. `allowed` is empty where the
/// setting is not needed.
fn world(tenant: &str, client: Client, allowed: &str) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let host = origin(&emulator);
    at(emulator, &host, tenant, client, allowed)
}

fn at(emulator: Emulator, host: &str, tenant: &str, client: Client, allowed: &str) -> World {
    let settings = |source: aad_auth::config::Source| {
        source
            .with("AAD_TENANT_ID", tenant)
            .with("AAD_CLIENT_ID", client.0)
            .with("AAD_CLIENT_SECRET", client.1)
            .with("AAD_ALLOWED_TENANTS", allowed)
    };
    let app = App::start_at(host, settings, |builder| builder);
    World { emulator, app }
}

/// `http://127.0.0.1:PORT`
fn origin(emulator: &Emulator) -> String {
    emulator.url().as_str().trim_end_matches('/').to_owned()
}

/// Signs in by the provider's pages, and returns what the application then knows.
async fn signs_in(world: &World, person: Person) -> Value {
    world.emulator.control().auto_sign_in(None);
    let browser = Browser::new();
    let picker = browser.open(&world.app.url("/app/x")).await;
    assert!(picker.url.path().contains("/oauth2/"), "{}", picker.url);
    let page = answer(&browser, &picker, "account", person.1).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.starts_with("/app/x for "), "{}", page.body);
    world.me(&browser).await
}

/// A sign-in of `person` whose ID token is wrong in this way.
async fn refuses(world: &World, person: Person, mutation: Mutation, code: &str) {
    world.users(person.0);
    let browser = Browser::new();
    let callback = browser.until_callback(&world.app.url("/app/x")).await;
    let faults = world.emulator.control().faults();
    faults.set(Fault::id_token(mutation).once());
    refused(world, &browser, &callback, code).await;
    faults.clear();
}

/// The emulator shows an error page of its own, and nobody comes back.
async fn is_not_let_in_by_the_provider(world: &World, person: Person) {
    world.users(person.0);
    let browser = Browser::new();
    let page = browser.open(&world.app.url("/app/x")).await;
    assert_ne!(page.body, "", "{}", page.url);
    assert!(!page.body.starts_with("/app/x for "), "{}", page.body);
    assert!(browser.session_cookie().is_none());
}

//! "Use another account" on a page that says that this account is not let in, at a provider that does
//! not know `select_account`.

use aad_auth::{Admission, config::Source};
use entra_emulator::{Emulator, Endpoint};

use crate::support::{ADA, App, Browser, ROBIN, TENANT, World};

/// Lets in Ada only. `generic`: the emulator as just any OpenID provider.
fn world(generic: bool) -> World {
    let emulator = Emulator::builder().start().unwrap();
    let host = emulator.url().as_str().to_owned();
    let issuer = emulator.authority(TENANT);
    let settings = |source: Source| {
        if !generic {
            return source.with("AAD_AUTHORITY_HOST", host.trim_end_matches('/'));
        }
        let mut source = source.with("AAD_AUTHORITY", issuer);
        source.set("AAD_AUTHORITY_HOST", "");
        source.set("AAD_TENANT_ID", "");
        source
    };
    let app = App::start_at("", settings, |builder| {
        builder.on_sign_in(|user| async move {
            let name = user.name.as_ref().map(|name| name.expose().to_owned());
            if name.is_some_and(|name| name.starts_with("Ada")) {
                Admission::Admit
            } else {
                Admission::Refuse
            }
        })
    });
    World { emulator, app }
}

fn prompts(world: &World) -> Vec<String> {
    let calls = world.emulator.control().calls();
    let asked = calls
        .iter()
        .filter(|call| call.endpoint == Endpoint::Authorize);
    let prompt = |query: &[(String, String)]| {
        let found = query.iter().find(|(name, _)| name == "prompt");
        found.map_or_else(String::new, |(_, value)| value.clone())
    };
    asked.map(|call| prompt(&call.query)).collect()
}

#[actix_web::test]
async fn r74_an_account_that_is_not_let_in_can_be_left_where_select_account_is_not_known() {
    for (generic, asked) in [
        (true, &["select_account", "login"][..]),
        (false, &["select_account"]),
    ] {
        let world = world(generic);
        // The switch signs in without a page.
        world.users(ROBIN);
        let browser = Browser::new();
        let start = world
            .app
            .url("/auth/sign_in?prompt=select_account&return_to=/app/x");
        let page = browser.open(&start).await;
        assert_eq!(page.status, 403, "{}", page.body);
        assert!(page.body.contains("AAD-FLOW-NOT-ADMITTED"), "{}", page.body);
        assert_eq!(prompts(&world), asked, "generic: {generic}");
        world.users(ADA);
        let page = browser.open(&start).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
}

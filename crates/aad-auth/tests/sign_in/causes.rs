//! R11–R13, R77: the cause of a refusal reaches who can mend it, and no other reader gets that text.

use aad_auth::config::Source;
use entra_emulator::{AuthorizeEdit, Emulator, Fault};

use crate::support::{ADA, App, Browser, World};

fn app(emulator: &Emulator, change: impl FnOnce(Source) -> Source) -> App {
    App::start_at(emulator.url().as_str(), change, |builder| builder)
}

#[actix_web::test]
async fn r11_a_tenant_that_the_provider_does_not_know_is_no_outage() {
    let emulator = Emulator::builder().start().unwrap();
    for (tenant, setting) in [
        ("99990000-aaaa-4bbb-8ccc-000000000099", "AAD_TENANT_ID"),
        ("no-such-tenant.example.test", "AAD_TENANT_ID"),
    ] {
        let app = app(&emulator, |source| source.with("AAD_TENANT_ID", tenant));
        let page = Browser::new().open(&app.url("/app/x")).await;
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(page.header("retry-after").is_some());
        assert!(page.body.contains("AAD-PROVIDER-TENANT"), "{}", page.body);
        assert!(page.body.contains("not set up correctly"), "{}", page.body);
        assert!(!page.body.contains("AAD_TENANT_ID"), "an operator's remedy");
        let degraded = app.auth.status().await.degraded.join("\n");
        assert!(degraded.contains(setting), "{degraded}");
        assert!(degraded.contains("AADSTS90002"), "{degraded}");
    }
}

#[actix_web::test]
async fn r11_a_user_flow_that_does_not_exist_names_its_setting() {
    let emulator = Emulator::builder().start().unwrap();
    let app = app(&emulator, |source| {
        source
            .with("AAD_TENANT_ID", "litware.onmicrosoft.com")
            .with("AAD_USER_FLOW", "B2C_1_misspelt")
    });
    let page = Browser::new().open(&app.url("/app/x")).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("AAD-PROVIDER-TENANT"), "{}", page.body);
    let degraded = app.auth.status().await.degraded.join("\n");
    assert!(degraded.contains("AAD_USER_FLOW"), "{degraded}");
}

#[actix_web::test]
async fn r11_another_issuer_is_no_outage() {
    let emulator = Emulator::builder().start().unwrap();
    // The final slash does not belong to it.
    let issuer = format!("{}/", emulator.authority(crate::support::TENANT));
    let app = App::start_at(
        "",
        |source| {
            let mut source = source.with("AAD_AUTHORITY", issuer);
            source.set("AAD_AUTHORITY_HOST", "");
            source.set("AAD_TENANT_ID", "");
            source
        },
        |builder| builder,
    );
    let page = Browser::new().open(&app.url("/app/x")).await;
    assert!(page.body.contains("AAD-METADATA-ISSUER"), "{}", page.body);
    assert!(page.body.contains("not set up correctly"), "{}", page.body);
    let degraded = app.auth.status().await.degraded.join("\n");
    assert!(degraded.contains("announces the issuer"), "{degraded}");
}

/// An application that takes the emulator for just any provider, whose issuer is written so.
fn app_of_issuer(issuer: &str, base: Option<&str>) -> App {
    let settings = |source: Source| {
        let mut source = source.with("AAD_AUTHORITY", issuer);
        source.set("AAD_AUTHORITY_HOST", "");
        source.set("AAD_TENANT_ID", "");
        if let Some(base) = base {
            source.set("AAD_BASE_URL", base);
            source.set("AAD_SESSION_SECRET", "QUJD".repeat(22));
        }
        source
    };
    App::start_at("", settings, |builder| builder)
}

#[actix_web::test]
async fn r77_an_issuer_that_is_written_in_another_way_is_named_on_loopback_and_to_operators() {
    let emulator = Emulator::builder().start().unwrap();
    let announced = emulator.authority(crate::support::TENANT).to_string();
    let slash = format!("{announced}/");
    let name = announced.replace("127.0.0.1", "localhost");
    assert_ne!(name, announced);
    // The emulator would name itself as it was asked.
    let says = Fault::metadata("issuer", announced.as_str());
    emulator.control().faults().set(says);
    for (written, difference) in [
        (&slash, "final slash only"),
        (&name, "name of the host only"),
    ] {
        let app = app_of_issuer(written, None);
        let page = Browser::new().get(&app.url("/auth/sign_in")).await;
        let degraded = app.auth.status().await.degraded.join("\n");
        for told in [
            &page.body.replace("&#x2F;", "/").replace("&#47;", "/"),
            &degraded,
        ] {
            for named in [&announced, written, difference, "AAD_AUTHORITY"] {
                assert!(told.contains(named), "{named}: {told}");
            }
            // It is no outage.
            for outage in [
                "does not answer",
                "cannot be reached",
                "until 127.0.0.1 answers",
            ] {
                assert!(!told.contains(outage), "{told}");
            }
        }
        assert!(page.body.contains("AAD-METADATA-ISSUER"), "{}", page.body);
        // Users of a site are not told what its operators have to mend.
        let app = app_of_issuer(written, Some("https://app.example.test"));
        let page = Browser::new().get(&app.url("/auth/sign_in")).await;
        assert!(page.body.contains("AAD-METADATA-ISSUER"), "{}", page.body);
        assert!(!page.body.contains("AAD_AUTHORITY"), "{}", page.body);
        let degraded = app.auth.status().await.degraded.join("\n");
        assert!(degraded.contains(difference), "{degraded}");
    }
}

/// Entra says `access_denied` also where the user has cancelled nothing.
#[actix_web::test]
async fn r12_who_is_not_assigned_or_lacks_an_administrators_consent_has_not_cancelled() {
    let world = World::start();
    world.users(ADA);
    for (number, cancelled) in [(50_105, false), (90_094, false), (65_004, true)] {
        let faults = world.emulator.control().faults();
        let set = |name: &str, value: String| AuthorizeEdit::Set(name.to_owned(), value);
        faults.set(Fault::authorization_response(set(
            "error",
            "access_denied".to_owned(),
        )));
        let description = format!("AADSTS{number}: canary of ada@northwind.example.test");
        faults.set(Fault::authorization_response(set(
            "error_description",
            description,
        )));
        faults.set(Fault::authorization_response(AuthorizeEdit::Remove(
            "code".to_owned(),
        )));
        let page = Browser::new().open(&world.app.url("/app/x")).await;
        assert_eq!(page.status, 400, "{}", page.body);
        let says_so = page.body.contains("was cancelled");
        assert_eq!(says_so, cancelled, "{number}: {}", page.body);
        let asks = page.body.contains("ask an administrator");
        assert_eq!(asks, !cancelled, "{number}: {}", page.body);
        assert!(!page.body.contains("canary"));
        faults.clear();
    }
}

//! The start page, and the environment of an application.

use entra_emulator::Emulator;

use crate::support::{ADA, Browser, NORTHWIND, get};

#[actix_web::test]
async fn the_start_page_shows_what_is_served_and_sets_faults_by_its_own_form_only() {
    let emulator = Emulator::builder().start().unwrap();
    let browser = Browser::new(&emulator);
    browser.code(ADA).await;
    let page = browser.get("/").await;
    for text in [
        "Northwind Example",
        "Ada Admin",
        "250 groups",
        "Sample web app",
        "AAD_CLIENT_ID=",
        "oauth2/v2.0/authorize",
        NORTHWIND,
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(!page.text.contains("<script>alert") && !page.text.contains(emulator.control_token()));
    assert_eq!(
        browser
            .post("/faults", &[("fault", "Keys: 503")])
            .await
            .status,
        400,
        "not our form"
    );
    let form = page.field("form");
    assert_eq!(
        browser
            .post("/faults", &[("form", &form), ("fault", "Keys: 503")])
            .await
            .status,
        303
    );
    assert_eq!(emulator.control().faults().list().len(), 1);
    browser
        .post("/faults", &[("form", &form), ("fault", "clear")])
        .await;
    assert!(emulator.control().faults().list().is_empty());
    assert!(
        get(&emulator, "favicon.ico")
            .await
            .header("content-type")
            .starts_with("image/svg")
    );
    assert_eq!(get(&emulator, "assets/emulator.css").await.status, 200);
}

#[test]
fn the_ready_env_names_a_registered_application() {
    let emulator = Emulator::builder().start().unwrap();
    let text = emulator.ready_env(None);
    assert!(text.contains(&format!(
        "AAD_AUTHORITY_HOST=http://127.0.0.1:{}",
        emulator.port()
    )));
    assert!(
        text.contains("AAD_BASE_URL=http://localhost:5000\n")
            && text.contains("AAD_CLIENT_SECRET=")
    );
    let other = emulator.ready_env(Some("http://localhost:8080/auth/redirect"));
    assert!(other.contains("AAD_BASE_URL=http://localhost:8080\n"));
    assert_eq!(
        emulator.ready_env(Some("http://localhost:8080/unregistered")),
        ""
    );
}

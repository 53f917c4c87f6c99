//! The design of the crate's own pages: files under hashed addresses, nothing inline, and the
//! application's name, colour and logo.

use aad_auth::{Auth, Look, testing::Operation};
use awc::http::Method;
use entra_emulator::Emulator;

use crate::support::{ADA, AWAY, App, Browser, Page, World, two::staff_config};

const SCRIPTED_SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'>\
    <script>alert(1)</script></svg>";

fn with_look(look: Look) -> (Emulator, App) {
    let emulator = Emulator::builder().start().unwrap();
    let url = emulator.url().to_string();
    let app = App::start_at(&url, |source| source, |builder| builder.look(look));
    (emulator, app)
}

/// The value of an attribute that begins with `start`.
fn attribute(page: &Page, start: &str) -> String {
    let (_, rest) = page
        .body
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start} in {}", page.body));
    rest.split('"').next().unwrap().to_owned()
}

fn assert_file(page: &Page, content_type: &str) {
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(page.header("content-type"), Some(content_type));
    assert_eq!(
        page.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    assert!(page.all("set-cookie").is_empty(), "{page:?}");
}

#[actix_web::test]
async fn no_page_has_inline_style_or_script_and_each_is_designed() {
    let world = World::start();
    let (stranger, user) = (
        Browser::new(),
        world.signed_in("noor@northwind.example.test").await,
    );
    let at = |path: &str| world.app.url(path);
    let pages = [
        stranger.get(&at("/auth/sign_out")).await,
        stranger.get(&at("/auth/post_sign_out")).await,
        stranger.get(&at("/auth/redirect?code=x&state=y")).await,
        stranger.post(&at("/app/x"), "a=b").await,
        stranger.post_across(&at("/app/x"), "a=b").await,
        stranger.get(&at("/spa/x")).await,
        user.get(&at("/admin/x")).await,
        user.get(&at("/auth/post_sign_out")).await,
        user.post(&at("/auth/sign_out"), "").await,
    ];
    let style = format!(
        "<link rel=\"stylesheet\" href=\"{}\">",
        world.app.auth.style_sheet()
    );
    for page in pages {
        assert!(page.body.contains(&style), "{page:?}");
        for inline in [
            "<style",
            " style=",
            "<script>",
            " onclick=",
            "javascript:",
            "data:",
        ] {
            assert!(!page.body.contains(inline), "{inline} in {page:?}");
        }
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.contains("style-src 'self'; script-src 'self'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[actix_web::test]
async fn files_are_kept_for_ever_and_another_hash_is_not_found() {
    let (_emulator, app) = with_look(Look::new().logo("image/svg+xml", SCRIPTED_SVG));
    let browser = Browser::new();
    let page = browser.get(&app.url("/auth/sign_out")).await;
    let style = attribute(&page, "<link rel=\"stylesheet\" href=\"");
    let logo = attribute(&page, "src=\"");
    let interstitial = browser.get(&app.url("/spa/x")).await;
    let script = attribute(&interstitial, "<script src=\"");
    for (path, content_type) in [
        (&style, "text/css; charset=utf-8"),
        (&script, "text/javascript; charset=utf-8"),
        (&logo, "image/svg+xml"),
    ] {
        let url = app.url(path);
        assert_file(&browser.fetch(&url).await, content_type);
        let head = browser.send(Method::HEAD, &url, &[], None).await;
        assert_file(&head, content_type);
        assert_eq!(head.body, "");
        let post = browser.post(&url, "").await;
        assert_eq!(post.status, 405, "{post:?}");
        let (start, extension) = path.rsplit_once('.').unwrap();
        let other = format!(
            "{}.{extension}",
            &start.replace(&start[start.len() - 4..], "zzzz")
        );
        for wrong in [
            other,
            start.to_owned(),
            format!("{path}/"),
            "/auth/assets/".to_owned(),
        ] {
            let missing = browser.fetch(&app.url(&wrong)).await;
            assert_eq!(missing.status, 404, "{wrong}: {missing:?}");
            let cached = missing.header("cache-control").unwrap_or_default();
            assert!(!cached.contains("immutable"), "{wrong}: {cached}");
        }
    }
}

/// A page of another release, during a roll-out: its script must not be missing.
#[actix_web::test]
async fn a_style_sheet_or_script_of_another_release_is_answered_by_ours_and_never_kept() {
    let (_emulator, app) = with_look(Look::new());
    let browser = Browser::new();
    for extension in ["css", "js"] {
        let url = app.url(&format!("/auth/assets/0123456789abcdef.{extension}"));
        let ours = browser.fetch(&url).await;
        assert_eq!(ours.status, 200, "{extension}");
        assert_eq!(
            ours.header("cache-control"),
            Some("no-store"),
            "{extension}"
        );
        assert!(!ours.body.is_empty());
    }
    let image = browser
        .fetch(&app.url("/auth/assets/0123456789abcdef.svg"))
        .await;
    assert_eq!(image.status, 404);
}

/// It is a document of ours where a browser opens it by its address.
#[actix_web::test]
async fn scripts_in_a_logo_are_inert() {
    let (_emulator, app) = with_look(Look::new().logo("image/svg+xml", SCRIPTED_SVG));
    let browser = Browser::new();
    let page = browser.get(&app.url("/auth/sign_out")).await;
    assert!(
        page.body.contains("<img ") && !page.body.contains("<script"),
        "{}",
        page.body
    );
    let logo = browser.get(&app.url(&attribute(&page, "src=\""))).await;
    let policy = logo.header("content-security-policy").unwrap();
    assert!(policy.split("; ").any(|rule| rule == "sandbox"), "{policy}");
    assert!(
        policy.split("; ").any(|rule| rule == "default-src 'none'"),
        "{policy}"
    );
}

#[actix_web::test]
async fn a_file_needs_no_session_and_no_store() {
    let (world, store) = World::on_faulty_store();
    let browser = world.signed_in(ADA).await;
    let reads = [Operation::Get, Operation::Touch, Operation::Update];
    for read in reads {
        store.plan(read, AWAY, 1);
    }
    let style = world.app.auth.style_sheet();
    let style = browser.fetch(&world.app.url(&style)).await;
    assert_file(&style, "text/css; charset=utf-8");
    for read in reads {
        assert_eq!(store.pending(read), 1, "the store was asked");
    }
}

#[test]
fn values_that_no_page_can_show_are_start_errors_with_their_rule() {
    let start = |look: Look| -> Result<(), String> {
        let config = staff_config("http://127.0.0.1:9", 5000);
        let auth = Auth::builder(config).look(look).build();
        auth.map(drop).map_err(|error| error.to_string())
    };
    for (look, rule) in [
        (
            Look::new().product(""),
            "Look::product must have 1 to 64 characters",
        ),
        (
            Look::new().accent("teal"),
            "Look::accent must be #rgb or #rrggbb",
        ),
        (
            Look::new().accent("#fff}body{display:none"),
            "Look::accent must be",
        ),
        (
            Look::new().logo("text/html", "<svg"),
            "Look::logo must have the media type",
        ),
        (
            Look::new().logo("image/png", "<svg"),
            "Look::logo must be an image of the media type",
        ),
        (
            Look::new().logo("image/png", vec![0; 256 * 1024 + 1]),
            "Look::logo must be at most 256 KiB",
        ),
    ] {
        let refusal = start(look.clone()).unwrap_err();
        assert!(refusal.contains(rule), "{look:?}: {refusal}");
    }
    assert_eq!(start(Look::new().product("Contoso").accent("#FC0")), Ok(()));
}

#[actix_web::test]
async fn a_product_name_is_escaped_wherever_it_stands() {
    let name = "Contoso & \"<script>alert(1)</script>\"";
    let (_emulator, app) = with_look(Look::new().product(name).accent("#0b5394"));
    let browser = Browser::new();
    for path in ["/auth/sign_out", "/spa/x"] {
        let page = browser.get(&app.url(path)).await;
        assert!(!page.body.contains("<script>"), "{}", page.body);
        let escaped = "Contoso &amp; &quot;&lt;script&gt;";
        assert_eq!(page.body.matches(escaped).count(), 2, "{}", page.body);
    }
    let style = browser.fetch(&app.url(&app.auth.style_sheet())).await;
    assert!(
        style.body.contains("--primary:#0b5394;"),
        "{:.400}",
        style.body
    );
}

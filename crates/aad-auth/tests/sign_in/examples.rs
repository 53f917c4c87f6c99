//! The examples, as they are built: each runs as a process of its own and signs somebody in.

use std::{
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use awc::http::Method;
use entra_emulator::{Emulator, Mint};

use crate::support::{ADA, Browser, CLIENT, Page, SCOPE};

/// A running example; ends when dropped.
struct Example {
    child: Child,
    port: u16,
    _state: tempfile::TempDir,
}

impl Example {
    /// Starts one with the settings that the emulator prints.
    async fn start(name: &str, emulator: &Emulator) -> Self {
        Self::start_at(free_port(), name, emulator, "").await
    }

    /// The same, with a file of further settings as its argument.
    async fn start_at(port: u16, name: &str, emulator: &Emulator, further: &str) -> Self {
        let state = tempfile::tempdir().unwrap();
        let file = state.path().join("further.env");
        std::fs::write(&file, further).unwrap();
        let settings = emulator.ready_env(None);
        let pairs = settings.lines().filter_map(|line| line.split_once('='));
        let mut command = Command::new(built(name));
        command
            .arg(file)
            .env_clear()
            .envs(pairs)
            .env("AAD_BASE_URL", format!("http://localhost:{port}"))
            .env("AAD_STATE_DIR", state.path())
            // A file would still be opening when the first request comes.
            .env("AAD_SESSION_STORE", "memory")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut example = Self {
            child: command.spawn().unwrap(),
            port,
            _state: state,
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = example.child.try_wait().unwrap();
            assert!(ended.is_none(), "{name} has ended: {ended:?}");
            actix_web::rt::time::sleep(Duration::from_millis(20)).await;
        }
        example
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// `cargo test` builds the examples beside the tests; `cargo test --test sign_in` does not.
fn built(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(|deps| deps.parent()).unwrap();
    let path = profile.join("examples").join(name);
    if !path.exists() {
        let cargo = std::env::var_os("CARGO").expect("the tests are run by cargo");
        let package = [
            "build",
            "--quiet",
            "--package",
            "aad-auth",
            "--example",
            name,
        ];
        let built = Command::new(cargo).args(package).status().unwrap();
        assert!(built.success() && path.exists(), "{name} cannot be built");
    }
    path
}

#[actix_web::test]
async fn the_minimal_example_signs_in_and_guards_by_role() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let example = Example::start("minimal", &emulator).await;
    let stranger = Browser::new().fetch(&example.url("/app/profile")).await;
    assert_eq!(stranger.status, 401);
    let browser = Browser::new();
    let page = browser.open(&example.url("/app/profile")).await;
    assert_eq!(page.body, "Hello Ada Admin");
    let page = browser.get(&example.url("/admin/dashboard")).await;
    assert_eq!(page.body, "For administrators");
    emulator.control().auto_sign_in(Some(crate::support::ROBIN));
    let browser = Browser::new();
    let page = browser.open(&example.url("/admin/dashboard")).await;
    assert_eq!(page.status, 403);
}

#[actix_web::test]
async fn the_example_with_a_store_of_its_own_signs_in_and_out() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let example = Example::start("custom_store", &emulator).await;
    let unknown = Browser::new().fetch(&example.url("/")).await;
    assert_eq!(unknown.status, 401);
    let browser = Browser::new();
    let page = browser.open(&example.url("/")).await;
    assert_eq!(page.body, "Hello Ada Admin");
    let page = browser.post(&example.url("/auth/sign_out"), "").await;
    assert!(page.leads_on());
    assert_eq!(browser.fetch(&example.url("/")).await.status, 401);
}

#[test]
fn r111_what_main_returns_is_printed_as_text() {
    let output = Command::new(built("minimal")).env_clear().output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("Error: 3 settings need attention:\n  AAD_TENANT_ID: "),
        "{said}"
    );
}

#[test]
fn the_readme_shows_the_minimal_example() {
    let readme = include_str!("../../../../README.md");
    let example = include_str!("../../examples/minimal.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(
        readme.contains(&format!("```rust\n{code}```")),
        "README.md and examples/minimal.rs differ"
    );
}

#[actix_web::test]
async fn an_application_keeps_its_own_session_through_sign_in_and_loses_it_at_sign_out() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let example = Example::start("existing_app", &emulator).await;
    let browser = Browser::new();
    for _ in 0..2 {
        browser.post(&example.url("/basket"), "").await;
    }
    let page = browser.open(&example.url("/")).await;
    assert_eq!(page.body, "2 items in the basket of a stranger");
    let before = browser.cookies("localhost")["basket"].clone();

    let page = browser.open(&example.url("/checkout")).await;
    assert_eq!(page.body, "Ada Admin pays for 2 items");
    let after = browser.cookies("localhost")["basket"].clone();
    assert_ne!(before, after, "the application's session is renewed");
    let page = browser.open(&example.url("/")).await;
    assert_eq!(page.body, "2 items in the basket of Ada Admin");

    browser.post(&example.url("/auth/sign_out"), "").await;
    assert!(!browser.cookies("localhost").contains_key("basket"));
    let page = browser.open(&example.url("/")).await;
    assert_eq!(page.body, "0 items in the basket of a stranger");
}

#[actix_web::test]
async fn two_instances_sign_in_apart_in_one_process() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let port = free_port();
    let base = format!("http://localhost:{port}");
    let redirect = format!("{base}/partners/auth/redirect");
    let control = emulator.control();
    let registered = control.register_redirect_uri(OTHER_CLIENT, &redirect);
    registered.unwrap();
    let mut partners = emulator.ready_env(Some(&redirect));
    assert!(partners.contains(OTHER_CLIENT));
    partners.push_str(&format!("AAD_ALLOWED_TENANTS=*\nAAD_BASE_URL={base}\n"));
    let example = Example::start_at(port, "two_instances", &emulator, &partners).await;
    let browser = Browser::new();
    let page = browser.open(&example.url("/staff/desk")).await;
    assert_eq!(page.body, "Ada Admin, of the staff");
    // Signed in there is not signed in here.
    let stranger = browser.fetch(&example.url("/partners/orders")).await;
    assert_eq!(stranger.status, 401);
    let page = browser.open(&example.url("/partners/orders")).await;
    assert_eq!(page.body, "Ada Admin, a partner");
}

const OTHER_CLIENT: &str = "00001111-aaaa-4222-8333-000000000002";

#[actix_web::test]
async fn the_api_takes_bearer_tokens_by_scope_and_by_permission() {
    let emulator = Emulator::builder().start().unwrap();
    let example = Example::start("api", &emulator).await;
    let mint = || emulator.control().mint();
    let call = async |method: Method, path: &str, token: Option<Mint>| -> Page {
        let authorization = token.map(|mint| format!("Bearer {}", mint.sign().unwrap()));
        let mut headers = vec![("accept", "*/*")];
        headers.extend(
            authorization
                .as_deref()
                .map(|value| ("authorization", value)),
        );
        let url = example.url(path);
        Browser::new().send(method, &url, &headers, None).await
    };
    let of_user = || Some(mint().user_token(ADA, CLIENT, SCOPE).unwrap());
    let of_daemon = || Some(mint().application_token(CLIENT, &["Tasks.Run"]).unwrap());

    assert_eq!(call(Method::GET, "/api/tasks", None).await.status, 401);
    let other = Some(mint().user_token(ADA, CLIENT, "Other.Read").unwrap());
    assert_eq!(call(Method::GET, "/api/tasks", other).await.status, 403);
    let page = call(Method::GET, "/api/tasks", of_user()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("\"tasks_of\":\"entra/"), "{}", page.body);
    let page = call(Method::GET, "/api/tasks", of_daemon()).await;
    assert!(page.body.contains("all users"), "{}", page.body);
    // A user's scope is no permission of a daemon.
    let page = call(Method::POST, "/api/jobs/run", of_user()).await;
    assert_eq!(page.status, 403);
    let page = call(Method::POST, "/api/jobs/run", of_daemon()).await;
    assert_eq!(page.status, 202);
}

#[actix_web::test]
async fn roles_guard_a_scope_and_a_handler() {
    let emulator = Emulator::builder().start().unwrap();
    let example = Example::start("roles", &emulator).await;
    let stranger = Browser::new().get(&example.url("/")).await;
    assert_eq!(stranger.body, "Please sign in");
    let browser = Browser::new();
    emulator.control().auto_sign_in(Some(ADA));
    let page = browser.open(&example.url("/reports")).await;
    assert_eq!(page.body, "Reports for Ada Admin");
    let page = browser.get(&example.url("/")).await;
    assert_eq!(page.body, "Ada Admin: read, delete");
    let own = [("accept", "*/*"), ("sec-fetch-site", "same-origin")];
    let url = example.url("/reports/7");
    let page = browser.send(Method::DELETE, &url, &own, None).await;
    assert_eq!(page.body, "Ada Admin has deleted report 7");

    // A reader comes into the scope and not to the handler.
    let reader = crate::support::ROBIN;
    emulator.control().auto_sign_in(Some(reader));
    let browser = Browser::new();
    let page = browser.open(&example.url("/reports")).await;
    assert_eq!(page.body, "Reports for Robin Reader");
    let page = browser.send(Method::DELETE, &url, &own, None).await;
    assert_eq!(page.status, 403);
}

#[actix_web::test]
async fn htmx_is_led_to_sign_in_from_the_page_and_not_from_its_part() {
    let emulator = Emulator::builder().start().unwrap();
    emulator.control().auto_sign_in(Some(ADA));
    let example = Example::start("htmx", &emulator).await;
    let browser = Browser::new();
    let page = example.url("/inbox?folder=new");
    let part = example.url("/inbox/messages");
    let htmx = |current: &'static str| {
        [
            ("accept", "*/*"),
            ("hx-request", "true"),
            ("hx-current-url", current),
        ]
    };
    let shown: &'static str = page.clone().leak();

    let refused = browser.send(Method::GET, &part, &htmx(shown), None).await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.header("hx-redirect"),
        Some("/auth/sign_in?return_to=%2Finbox%3Ffolder%3Dnew")
    );
    // An address elsewhere leads home.
    let headers = htmx("https://evil.example/inbox");
    let refused = browser.send(Method::GET, &part, &headers, None).await;
    let home = Some("/auth/sign_in?return_to=%2F");
    assert_eq!(refused.header("hx-redirect"), home);
    // Other scripts get the problem document alone.
    let refused = browser.fetch(&part).await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("hx-redirect"), None);

    let opened = browser.open(&page).await;
    assert!(
        opened.body.contains("<h1>Ada Admin</h1>"),
        "{}",
        opened.body
    );
    let filled = browser.send(Method::GET, &part, &htmx(shown), None).await;
    assert_eq!(filled.body, "<p>No messages for Ada Admin</p>");
}

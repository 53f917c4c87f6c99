//! Which methods a route takes, and that 405 says so (RFC 9110 section 15.5.6).

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use actix_web::http::Method;

use super::{head::PATHS, *};

/// Routes whose GET has an effect, or that have none.
const WITHOUT_HEAD: [&str; 4] = [
    "/preferences",
    "/auth/redirect",
    "/auth/front_channel_sign_out",
    "/auth/back_channel_sign_out",
];
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE",
];

async fn status(browser: &mut Browser, method: &str, path: &str) -> Page {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    browser.send(method, path, "text/html", "").await
}

/// What the answer to an unknown method allows is what is answered, and nothing else.
async fn assert_allow_is_true(browser: &mut Browser, path: &str) {
    let refused = status(browser, "PURGE", path).await;
    assert_eq!(refused.status, 405, "{path}");
    let allowed = refused.header("allow").split(',');
    let allowed: BTreeSet<_> = allowed.map(|method| method.trim().to_owned()).collect();
    for method in METHODS {
        let page = status(browser, method, path).await;
        let takes = page.status != 405;
        assert_eq!(
            allowed.contains(method),
            takes,
            "{method} {path}: {allowed:?}"
        );
        assert!(takes || !page.header("allow").is_empty(), "{method} {path}");
    }
    assert!(allowed.contains("GET") == allowed.contains("HEAD") || WITHOUT_HEAD.contains(&path));
}

#[actix_web::test]
async fn r106_an_answer_405_names_the_methods_that_its_route_takes() {
    let (emulator, site) = start();
    let mut browser = Browser::new(&site);
    let paths = || PATHS.iter().chain(&WITHOUT_HEAD).chain(&["/auth/sign_in"]);
    // There is no `/metrics` for strangers, whatever the method.
    let is_none = |path: &str| matches!(path, "/nowhere" | "/metrics");
    let is_open = |path: &&&str| !GUARDED.contains(*path) && !is_none(path);
    for path in paths().filter(is_open) {
        assert_allow_is_true(&mut browser, path).await;
    }
    let user = Some("ada@northwind.example.test");
    emulator.control().auto_sign_in(user);
    let mut browser = Browser::new(&site);
    assert_eq!(browser.visit("/groups").await.status, 200);
    for path in GUARDED {
        assert_allow_is_true(&mut browser, path).await;
    }
}

const GUARDED: [&str; 6] = [
    "/token_details",
    "/call_ms_graph",
    "/groups",
    "/sessions",
    "/admin",
    "/api/me",
];

/// The code of this crate, without unit tests, by file.
fn code() -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut code = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let (text, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
                code.push((path, text.to_owned()));
            }
        }
    }
    code
}

/// The paths of all routes that a piece of code mounts.
fn mounted(code: &str) -> Vec<String> {
    let starts = ["resource(", ".route(\""];
    let calls = starts.iter().flat_map(|start| {
        let found = code.match_indices(start);
        found.map(move |(at, _)| &code[at..])
    });
    let literals = calls.flat_map(|call| {
        let arguments = call.split(')').next().unwrap_or_default();
        arguments.split('"').skip(1).step_by(2)
    });
    let paths = literals.filter(|text| text.starts_with('/'));
    paths
        .map(|path| path.replace("{name}", "app.css"))
        .collect()
}

#[test]
fn r106_no_route_of_this_crate_answers_get_without_head() {
    let mut found = BTreeSet::new();
    for (path, code) in code() {
        let only_get = ["web::get()", "[get(", "Route::new().method(", " get().to"];
        for way in only_get {
            let file = path.display();
            assert!(
                !code.contains(way),
                "{file}: {way} leaves HEAD out: use read()"
            );
        }
        found.extend(mounted(&code));
    }
    assert!(found.len() > 10, "the scanner sees the routes: {found:?}");
    let known: Vec<_> = PATHS.iter().chain(&WITHOUT_HEAD).collect();
    let unknown: Vec<_> = found
        .iter()
        .filter(|path| !known.contains(&&path.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "a new route belongs into PATHS of head.rs: {unknown:?}"
    );
}

#[test]
fn the_scanner_sees_each_way_to_mount_a_route() {
    let code = r#"config.service(resource(["/a", "/b"]).route(read().to(x)))
        .service(resource("/c").wrap(y)).route("/d", read().to(z))
        web::resource("/static/{name}")"#;
    let paths = mounted(code);
    assert_eq!(paths, ["/a", "/b", "/c", "/static/app.css", "/d"]);
}

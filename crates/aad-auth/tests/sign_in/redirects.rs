//! Open redirects: every value of the catalogue (abuse H) on every redirecting parameter.

use url::{Url, form_urlencoded};

use crate::support::{ADA, Browser, World};

fn values(port: u16) -> Vec<String> {
    let own = format!("localhost:{port}");
    let mut values: Vec<String> = [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test/",
        "/%5cevil.test",
        "/%2f/evil.test",
        "%2f%2fevil.test",
        "///evil.test",
        "////evil.test",
        "http:evil.test",
        "https:/evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "/\r/evil.test",
        "\t//evil.test",
        " //evil.test",
        "\0//evil.test",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "https://evil.test#",
        "/。evil.test",
        "//evil。test",
        "/／evil.test",
        "／／evil.test",
        "/.//evil.test",
        "/..//evil.test",
        "/x/..//evil.test",
        "/./\\evil.test",
        "/;@evil.test",
        "//evil.test%2f..",
        "/\\/evil.test",
        "/%09/evil.test",
        "/%0d%0aLocation:%20//evil.test",
        "/\r\nX-Injected: yes",
        "https://[::1]@evil.test/",
        "/?x=//evil.test",
        "//0x7f.1/",
        "?//evil.test",
        "#//evil.test",
        ".evil.test",
        "@evil.test",
        ":443@evil.test",
        "",
    ]
    .iter()
    .map(|value| (*value).to_owned())
    .collect();
    for template in [
        "https://{own}@evil.test/",
        "https://{own}.evil.test/",
        "https://evil.test#{own}",
        "https://evil.test?{own}",
        "//{own}@evil.test",
        // Punycode that an old idna decodes to our own name (RUSTSEC-2024-0421).
        "http://xn--{own}",
        "//xn--localhost-/",
        "http://xn--localhost-/",
        "https://evil.test\\@{own}",
    ] {
        values.push(template.replace("{own}", &own));
    }
    values.push(format!("/{}", "x".repeat(9000)));
    values
}

fn query(name: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(name, value);
    query.finish()
}

#[actix_web::test]
async fn after_sign_in_the_browser_is_on_our_origin() {
    let world = World::start();
    world.users(ADA);
    let own = Url::parse(&world.app.url("/")).unwrap().origin();
    for (n, value) in values(world.app.port).iter().enumerate() {
        let name = if n % 2 == 0 {
            "return_to"
        } else {
            "post_sign_in_url"
        };
        let browser = Browser::new();
        let start = world
            .app
            .url(&format!("/auth/sign_in?{}", query(name, value)));
        let callback = browser.until_callback(&start).await;
        let page = browser.get(&callback).await;
        // One that is too long is a page with a link (see `long_addresses`).
        let sent = if value.len() > 9000 {
            assert_eq!(page.status, 200, "{value:?}");
            Url::parse(&page.link()).unwrap().path().to_owned()
        } else {
            assert_eq!(page.status, 303, "{value:?}");
            page.header("location").unwrap().to_owned()
        };
        assert!(
            sent.starts_with('/') && !sent.starts_with("//") && !sent.contains('\\'),
            "{sent}"
        );
        let landed = page.url.join(&sent).unwrap();
        assert_eq!(landed.origin(), own, "{value:?} led to {sent}");
        assert!(page.header("x-injected").is_none());
    }
}

#[actix_web::test]
async fn after_sign_out_the_way_on_is_on_our_origin() {
    let world = World::start();
    let browser = Browser::new();
    for value in values(world.app.port) {
        let url = world
            .app
            .url(&format!("/auth/sign_out?{}", query("return_to", &value)));
        let answer = browser.post(&url, "").await;
        assert!(answer.leads_on());
        let state = answer.parameter("state").unwrap();
        let page = browser
            .get(&world.app.url(&format!("/auth/post_sign_out?state={state}")))
            .await;
        assert!(
            !page.body.contains("href=\"http") && !page.body.contains("href=\"//"),
            "{value:?}: {}",
            page.body
        );
        let confirm = browser.get(&url).await;
        assert_eq!(confirm.status, 200);
        assert!(!confirm.body.contains("action=\"http") && !confirm.body.contains("action=\"//"));
    }
}

#[actix_web::test]
async fn the_host_header_never_makes_an_address() {
    let world = World::start();
    let browser = Browser::new();
    let headers = [
        ("accept", "text/html"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.test;proto=https"),
    ];
    let url = world.app.url("/auth/sign_in");
    let page = browser
        .send(awc::http::Method::GET, &url, &headers, None)
        .await;
    assert_eq!(
        page.parameter("redirect_uri").unwrap(),
        world.app.url("/auth/redirect")
    );
}

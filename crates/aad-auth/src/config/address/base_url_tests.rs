//! Base URLs and return addresses: what they cannot hold.

use proptest::prelude::*;

use super::*;

fn base() -> BaseUrl {
    BaseUrl::parse("https://app.example.test").unwrap()
}

#[test]
fn refuses_what_is_no_base_url() {
    for value in [
        "",
        "app.example.test",
        "http://app.example.test",
        "ftp://localhost",
        "https://app.example.test/?x=1",
        "https://app.example.test/#x",
        "https://user@app.example.test",
        "https://app.example.test//x",
        "javascript:alert(1)",
    ] {
        assert!(BaseUrl::parse(value).is_err(), "{value}");
    }
}

#[test]
fn keeps_paths_and_queries() {
    for value in [
        "/",
        "/a/b",
        "/a?b=c&d=/e",
        "/?x=//evil.test",
        "/%5cevil.test",
        "/a%20b",
        "/a?b=c#d/e?f=g",
        "/#/route",
    ] {
        assert_eq!(base().return_to(value).as_str(), value);
    }
    assert_eq!(base().return_to("/ä").as_str(), "/%C3%A4");
}

#[test]
fn refuses_other_origins() {
    for value in [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test/",
        "///evil.test",
        "http:evil.test",
        "https:/evil.test",
        "/\t/evil.test",
        "/\n/evil.test",
        "/\r/evil.test",
        "\t//evil.test",
        " //evil.test",
        "\0//evil.test",
        "javascript:alert(1)",
        "data:text/html,x",
        "//app.example.test@evil.test",
        "/.//evil.test",
        "/..//evil.test",
        "/x/..//evil.test",
        "/./\\evil.test",
        "/\\/evil.test",
        "/\r\nX-Injected: yes",
        "?//evil.test",
        "#//evil.test",
        ".evil.test",
        "@evil.test",
        ":443@evil.test",
        "",
        "/%2e//evil.test",
        "/%2E%2e//evil.test",
    ] {
        assert_eq!(base().return_to(value).as_str(), "/", "{value:?}");
    }
}

#[test]
fn shortens_long_addresses() {
    let query = "x".repeat(2000);
    assert_eq!(base().return_to(&format!("/a?{query}")).as_str(), "/a");
    assert_eq!(base().return_to(&format!("/{query}")).as_str(), "/");
    assert_eq!(base().return_to(&format!("/a?b#{query}")).as_str(), "/a?b");
}

#[test]
fn r25_reports_whether_an_address_was_shortened() {
    let kept = |value: &str| {
        let kept = base().kept(value);
        (kept.address.as_str().to_owned(), kept.shortened)
    };
    let fitting = "x".repeat(ReturnTo::MAX_LENGTH - 3);
    let (long, endless) = ("x".repeat(ReturnTo::MAX_LENGTH), "x".repeat(20_000));
    let whole = format!("/a?{fitting}");
    assert_eq!(kept(&whole), (whole.clone(), false));
    for (value, address) in [
        (format!("/a?{long}"), "/a"),
        (format!("/a?{}", "ä".repeat(600)), "/a"),
        (format!("/a?b#{long}"), "/a?b"),
        (format!("/a?{endless}"), "/a"),
        (format!("/{long}?b"), "/"),
    ] {
        assert_eq!(kept(&value), (address.to_owned(), true));
    }
    for other in [
        format!("//evil.test/?{long}"),
        format!("//evil.test/?{endless}"),
    ] {
        assert_eq!(kept(&other), ("/".to_owned(), false));
    }
}

#[test]
fn a_fragment_stays_a_fragment() {
    let with = |fragment: &str| {
        let address = base().return_to("/a?b=c");
        base().with_fragment(&address, fragment).as_str().to_owned()
    };
    assert_eq!(with("section"), "/a?b=c#section");
    assert_eq!(with("#/route?x=1"), "/a?b=c#/route?x=1");
    assert_eq!(with("//evil.test"), "/a?b=c#//evil.test");
    assert_eq!(with("a#b%20<\""), "/a?b=c#a#b%20%3C%22");
    assert_eq!(with(""), "/a?b=c");
    assert_eq!(with(&"x".repeat(2000)), "/a?b=c");
    for refused in ["\r\nX-Injected: yes", "\0", "a b", "\\evil.test"] {
        assert_eq!(with(refused), "/a?b=c", "{refused:?}");
    }
}

#[test]
fn only_absolute_addresses_on_this_origin_become_local() {
    let local = |address: &str| base().kept_of_absolute(address).address.to_string();
    assert_eq!(local("https://app.example.test/a?b#c"), "/a?b#c");
    for other in [
        "https://app.example.test",
        "https://app.example.test.evil.test/a",
        "https://app.example.test@evil.test/a",
        "https://app.example.test:444/a",
        "https://app.example.test//evil.test",
        "http://app.example.test/a",
        "https://evil.test/a",
        "/a",
        "",
    ] {
        assert_eq!(local(other), "/", "{other}");
    }
}

#[test]
fn stays_below_the_base_path() {
    let base = BaseUrl::parse("https://example.test/portal/").unwrap();
    assert_eq!(base.external("/a?b").as_str(), "/portal/a?b");
    assert_eq!(base.return_to("/portal/a").as_str(), "/portal/a");
    assert_eq!(base.return_to("/other").as_str(), "/portal/");
    assert_eq!(base.return_to("/portalevil").as_str(), "/portal/");
    assert_eq!(
        base.join("/auth/redirect"),
        "https://example.test/portal/auth/redirect"
    );
}

proptest! {
    /// For every value, a browser that follows the result stays on the origin.
    #[test]
    fn never_leaves_the_origin(value in "[/\\\\.%a-z?#@:;\\t\\n\\r\\x00 。／]{0,24}|\\PC{0,40}") {
        let base = base();
        let address = base.return_to(&value);
        prop_assert!(address.as_str().starts_with('/'));
        prop_assert!(address.as_str().bytes().all(|b| (0x21..0x7f).contains(&b)));
        let landed = Url::parse("https://app.example.test/auth/redirect").unwrap()
            .join(address.as_str()).unwrap();
        prop_assert_eq!(landed.origin().ascii_serialization(), base.origin());
        // What was checked once passes unchanged the second time.
        let again = base.return_to(address.as_str());
        prop_assert_eq!(again.as_str(), address.as_str());
    }
}

use super::*;

fn parse(json: &[u8]) -> Result<RawClaims<'_>, Rejection> {
    RawClaims::parse(json, RolesClaim::standard())
}

fn rejection(json: &str) -> Rejection {
    parse(json.as_bytes()).err().unwrap()
}

#[test]
fn doubled_claims_are_refused_also_in_another_case() {
    for json in [
        r#"{"tid":"a","tid":"a"}"#,
        r#"{"tid":"a","TID":"b"}"#,
        r#"{"TID":"b","tid":"a"}"#,
        r#"{"Exp":1,"exp":2}"#,
        r#"{"custom":1,"custom":2}"#,
        r#"{"ti\u0064":"a","tid":"b"}"#,
    ] {
        assert_eq!(
            rejection(json),
            Rejection::new(Code::Claims, Reason::Duplicate),
            "{json}"
        );
    }
}

#[test]
fn custom_claims_may_differ_in_case_and_another_case_is_not_the_claim() {
    assert!(parse(br#"{"custom":1,"Custom":2}"#).is_ok());
    assert!(parse(br#"{"email":"a","Email":"b"}"#).is_ok());
    let mut claims = parse(br#"{"TID":"a"}"#).unwrap();
    assert!(claims.take(KnownClaim::Tid).is_none());
}

#[test]
fn r91_a_claim_of_roles_that_comes_twice_in_any_case_is_refused() {
    let roles = RolesClaim::parse("realm_access.roles,Groups").unwrap();
    let parse = |json: &'static str| RawClaims::parse(json.as_bytes(), &roles);
    for json in [
        r#"{"realm_access":{},"realm_access":{}}"#,
        r#"{"realm_access":{},"Realm_Access":{}}"#,
        r#"{"realm_access":{"roles":[],"roles":["Admin"]}}"#,
        r#"{"realm_access":{"x":{"y":1,"y":2}}}"#,
        r#"{"realm_access.roles":[],"REALM_ACCESS.roles":[]}"#,
        r#"{"Groups":[],"groups":["Admin"]}"#,
    ] {
        assert_eq!(parse(json).err().unwrap().code, Code::Claims, "{json}");
    }
    let raw = parse(r#"{"realm_access":{"roles":[]},"Groups":null,"other":{"a":1,"a":2}}"#);
    let raw = raw.ok().unwrap();
    assert!(raw.named("realm_access").is_some() && raw.named("other").is_none());
    assert!(raw.named("Groups").is_none(), "null is absence");
}

#[test]
fn what_is_no_object_is_refused() {
    for json in [
        "",
        "[]",
        "1",
        "null",
        "{} x",
        "{}{}",
        "{\"a\":1",
        "{\"a\":1e999}",
    ] {
        assert_eq!(rejection(json).code, Code::Claims, "{json}");
    }
    assert!(parse(b"{\"a\":\"\xff\"}").is_err());
}

#[test]
fn too_many_claims_and_deep_nesting_are_refused() {
    let many: Vec<String> = (0..257).map(|at| format!(r#""c{at}":1"#)).collect();
    assert!(parse(format!("{{{}}}", many.join(",")).as_bytes()).is_err());
    for deep in ["[".repeat(8000), "{\"a\":".repeat(3000)] {
        assert!(parse(format!("{{\"x\":{deep}").as_bytes()).is_err());
    }
    let balanced = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    assert!(parse(balanced.as_bytes()).is_err());
}

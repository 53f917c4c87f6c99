use super::*;

fn parse(json: &str) -> Result<Header, Rejection> {
    Header::parse(json.as_bytes(), TokenKind::Id, SigningAlgorithms::default())
}

fn code(json: &str) -> Code {
    parse(json).unwrap_err().code
}

#[test]
fn a_plain_header_is_accepted_and_embedded_keys_are_ignored() {
    let header = parse(
        r#"{"typ":"JWT","alg":"RS256","kid":"k1","x5t":"k1","jwk":{"kty":"oct","k":"AA"},"jku":"https://evil.test"}"#,
    )
    .unwrap();
    assert_eq!(header.kid.as_deref(), Some("k1"));
    assert_eq!(header.algorithm, Algorithm::RS256);
}

#[test]
fn other_algorithms_are_refused() {
    for alg in [
        r#""none""#,
        r#""None""#,
        r#""NONE""#,
        r#""""#,
        r#""HS256""#,
        r#""RS384""#,
        r#""PS256""#,
        r#""ES256""#,
        r#""rs256""#,
        "5",
        "null",
        r#"["RS256"]"#,
    ] {
        assert_eq!(
            code(&format!(r#"{{"alg":{alg},"kid":"k"}}"#)),
            Code::Algorithm,
            "{alg}"
        );
    }
    assert_eq!(code(r#"{"kid":"k"}"#), Code::Algorithm);
}

#[test]
fn critical_extensions_and_unencoded_payloads_are_refused() {
    for extra in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""b64":false"#,
        r#""b64":true"#,
    ] {
        assert_eq!(
            code(&format!(r#"{{"alg":"RS256",{extra}}}"#)),
            Code::Critical,
            "{extra}"
        );
    }
}

#[test]
fn headers_of_encrypted_and_nested_tokens_are_refused() {
    for extra in [r#""enc":"A128GCM""#, r#""zip":"DEF""#, r#""cty":"JWT""#] {
        assert_eq!(
            code(&format!(r#"{{"alg":"RS256",{extra}}}"#)),
            Code::Type,
            "{extra}"
        );
    }
}

#[test]
fn the_names_of_other_kinds_are_refused() {
    for typ in [r#""at+jwt""#, r#""logout+jwt""#, r#""JOSE""#, r#""""#] {
        assert_eq!(
            code(&format!(r#"{{"alg":"RS256","typ":{typ}}}"#)),
            Code::Type,
            "{typ}"
        );
    }
    assert_eq!(code(r#"{"alg":"RS256","typ":5}"#), Code::Header);
}

#[test]
fn doubled_members_are_refused() {
    for json in [
        r#"{"alg":"RS256","alg":"RS256"}"#,
        r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"RS256","x":1,"x":2}"#,
        r#"{"alg":"RS256","\u0061lg":"RS256"}"#,
    ] {
        assert_eq!(
            parse(json).unwrap_err(),
            Rejection::new(Code::Header, Reason::Duplicate)
        );
    }
}

#[test]
fn key_ids_that_are_no_text_or_too_long_are_refused() {
    assert_eq!(code(r#"{"alg":"RS256","kid":5}"#), Code::KeyId);
    assert_eq!(code(r#"{"alg":"RS256","kid":null}"#), Code::KeyId);
    let sized = |size| format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(size));
    assert_eq!(code(&sized(257)), Code::KeyId);
    assert!(parse(&sized(256)).is_ok());
}

#[test]
fn what_is_no_json_object_is_refused() {
    for json in ["", "[]", "\"x\"", "{}x", "{\"alg\":\"RS256\"} {}", "null"] {
        assert_eq!(code(json), Code::Header, "{json}");
    }
    let invalid = Header::parse(
        b"{\"alg\":\"RS256\",\"x\":\"\xff\"}",
        TokenKind::Id,
        SigningAlgorithms::default(),
    );
    assert_eq!(invalid.unwrap_err().code, Code::Header);
}

#[test]
fn nesting_deeper_than_the_recursion_limit_is_refused() {
    let json = format!(
        r#"{{"alg":"RS256","x":{}1{}}}"#,
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert_eq!(code(&json), Code::Header);
}

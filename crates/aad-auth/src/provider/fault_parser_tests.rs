use proptest::prelude::*;

use super::*;

const ENTRA: &str = r#"{"error":"invalid_grant",
    "error_description":"AADSTS70008: canary-text. Trace ID: 1-a Correlation ID: 2-b",
    "error_codes":[70008],"timestamp":"2026-01-31 09:00:00Z",
    "trace_id":"11111111-1111-1111-1111-111111111111",
    "correlation_id":"22222222-2222-2222-2222-222222222222",
    "error_uri":"https://login.microsoftonline.com/error?code=70008",
    "suberror":"bad_token","claims":"{\"access_token\":{\"acrs\":{\"value\":\"c1\"}}}"}"#;

fn json(body: &str) -> Option<Fault> {
    Fault::from_json(body.as_bytes())
}

#[test]
fn what_is_no_error_body_is_refused() {
    for body in [
        "",
        "null",
        "[]",
        "\"invalid_grant\"",
        "<html>502</html>",
        "{}",
        r#"{"error":null}"#,
        r#"{"error":5}"#,
        r#"{"error":{"code":"x"}}"#,
        r#"{"error":"x""#,
        "\0",
    ] {
        assert_eq!(json(body), None, "{body}");
    }
    let deep = format!(r#"{{"error":"x","a":{}}}"#, "[".repeat(10_000));
    assert_eq!(json(&deep), None);
    let large = format!(r#"{{"error":"x","a":"{}"}}"#, "a".repeat(MAX_BODY));
    assert_eq!(json(&large), None);
}

#[test]
fn what_is_no_word_is_dropped() {
    let fault = json(
        r#"{"error":"<b>x</b>","suberror":"a\r\nb","trace_id":"x y","correlation_id":7,
            "claims":"[1]","error_codes":["x",-1,1e9,{},4294967296]}"#,
    )
    .unwrap();
    assert_eq!(fault.to_string(), "unrecognised_error");
    assert_eq!(fault.claims(), None);
    assert!(fault.codes().is_empty());
}

#[test]
fn long_words_and_further_numbers_are_dropped() {
    let word = "a".repeat(MAX_CODE + 1);
    let many = "AADSTS1 AADSTS2 AADSTS3 AADSTS4 AADSTS5 AADSTS6 AADSTS7 AADSTS8 AADSTS9";
    let sentence = format!(r#"{{"error":"{word}","error_description":"{many}"}}"#);
    let listed = r#"{"error":"x","error_codes":[1,2,3,4,5,6,7,8,9]}"#;
    let fault = json(&sentence).unwrap();
    assert_eq!(fault.error(), UNRECOGNISED);
    assert_eq!(fault.codes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(json(listed).unwrap().codes(), fault.codes());
    let longest = json(&format!(r#"{{"error":"{}"}}"#, &word[1..])).unwrap();
    assert_eq!(longest.error(), &word[1..]);
}

#[test]
fn an_error_body_of_entra_is_read_without_its_sentence() {
    let fault = json(ENTRA).unwrap();
    assert_eq!(
        fault.to_string(),
        "invalid_grant AADSTS70008 suberror=bad_token \
         trace_id=11111111-1111-1111-1111-111111111111 \
         correlation_id=22222222-2222-2222-2222-222222222222"
    );
    assert!(fault.claims().unwrap().contains("acrs"));
    assert!(!format!("{fault:?}").contains("canary"));
    assert!(fault.needs_interaction() && !fault.needs_consent());
}

#[test]
fn numbers_as_texts_and_numbers_in_the_sentence_are_read() {
    let texts = json(r#"{"error":"invalid_client","error_codes":["7000215",70002]}"#).unwrap();
    assert_eq!(texts.codes(), [7_000_215, 70_002]);
    assert!(texts.refuses_credential());
    let sentence = json(
        r#"{"error":"invalid_grant",
            "error_description":"AADSTS54005: x (AADSTS70000, AADSTS54005) AADSTSx"}"#,
    )
    .unwrap();
    assert_eq!(sentence.codes(), [54_005, 70_000]);
}

#[test]
fn redirect_parameters_are_read() {
    let description = "AADSTS65004: canary\r\nTrace ID: 1234-ab\r\nCorrelation ID: 5678-cd\r\n\
                       Timestamp: 2026-01-31 09:00:00Z";
    let fault = Fault::from_parameters([
        ("state", "x"),
        ("error", "access_denied"),
        ("error_subcode", "cancel"),
        ("error_description", description),
        ("error", "second"),
    ])
    .unwrap();
    assert_eq!(
        fault.to_string(),
        "access_denied AADSTS65004 subcode=cancel trace_id=1234-ab correlation_id=5678-cd"
    );
    assert!(fault.is_declined());
    assert_eq!(Fault::from_parameters([("code", "x")]), None);
}

#[test]
fn a_user_flow_number_is_kept_apart() {
    let fault = Fault::from_parameters([
        ("error", "access_denied"),
        ("error_description", "AADB2C90118: forgotten password"),
    ])
    .unwrap();
    assert_eq!(fault.user_flow_code(), Some(90_118));
    assert!(fault.codes().is_empty());
}

#[test]
fn reactions_follow_error_and_suberror() {
    let by = |error: &str, suberror: &str| {
        json(&format!(r#"{{"error":"{error}","suberror":"{suberror}"}}"#)).unwrap()
    };
    assert!(by("interaction_required", "").needs_interaction());
    assert!(by("invalid_grant", "consent_required").needs_consent());
    assert!(!by("invalid_grant", "token_expired").needs_interaction());
    assert!(by("temporarily_unavailable", "").is_transient());
    assert!(!by("invalid_grant", "").refuses_credential());
}

#[test]
fn r46_cancelling_is_known_in_the_words_of_each_provider() {
    for (word, cancelled) in [
        ("access_denied", true),
        ("user_cancelled_authorize", true),
        ("user_cancelled_login", true),
        ("user_cancelled", false),
        ("invalid_request", false),
    ] {
        let fault = Fault::from_parameters([("error", word)]).unwrap();
        assert_eq!(fault.is_declined(), cancelled, "{word}");
    }
}

#[test]
fn r43_a_refused_credential_is_known_in_the_words_of_each_provider() {
    for (body, refused) in [
        (r#"{"error":"invalid_client"}"#, true),
        (r#"{"ok":false,"error":"bad_client_secret"}"#, true),
        (r#"{"error":"invalid_client_id"}"#, true),
        (r#"{"error":"unauthorized_client"}"#, true),
        (
            r#"{"error":"unauthorized_client","error_codes":[700016]}"#,
            false,
        ),
        (
            r#"{"error":"unauthorized_client","error_description":"AADB2C90057: x"}"#,
            false,
        ),
        (r#"{"ok":false,"error":"invalid_code"}"#, false),
        (r#"{"error":"access_denied"}"#, false),
        (r#"{"error":"invalid_request"}"#, false),
    ] {
        assert_eq!(json(body).unwrap().refuses_credential(), refused, "{body}");
    }
}

proptest! {
    #[test]
    fn nothing_a_provider_writes_panics_or_leaves_the_bounds(
        body in prop::collection::vec(any::<u8>(), 0..300),
        texts in prop::collection::vec("\\PC{0,80}|AADSTS[0-9]{0,12}.{0,9}|Trace ID: .{0,70}", 6),
        codes in prop::collection::vec(any::<i64>(), 0..20),
    ) {
        let members = serde_json::json!({
            "error": texts[0], "error_description": texts.concat(), "suberror": texts[1],
            "trace_id": texts[2], "correlation_id": texts[3], "claims": texts[4],
            "error_subcode": texts[5], "error_codes": codes,
        });
        let pairs = [("error", texts[0].as_str()), ("error_description", texts[1].as_str())];
        for fault in [
            Fault::from_json(&body),
            json(&members.to_string()),
            Fault::from_parameters(pairs),
        ]
        .into_iter()
        .flatten()
        {
            let line = fault.to_string();
            prop_assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert!(line.len() < 600 && fault.codes().len() <= MAX_CODES);
            crate::provider::catalogue::advise(&fault);
        }
    }
}

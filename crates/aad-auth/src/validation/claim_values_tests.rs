use crate::validation::{
    Claims, Code, Groups, Rejection, TokenKind,
    test_claims::{at_entra, read_claims},
};

fn parse(json: &str) -> Result<Claims, Rejection> {
    read_claims(json, at_entra(TokenKind::Access))
}

#[test]
fn rights_in_a_wrong_type_grant_nothing() {
    for roles_text in [
        "\"Admin\"",
        "5",
        "null",
        "{\"a\":1}",
        "[\"Admin\",5]",
        "[[\"Admin\"]]",
    ] {
        let json = format!(r#"{{"roles":{roles_text},"groups":{roles_text},"wids":{roles_text}}}"#);
        let claims = parse(&json).unwrap();
        let roles = claims.roles.listed();
        assert!(roles.is_empty() && claims.wids.is_empty(), "{json}");
        // Neither does it tell that a role is not there.
        assert_eq!(claims.roles.is_incomplete(), roles_text != "null", "{json}");
        let groups = match roles_text {
            "null" => Groups::Absent,
            _ => Groups::Unreadable,
        };
        assert_eq!(claims.groups, groups, "{json}");
    }
}

#[test]
fn overage_is_neither_no_groups_nor_all() {
    for json in [
        r#"{"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://evil.test"}}}"#,
        r#"{"hasgroups":true}"#,
        r#"{"hasgroups":"true","groups":["a"]}"#,
    ] {
        let claims = parse(json).unwrap();
        assert!(
            claims.groups.is_overage() && claims.groups.listed().is_empty(),
            "{json}"
        );
    }
}

#[test]
fn empty_and_blank_audiences_are_refused() {
    for aud in ["[]", "\"\"", "\" \"", "[\"a\",\"\"]", "[\"a\",5]"] {
        let rejection = parse(&format!(r#"{{"aud":{aud}}}"#)).err().unwrap();
        assert_eq!(rejection.code, Code::Audience, "{aud}");
    }
}

#[test]
fn identifiers_out_of_form_are_refused() {
    let long = format!("\"{}\"", "x".repeat(300));
    for (claim, values) in [
        (
            "tid",
            [
                "\"\"",
                "\"common\"",
                &long,
                "\"F645AD92-E38D-4D1A-B510-D1B09A74A8CA\"",
            ],
        ),
        ("oid", ["\"\"", "\" \"", &long, "\"a\\nb\""]),
        ("sub", ["\"\"", "\" \"", &long, "\"é\""]),
    ] {
        for value in values {
            assert!(
                parse(&format!(r#"{{"{claim}":{value}}}"#)).is_err(),
                "{claim} {value}"
            );
        }
    }
}

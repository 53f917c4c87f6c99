use super::*;
use crate::validation::Groups;

const ID: Reading = Reading {
    kind: TokenKind::Id,
    provider: ProviderKind::Entra,
};
const ACCESS: Reading = Reading {
    kind: TokenKind::Access,
    provider: ProviderKind::Entra,
};
const LOGOUT: Reading = Reading {
    kind: TokenKind::Logout,
    provider: ProviderKind::Entra,
};

const fn elsewhere(reading: Reading) -> Reading {
    Reading {
        provider: ProviderKind::Generic,
        ..reading
    }
}

const fn at_user_flow(reading: Reading) -> Reading {
    Reading {
        provider: ProviderKind::UserFlow,
        ..reading
    }
}

fn parse(json: &str) -> Result<Claims, Rejection> {
    Claims::parse(json.as_bytes(), ACCESS)
}

/// Claims that a rule reads in tokens of every kind and provider.
const ALWAYS: [&str; 9] = [
    "iss", "sub", "aud", "exp", "nbf", "iat", "nonce", "azp", "at_hash",
];

#[test]
fn claims_that_a_rule_reads_are_refused_in_every_wrong_type() {
    let with = |more: &[&'static str]| [&ALWAYS[..], more].concat();
    let access = [
        "tid",
        "oid",
        "ver",
        "appid",
        "client_id",
        "idtyp",
        "scp",
        "scope",
    ];
    for (reading, claims) in [
        (ID, with(&["tid", "oid", "ver"])),
        (ACCESS, with(&access)),
        (LOGOUT, with(&["tid", "oid", "ver", "jti", "sid"])),
        (elsewhere(ID), with(&[])),
        (elsewhere(ACCESS), with(&["client_id", "scp", "scope"])),
        (elsewhere(LOGOUT), with(&["jti", "sid"])),
    ] {
        for claim in claims {
            for value in ["true", "{}", "[[]]", "[5]"] {
                let json = format!(r#"{{"{claim}":{value}}}"#);
                let rejection = Claims::parse(json.as_bytes(), reading).err().unwrap();
                assert_eq!(rejection.reason, Reason::Malformed, "{reading:?} {json}");
            }
        }
    }
    assert!(parse(r#"{"exp":"99999999999"}"#).is_err());
    assert!(parse(r#"{"iss":["https://a"]}"#).is_err());
}

#[test]
fn claims_that_no_rule_reads_refuse_nothing_and_count_as_absent() {
    let private = ["tid", "oid", "ver", "appid", "idtyp"];
    let shown = [
        "auth_time",
        "acr",
        "acrs",
        "name",
        "email",
        "preferred_username",
        "roles",
        "groups",
        "wids",
        "acct",
        "login_hint",
        "tfp",
        "azpacr",
        "xms_cc",
        "hasgroups",
        "amr",
    ];
    for (reading, claims) in [
        (
            ID,
            &["appid", "idtyp", "scp", "scope", "client_id", "jti", "sid"][..],
        ),
        (elsewhere(ID), &private[..]),
        (elsewhere(ID), &["scp", "scope", "client_id", "jti", "sid"]),
        (elsewhere(ACCESS), &private),
        (elsewhere(ACCESS), &["jti", "sid"]),
        (elsewhere(LOGOUT), &private),
        (ID, &shown),
        (ACCESS, &shown),
        (elsewhere(ID), &shown),
    ] {
        for claim in claims {
            for value in ["1", "true", "{}", "[[]]", "[5]", "[\"a\"]", "\"x\"", "null"] {
                let json = format!(r#"{{"{claim}":{value}}}"#);
                let claims = Claims::parse(json.as_bytes(), reading);
                assert!(claims.is_ok(), "{reading:?} {json}");
            }
        }
    }
    let tid = "aaaaaaaa-0000-4000-8000-000000000041";
    let private = format!(
        r#"{{"sub":"s","oid":"s","appid":"s","idtyp":"app","ver":"2.0","tid":"{tid}","azp":"z"}}"#
    );
    for (reading, oid) in [(elsewhere(ACCESS), false), (at_user_flow(ACCESS), true)] {
        let claims = Claims::parse(private.as_bytes(), reading).unwrap();
        assert!(claims.appid.is_none() && claims.idtyp.is_none() && claims.ver.is_none());
        assert_eq!(claims.oid.is_some(), oid);
        assert!(claims.tid.is_some(), "for the issuer of a key");
    }
    let user = Claims::parse(private.as_bytes(), elsewhere(ACCESS)).unwrap();
    assert!(
        !user.is_application(),
        "an attribute makes no application of a user"
    );
    let generic = br#"{"tid":"acme","oid":7,"ver":1,"scope":["openid"],"roles":"Admin"}"#;
    let claims = Claims::parse(generic, elsewhere(ID)).unwrap();
    assert!(claims.tid.is_none() && claims.oid.is_none() && claims.ver.is_none());
    assert!(claims.roles.is_none());
}

#[test]
fn null_is_absence() {
    for claim in ALWAYS
        .into_iter()
        .chain(["tid", "oid", "ver", "scp", "events", "groups"])
    {
        let json = format!(r#"{{"{claim}":null}}"#);
        let claims = parse(&json).unwrap();
        let absent = claims.exp.is_none() && claims.nonce.is_none() && claims.aud.is_empty();
        assert!(absent && claims.logout_event.is_none() && claims.sub.is_none());
    }
}

#[test]
fn scopes_are_a_text_or_an_array_of_texts() {
    let scopes = |json: &str| parse(json).map(|claims| claims.scopes);
    let two = Some("a b".into());
    for json in [
        r#"{"scp":"a b"}"#,
        r#"{"scp":["a","b"]}"#,
        r#"{"scope":["a","b"]}"#,
    ] {
        assert_eq!(scopes(json).unwrap(), two, "{json}");
    }
    assert_eq!(scopes(r#"{"scope":[]}"#).unwrap(), Some("".into()));
    for json in [
        r#"{"scp":["a b"]}"#,
        r#"{"scope":["a",""]}"#,
        r#"{"scp":["a",5]}"#,
        r#"{"scp":{"a":true}}"#,
    ] {
        assert_eq!(scopes(json).err().unwrap().code, Code::Scope, "{json}");
    }
}

#[test]
fn b2cs_text_for_everybody_is_no_subject() {
    let oid = "aaaaaaaa-0000-4000-8000-000000000041";
    for text in [
        "Not supported currently. Use oid claim.",
        "not supported currently. use oid claim",
        " Not  supported currently.",
        "Not supported currently: use the oid claim instead.",
    ] {
        for reading in [ID, ACCESS, LOGOUT].map(at_user_flow) {
            let json = format!(r#"{{"sub":"{text}","oid":"{oid}"}}"#);
            let claims = Claims::parse(json.as_bytes(), reading).unwrap();
            assert_eq!(claims.sub.unwrap().as_str(), oid, "{text}");
            assert!(claims.placeholder_subject);
            let without = format!(r#"{{"sub":"{text}"}}"#);
            let claims = Claims::parse(without.as_bytes(), reading).unwrap();
            assert!(claims.sub.is_none() && claims.placeholder_subject, "{text}");
        }
    }
    let text = "Not supported currently. Use oid claim.";
    for reading in [ID, ACCESS, elsewhere(ID), elsewhere(ACCESS)] {
        let json = format!(r#"{{"sub":"{text}","oid":"{oid}"}}"#);
        let claims = Claims::parse(json.as_bytes(), reading).unwrap();
        assert!(
            claims.sub.is_none() && claims.placeholder_subject,
            "{reading:?}"
        );
    }
    let other = parse(r#"{"sub":"not-supported","oid":"o"}"#).unwrap();
    assert_eq!(other.sub.unwrap().as_str(), "not-supported");
    assert!(!other.placeholder_subject);
}

#[test]
fn claims_that_are_shown_count_as_absent_in_a_wrong_type() {
    let claims = parse(r#"{"name":5,"preferred_username":null,"email":["a"],"acr":1}"#).unwrap();
    assert!(claims.name.is_none() && claims.email.is_none() && claims.acr.is_none());
}

#[test]
fn rights_in_a_wrong_type_grant_nothing() {
    for roles in [
        "\"Admin\"",
        "5",
        "null",
        "{\"a\":1}",
        "[\"Admin\",5]",
        "[[\"Admin\"]]",
    ] {
        let json = format!(r#"{{"roles":{roles},"groups":{roles},"wids":{roles}}}"#);
        let claims = parse(&json).unwrap();
        assert!(claims.roles.is_none() && claims.wids.is_empty(), "{json}");
        assert_eq!(claims.groups, Groups::Absent, "{json}");
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

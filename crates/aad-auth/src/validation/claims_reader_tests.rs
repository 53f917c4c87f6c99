use super::*;
use crate::validation::test_claims::{at_entra, at_provider, read_claims};

const ID: ClaimsContext<'_> = at_entra(TokenKind::Id);
const ACCESS: ClaimsContext<'_> = at_entra(TokenKind::Access);
const LOGOUT: ClaimsContext<'_> = at_entra(TokenKind::Logout);

const fn elsewhere(context: ClaimsContext<'_>) -> ClaimsContext<'_> {
    at_provider(context, ProviderKind::Generic)
}

const fn at_user_flow(context: ClaimsContext<'_>) -> ClaimsContext<'_> {
    at_provider(context, ProviderKind::UserFlow)
}

fn parse(json: &str) -> Result<Claims, Rejection> {
    read_claims(json, ACCESS)
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
    for (context, claims) in [
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
                let rejection = read_claims(&json, context).err().unwrap();
                assert_eq!(rejection.reason, Reason::Malformed, "{context:?} {json}");
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
    for (context, claims) in [
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
                let claims = read_claims(&json, context);
                assert!(claims.is_ok(), "{context:?} {json}");
            }
        }
    }
    let tid = "aaaaaaaa-0000-4000-8000-000000000041";
    let private = format!(
        r#"{{"sub":"s","oid":"s","appid":"s","idtyp":"app","ver":"2.0","tid":"{tid}","azp":"z"}}"#
    );
    for (context, oid) in [(elsewhere(ACCESS), false), (at_user_flow(ACCESS), true)] {
        let claims = read_claims(&private, context).unwrap();
        assert!(claims.appid.is_none() && claims.idtyp.is_none() && claims.ver.is_none());
        assert_eq!(claims.oid.is_some(), oid);
        assert!(claims.tid.is_some(), "for the issuer of a key");
    }
    let user = read_claims(&private, elsewhere(ACCESS)).unwrap();
    assert!(
        !user.is_application(),
        "an attribute makes no application of a user"
    );
    let generic = r#"{"tid":"acme","oid":7,"ver":1,"scope":["openid"],"roles":"Admin"}"#;
    let claims = read_claims(generic, elsewhere(ID)).unwrap();
    assert!(claims.tid.is_none() && claims.oid.is_none() && claims.ver.is_none());
    assert_eq!(claims.roles.listed(), [Box::from("Admin")]);
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
        for context in [ID, ACCESS, LOGOUT].map(at_user_flow) {
            let json = format!(r#"{{"sub":"{text}","oid":"{oid}"}}"#);
            let claims = read_claims(&json, context).unwrap();
            assert_eq!(claims.sub.unwrap().as_str(), oid, "{text}");
            assert!(claims.placeholder_subject);
            let without = format!(r#"{{"sub":"{text}"}}"#);
            let claims = read_claims(&without, context).unwrap();
            assert!(claims.sub.is_none() && claims.placeholder_subject, "{text}");
        }
    }
    let text = "Not supported currently. Use oid claim.";
    for context in [ID, ACCESS, elsewhere(ID), elsewhere(ACCESS)] {
        let json = format!(r#"{{"sub":"{text}","oid":"{oid}"}}"#);
        let claims = read_claims(&json, context).unwrap();
        assert!(
            claims.sub.is_none() && claims.placeholder_subject,
            "{context:?}"
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
fn r92_a_confirmation_in_any_form_binds_to_a_key_and_null_is_none() {
    for cnf in [
        r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#,
        r#"{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}"#,
        r#"{"jwk":{"kty":"EC"}}"#,
        r#"{"kid":"k","xms_ksl":"sw"}"#,
        r#"{"jku":"https://keys.example","kid":"k"}"#,
        r#"{"jwe":"e"}"#,
        r#"{"another":1}"#,
        r#"{"jkt":null}"#,
        "{}",
        "[]",
        "\"\"",
        "\"jkt\"",
        "false",
        "0",
    ] {
        let json = format!(r#"{{"cnf":{cnf}}}"#);
        for context in [ACCESS, elsewhere(ACCESS), at_user_flow(ACCESS)] {
            let claims = read_claims(&json, context).unwrap();
            assert!(claims.bound_to_key, "{json}");
        }
    }
    for json in [
        "{}",
        r#"{"cnf":null}"#,
        r#"{"CNF":{"jkt":"x"}}"#,
        r#"{"act":{"cnf":{}}}"#,
    ] {
        assert!(!parse(json).unwrap().bound_to_key, "{json}");
    }
    assert!(
        parse(r#"{"cnf":null,"CNF":{"jkt":"x"}}"#).is_err(),
        "another reader may take it"
    );
}

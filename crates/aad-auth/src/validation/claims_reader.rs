//! From JSON to typed claims: wrong types are refused where a rule reads the claim, and count as
//! absent elsewhere. JSON `null` is absence.

use serde_json::Value;

use super::{
    Claims, Groups, NumericDate, Oid, Sub, Tid, TokenKind,
    json::Kept,
    raw_claims::{Known, RawClaims},
    rejection::{Code, Reason, Rejection},
};
use crate::{config::AuthorityKind, secret::Pii};

/// Whose token it is, and of which kind: decides which claims a rule reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The kind of token.
    pub kind: TokenKind,
    /// Whose token it is.
    pub provider: ProviderKind,
}

/// Which private claims a provider's tokens have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProviderKind {
    /// Entra ID and External ID: `tid`, `oid`, `ver`, `appid` and `idtyp` are read by rules.
    Entra,
    /// A user flow of Azure AD B2C: `tid` and `oid` count where they can be read.
    UserFlow,
    /// Any other: claims of these names mean something else, and are not read. An attribute that
    /// users choose may stand in one.
    Generic,
}

impl From<&AuthorityKind> for ProviderKind {
    fn from(authority: &AuthorityKind) -> Self {
        match authority {
            AuthorityKind::Entra { .. } => Self::Entra,
            AuthorityKind::UserFlow { .. } => Self::UserFlow,
            AuthorityKind::Generic { .. } => Self::Generic,
        }
    }
}

impl Claims {
    /// Reads a decoded payload.
    ///
    /// # Errors
    /// When it is ambiguous, or a claim that a rule reads has a wrong type: such a claim must never
    /// count as absent (abuse B11).
    pub fn parse(payload: &[u8], reading: Reading) -> Result<Self, Rejection> {
        let mut raw = RawClaims::parse(payload)?;
        let raw = &mut raw;
        let Reading { kind, provider } = reading;
        let directory_claims = provider == ProviderKind::Entra;
        drop_private_claims(raw, provider);
        let access = kind == TokenKind::Access;
        let logout = kind == TokenKind::Logout;
        let entra_access = access && directory_claims;
        let oid = typed_if(
            directory_claims,
            raw,
            Known::Oid,
            Code::ObjectId,
            Oid::parse,
        )?;
        let user_flow = provider == ProviderKind::UserFlow;
        let (sub, placeholder_subject) = subject(raw, oid.as_ref().filter(|_| user_flow))?;
        Ok(Self {
            iss: text(raw, Known::Iss, Code::Issuer)?,
            aud: audiences(raw)?,
            sub,
            placeholder_subject,
            tid: typed_if(directory_claims, raw, Known::Tid, Code::Tenant, Tid::parse)?,
            oid,
            exp: date(raw, Known::Exp, Code::Expiry)?,
            nbf: date(raw, Known::Nbf, Code::NotBefore)?,
            iat: date(raw, Known::Iat, Code::IssuedAt)?,
            // Without a moment `max_age` is refused: absence is never taken for a fresh one.
            auth_time: date(raw, Known::AuthTime, Code::AuthTime).unwrap_or_default(),
            jti: text_if(logout, raw, Known::Jti, Code::TokenId)?,
            ver: text_if(directory_claims, raw, Known::Ver, Code::Version)?,
            nonce: text(raw, Known::Nonce, Code::Nonce)?,
            azp: text(raw, Known::Azp, Code::AuthorizedParty)?,
            appid: text_if(entra_access, raw, Known::Appid, Code::AuthorizedParty)?,
            client_id: text_if(access, raw, Known::ClientId, Code::AuthorizedParty)?,
            azpacr: shown(raw, Known::Azpacr),
            at_hash: text(raw, Known::AtHash, Code::AccessTokenHash)?,
            c_hash: text(raw, Known::CHash, Code::CodeHash)?,
            idtyp: text_if(entra_access, raw, Known::Idtyp, Code::Claim)?,
            scopes: if access { scopes(raw)? } else { None },
            roles: texts(raw, Known::Roles).unwrap_or_default(),
            wids: texts(raw, Known::Wids).unwrap_or_default(),
            groups: groups(raw),
            acr: shown(raw, Known::Acr),
            acrs: texts(raw, Known::Acrs).unwrap_or_default(),
            xms_cc: texts(raw, Known::XmsCc).unwrap_or_default(),
            sid: text_if(logout, raw, Known::Sid, Code::Claim)?,
            login_hint: shown(raw, Known::LoginHint),
            tfp: shown(raw, Known::Tfp),
            name: shown(raw, Known::Name).map(Pii::new),
            preferred_username: shown(raw, Known::PreferredUsername).map(Pii::new),
            email: shown(raw, Known::Email).map(Pii::new),
            logout_event: raw.take(Known::Events).map(|events| {
                let event = events
                    .as_value()
                    .and_then(|events| events.get(LOGOUT_EVENT));
                event.is_some_and(Value::is_object)
            }),
        })
    }
}

/// Takes away the claims that mean something else at this provider.
fn drop_private_claims(raw: &mut RawClaims<'_>, provider: ProviderKind) {
    let private: &[Known] = match provider {
        ProviderKind::Entra => &[],
        ProviderKind::UserFlow => &[Known::Ver, Known::Appid, Known::Idtyp],
        ProviderKind::Generic => &[
            Known::Ver,
            Known::Appid,
            Known::Idtyp,
            Known::Tid,
            Known::Oid,
        ],
    };
    for claim in private {
        let _ = raw.take(*claim);
    }
}

/// `sub`. Azure AD B2C writes the same text for everybody where a user flow's "Subject (sub) claim"
/// is "Not supported"; its other setting writes the object id there, which is the subject then too,
/// so that a user keeps one key when the setting changes. Other providers get no `oid`: there it may
/// be the user's choice, and so may `sub`.
fn subject(raw: &mut RawClaims<'_>, oid: Option<&Oid>) -> Result<(Option<Sub>, bool), Rejection> {
    match raw.take(Known::Sub) {
        Some(Kept::Text(text)) if is_placeholder(&text) => {
            Ok((oid.and_then(|oid| Sub::parse(oid.as_str())), true))
        }
        kept => {
            let malformed = Rejection::new(Code::Subject, Reason::Malformed);
            let sub = kept
                .map(|kept| {
                    let text = kept.into_text();
                    text.and_then(|text| Sub::parse(&text)).ok_or(malformed)
                })
                .transpose()?;
            Ok((sub, false))
        }
    }
}

/// `Not supported currently. Use oid claim.`, however it is spaced, dotted or capitalised.
fn is_placeholder(sub: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let mut letters = sub
        .bytes()
        .filter(plain)
        .map(|byte| byte.to_ascii_lowercase());
    PLACEHOLDER.bytes().all(|byte| letters.next() == Some(byte))
}

const PLACEHOLDER: &str = "notsupportedcurrently";

fn typed<T>(
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|kept| {
            kept.into_text()
                .and_then(|text| parse(&text))
                .ok_or(malformed)
        })
        .transpose()
}

/// [`typed`] where a rule reads the claim; elsewhere a value that cannot be read counts as absent.
fn typed_if<T>(
    read_by_a_rule: bool,
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    match typed(raw, claim, code, parse) {
        Err(_) if !read_by_a_rule => Ok(None),
        outcome => outcome,
    }
}

fn text_if(
    read_by_a_rule: bool,
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
) -> Result<Option<Box<str>>, Rejection> {
    typed_if(read_by_a_rule, raw, claim, code, |text| Some(text.into()))
}

fn text(raw: &mut RawClaims<'_>, claim: Known, code: Code) -> Result<Option<Box<str>>, Rejection> {
    typed(raw, claim, code, |text| Some(text.into()))
}

fn date(
    raw: &mut RawClaims<'_>,
    claim: Known,
    code: Code,
) -> Result<Option<NumericDate>, Rejection> {
    let malformed = Rejection::new(code, Reason::Malformed);
    raw.take(claim)
        .map(|kept| {
            kept.as_value()
                .and_then(NumericDate::parse)
                .ok_or(malformed)
        })
        .transpose()
}

/// A text that is only shown; anything else counts as absent.
fn shown(raw: &mut RawClaims<'_>, claim: Known) -> Option<Box<str>> {
    let text = raw.take(claim)?.into_text()?;
    Some(text.into())
}

/// An array of texts; anything else, also an array with one other member, counts as absent.
fn texts(raw: &mut RawClaims<'_>, claim: Known) -> Option<Vec<Box<str>>> {
    let Some(Kept::Other(Value::Array(members))) = raw.take(claim) else {
        return None;
    };
    all_texts(members)
}

fn all_texts(members: Vec<Value>) -> Option<Vec<Box<str>>> {
    members
        .into_iter()
        .map(|member| match member {
            Value::String(text) => Some(text.into()),
            _ => None,
        })
        .collect()
}

/// RFC 7519 section 4.1.3: one text, or an array of them.
fn audiences(raw: &mut RawClaims<'_>) -> Result<Vec<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Audience, Reason::Malformed);
    let audiences = match raw.take(Known::Aud) {
        None => return Ok(Vec::new()),
        Some(Kept::Text(text)) => vec![text.into()],
        Some(Kept::Other(Value::Array(members))) => all_texts(members).ok_or(malformed)?,
        Some(Kept::Other(_)) => return Err(malformed),
    };
    let blank = |audience: &str| audience.trim().is_empty();
    if audiences.is_empty() || audiences.iter().any(|audience| blank(audience)) {
        return Err(malformed);
    }
    Ok(audiences)
}

/// Absent scopes would make a user's token look like an application's: a wrong type is refused. An
/// array of texts is one way to write them (RFC 9068 section 2.2.3 has the text, others the array).
fn scopes(raw: &mut RawClaims<'_>) -> Result<Option<Box<str>>, Rejection> {
    let scp = scopes_in(raw, Known::Scp)?;
    let scope = scopes_in(raw, Known::Scope)?;
    Ok(scp.or(scope))
}

fn scopes_in(raw: &mut RawClaims<'_>, claim: Known) -> Result<Option<Box<str>>, Rejection> {
    let malformed = Rejection::new(Code::Scope, Reason::Malformed);
    match raw.take(claim) {
        None => Ok(None),
        Some(Kept::Text(text)) => Ok(Some(text.into())),
        Some(Kept::Other(Value::Array(members))) => {
            let members = all_texts(members).ok_or(malformed)?;
            let blank = |scope: &str| scope.is_empty() || scope.contains(char::is_whitespace);
            if members.iter().any(|scope| blank(scope)) {
                return Err(malformed);
            }
            Ok(Some(members.join(" ").into()))
        }
        Some(Kept::Other(_)) => Err(malformed),
    }
}

fn groups(raw: &mut RawClaims<'_>) -> Groups {
    let in_source = raw.take(Known::ClaimNames).is_some_and(|names| {
        names
            .as_value()
            .is_some_and(|names| names.get("groups").is_some())
    });
    let too_many = raw
        .take(Known::Hasgroups)
        .is_some_and(|value| !matches!(value, Kept::Other(Value::Bool(false))));
    match texts(raw, Known::Groups) {
        _ if in_source || too_many => Groups::Overage,
        Some(groups) => Groups::Listed(groups),
        None => Groups::Absent,
    }
}

const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[cfg(test)]
mod tests {
    use super::*;

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
        for (reading, ids) in [(elsewhere(ACCESS), false), (at_user_flow(ACCESS), true)] {
            let claims = Claims::parse(private.as_bytes(), reading).unwrap();
            assert!(claims.appid.is_none() && claims.idtyp.is_none() && claims.ver.is_none());
            assert_eq!((claims.oid.is_some(), claims.tid.is_some()), (ids, ids));
        }
        let user = Claims::parse(private.as_bytes(), elsewhere(ACCESS)).unwrap();
        assert!(
            !user.is_application(),
            "an attribute makes no application of a user"
        );
        let generic = br#"{"tid":"acme","oid":7,"ver":1,"scope":["openid"],"roles":"Admin"}"#;
        let claims = Claims::parse(generic, elsewhere(ID)).unwrap();
        assert!(claims.tid.is_none() && claims.oid.is_none() && claims.ver.is_none());
        assert!(claims.roles.is_empty());
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
        let claims =
            parse(r#"{"name":5,"preferred_username":null,"email":["a"],"acr":1}"#).unwrap();
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
            assert!(claims.roles.is_empty() && claims.wids.is_empty(), "{json}");
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
}

//! From JSON to typed claims: wrong types are refused where a claim decides something, and count as
//! absent where it is only shown.

use serde_json::Value;

use super::{
    Claims, Groups, NumericDate, Oid, Sub, Tid,
    json::Kept,
    raw_claims::{Known, RawClaims},
    rejection::{Code, Reason, Rejection},
};
use crate::secret::Pii;

impl Claims {
    /// Reads a decoded payload.
    ///
    /// # Errors
    /// When it is ambiguous, or a claim that decides something has a wrong type: such a claim
    /// must never count as absent (abuse B11).
    pub fn parse(payload: &[u8]) -> Result<Self, Rejection> {
        let mut raw = RawClaims::parse(payload)?;
        let raw = &mut raw;
        Ok(Self {
            iss: text(raw, Known::Iss, Code::Issuer)?,
            aud: audiences(raw)?,
            sub: typed(raw, Known::Sub, Code::Subject, Sub::parse)?,
            tid: typed(raw, Known::Tid, Code::Tenant, Tid::parse)?,
            oid: typed(raw, Known::Oid, Code::ObjectId, Oid::parse)?,
            exp: date(raw, Known::Exp, Code::Expiry)?,
            nbf: date(raw, Known::Nbf, Code::NotBefore)?,
            iat: date(raw, Known::Iat, Code::IssuedAt)?,
            auth_time: date(raw, Known::AuthTime, Code::AuthTime)?,
            jti: text(raw, Known::Jti, Code::TokenId)?,
            ver: text(raw, Known::Ver, Code::Version)?,
            nonce: text(raw, Known::Nonce, Code::Nonce)?,
            azp: text(raw, Known::Azp, Code::AuthorizedParty)?,
            appid: text(raw, Known::Appid, Code::AuthorizedParty)?,
            client_id: text(raw, Known::ClientId, Code::AuthorizedParty)?,
            azpacr: shown(raw, Known::Azpacr),
            at_hash: text(raw, Known::AtHash, Code::AccessTokenHash)?,
            c_hash: text(raw, Known::CHash, Code::CodeHash)?,
            idtyp: text(raw, Known::Idtyp, Code::Claim)?,
            scopes: scopes(raw)?,
            roles: texts(raw, Known::Roles).unwrap_or_default(),
            wids: texts(raw, Known::Wids).unwrap_or_default(),
            groups: groups(raw),
            acr: shown(raw, Known::Acr),
            acrs: texts(raw, Known::Acrs).unwrap_or_default(),
            xms_cc: texts(raw, Known::XmsCc).unwrap_or_default(),
            sid: text(raw, Known::Sid, Code::Claim)?,
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

/// Absent scopes would make a user's token look like an application's: a wrong type is refused.
fn scopes(raw: &mut RawClaims<'_>) -> Result<Option<Box<str>>, Rejection> {
    let scp = text(raw, Known::Scp, Code::Scope)?;
    let scope = text(raw, Known::Scope, Code::Scope)?;
    Ok(scp.or(scope))
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

    fn parse(json: &str) -> Result<Claims, Rejection> {
        Claims::parse(json.as_bytes())
    }

    #[test]
    fn claims_that_decide_are_refused_in_every_wrong_type() {
        for claim in [
            "iss",
            "sub",
            "tid",
            "oid",
            "exp",
            "nbf",
            "iat",
            "auth_time",
            "jti",
            "ver",
            "nonce",
            "azp",
            "appid",
            "client_id",
            "at_hash",
            "c_hash",
            "idtyp",
            "scp",
            "scope",
            "sid",
            "aud",
        ] {
            for value in ["null", "true", "{}", "[[]]", "[5]"] {
                let json = format!(r#"{{"{claim}":{value}}}"#);
                assert_eq!(
                    parse(&json).err().unwrap().reason,
                    Reason::Malformed,
                    "{json}"
                );
            }
        }
        assert!(parse(r#"{"exp":"99999999999"}"#).is_err());
        assert!(parse(r#"{"iss":["https://a"]}"#).is_err());
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

//! Named wrong tokens: claims (rows B of the abuse catalogue, and A17, A18).

use serde_json::{Value, json};

use super::{MemberEdit, Mutation};

impl Mutation {
    /// A17: `oid` twice, the second one another user's.
    #[must_use]
    pub fn duplicate_oid() -> Self {
        Self::duplicate_claim("oid", "\"ffffffff-0000-4000-8000-00000000dead\"")
    }

    /// A18: the payload is an array.
    #[must_use]
    pub fn payload_not_an_object() -> Self {
        Self::payload(b"[1,2,3]")
    }

    /// A18: the payload is not UTF-8.
    #[must_use]
    pub fn payload_not_utf8() -> Self {
        Self::payload(b"{\"iss\":\"\xff\xfe\"}")
    }

    /// B1: any other issuer.
    #[must_use]
    pub fn issuer(value: impl Into<Value>) -> Self {
        Self::claim("iss", value)
    }

    /// B1: a slash behind the issuer.
    #[must_use]
    pub fn issuer_with_slash() -> Self {
        Self::claims(MemberEdit::Suffix("iss".to_owned(), "/".to_owned()))
    }

    /// B1: the issuer without its last characters.
    #[must_use]
    pub fn issuer_prefix() -> Self {
        Self::claims(MemberEdit::Chop("iss".to_owned(), 1))
    }

    /// B1: the issuer as an array.
    #[must_use]
    pub fn issuer_array() -> Self {
        Self::claims(MemberEdit::ToArray("iss".to_owned(), vec![]))
    }

    /// B1: the v1 form of the issuer in a v2 token.
    #[must_use]
    pub fn issuer_v1() -> Self {
        Self::claims(MemberEdit::Replace(
            "iss".to_owned(),
            "/v2.0".to_owned(),
            "/".to_owned(),
        ))
    }

    /// B2: the literal template `{tenantid}` in the issuer, given the emulator's origin.
    #[must_use]
    pub fn issuer_template(origin: &str) -> Self {
        Self::claim("iss", format!("{origin}/{{tenantid}}/v2.0"))
    }

    /// B3: `tid` of another tenant than the issuer's.
    #[must_use]
    pub fn tenant_mismatch() -> Self {
        Self::claim("tid", "ffffffff-0000-4000-8000-00000000beef")
    }

    /// B4: consistently of another tenant: `iss` and `tid` agree.
    #[must_use]
    pub fn of_tenant(origin: &str, tid: &str) -> Self {
        Self::claim("iss", format!("{origin}/{tid}/v2.0")).and(Self::claim("tid", tid))
    }

    /// B5: `tid`, `oid` or `sub` with any value (empty, null, a number, 300 characters).
    #[must_use]
    pub fn identity(name: &str, value: impl Into<Value>) -> Self {
        Self::claim(name, value)
    }

    /// B6: another audience (text, `[]`, a number).
    #[must_use]
    pub fn audience(value: impl Into<Value>) -> Self {
        Self::claim("aud", value)
    }

    /// B6: the audience without its last character.
    #[must_use]
    pub fn audience_prefix() -> Self {
        Self::claims(MemberEdit::Chop("aud".to_owned(), 1))
    }

    /// B7: the right audience and another one.
    #[must_use]
    pub fn audiences() -> Self {
        Self::claims(MemberEdit::ToArray(
            "aud".to_owned(),
            vec![json!("another-client")],
        ))
    }

    /// B7: the right audience alone in an array (to be accepted).
    #[must_use]
    pub fn audience_in_array() -> Self {
        Self::claims(MemberEdit::ToArray("aud".to_owned(), vec![]))
    }

    /// B7: `azp` names another client.
    #[must_use]
    pub fn azp(value: impl Into<Value>) -> Self {
        Self::claim("azp", value)
    }

    /// B8: another nonce.
    #[must_use]
    pub fn nonce(value: impl Into<Value>) -> Self {
        Self::claim("nonce", value)
    }

    /// B8: no nonce.
    #[must_use]
    pub fn without_nonce() -> Self {
        Self::without_claim("nonce")
    }

    /// B8: the nonce in capital letters.
    #[must_use]
    pub fn nonce_in_capitals() -> Self {
        Self::claims(MemberEdit::Upper("nonce".to_owned()))
    }

    /// B10: expired two hours ago.
    #[must_use]
    pub fn expired() -> Self {
        Self::shift_times(-4 * 3600)
    }

    /// B10: no `exp`.
    #[must_use]
    pub fn without_exp() -> Self {
        Self::without_claim("exp")
    }

    /// B10: `exp` of 10^400, which no number type holds.
    #[must_use]
    pub fn exp_out_of_range() -> Self {
        Self::raw_claim("exp", &format!("1{}", "0".repeat(400)))
    }

    /// B10, B11: a time as text (`exp`, `nbf`, `iat`).
    #[must_use]
    pub fn time_as_text(name: &str) -> Self {
        Self::claims(MemberEdit::ToText(name.to_owned()))
    }

    /// B12: valid from two hours ahead.
    #[must_use]
    pub fn not_yet_valid() -> Self {
        Self::shift_times(2 * 3600)
    }

    /// B12: issued years ago, but not expired.
    #[must_use]
    pub fn issued_years_ago() -> Self {
        let years = -5 * 365 * 24 * 3600;
        Self::shift("iat", years).and(Self::shift("nbf", years))
    }

    /// B14: times with a fraction (to be accepted).
    #[must_use]
    pub fn fractional_times(now: i64) -> Self {
        let time = |name: &str, seconds: i64| {
            Self::raw_claim(name, &format!("{}.5", now.saturating_add(seconds)))
        };
        time("iat", -1).and(time("nbf", -1)).and(time("exp", 3600))
    }

    /// B15: an `at_hash` that fits no access token.
    #[must_use]
    pub fn wrong_at_hash() -> Self {
        Self::claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")
    }

    /// B20: `roles` as one text, `groups` as a number.
    #[must_use]
    pub fn roles_as_text() -> Self {
        Self::claim("roles", "Admin").and(Self::claim("groups", 7))
    }

    /// B21: markup, line ends, NUL, bidirectional controls and 64 kB in the name.
    #[must_use]
    pub fn hostile_name() -> Self {
        let name = format!(
            "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b\0\u{202e}{}",
            "n".repeat(64 * 1024)
        );
        Self::claim("name", name)
    }

    /// B23: a token of about so many bytes.
    #[must_use]
    pub fn huge(bytes: usize) -> Self {
        Self::claims(MemberEdit::Grow("filler".to_owned(), bytes))
    }

    /// B23: a claim nested so deep.
    #[must_use]
    pub fn deep(depth: usize) -> Self {
        Self::claims(MemberEdit::Deepen("deep".to_owned(), depth))
    }

    /// B23: so many claims.
    #[must_use]
    pub fn many_claims(count: usize) -> Self {
        Self::claims(MemberEdit::Multiply(count))
    }
}

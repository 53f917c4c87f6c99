//! Named wrong tokens: claims.

use serde_json::{Value, json};

use super::{MemberEdit, Mutation};

impl Mutation {
    /// Adds a second `oid`, of another user.
    #[must_use]
    pub fn duplicate_oid() -> Self {
        Self::duplicate_claim("oid", "\"ffffffff-0000-4000-8000-00000000dead\"")
    }

    /// Replaces the payload by a JSON array.
    #[must_use]
    pub fn payload_not_an_object() -> Self {
        Self::payload(b"[1,2,3]")
    }

    /// Replaces the payload by bytes that are not UTF-8.
    #[must_use]
    pub fn payload_not_utf8() -> Self {
        Self::payload(b"{\"iss\":\"\xff\xfe\"}")
    }

    /// Sets the issuer to any value.
    #[must_use]
    pub fn issuer(value: impl Into<Value>) -> Self {
        Self::claim("iss", value)
    }

    /// Appends a slash to the issuer.
    #[must_use]
    pub fn issuer_with_slash() -> Self {
        Self::claims(MemberEdit::Suffix("iss".to_owned(), "/".to_owned()))
    }

    /// Removes the issuer's last character.
    #[must_use]
    pub fn issuer_prefix() -> Self {
        Self::claims(MemberEdit::Chop("iss".to_owned(), 1))
    }

    /// Puts the issuer into an array.
    #[must_use]
    pub fn issuer_array() -> Self {
        Self::claims(MemberEdit::ToArray("iss".to_owned(), vec![]))
    }

    /// Sets the v1 form of the issuer in a v2 token.
    #[must_use]
    pub fn issuer_v1() -> Self {
        Self::claims(MemberEdit::Replace(
            "iss".to_owned(),
            "/v2.0".to_owned(),
            "/".to_owned(),
        ))
    }

    /// Sets the issuer to the literal template `{origin}/{tenantid}/v2.0`.
    #[must_use]
    pub fn issuer_template(origin: &str) -> Self {
        Self::claim("iss", format!("{origin}/{{tenantid}}/v2.0"))
    }

    /// Sets `tid` to a tenant that is not the issuer's.
    #[must_use]
    pub fn tenant_mismatch() -> Self {
        Self::claim("tid", "ffffffff-0000-4000-8000-00000000beef")
    }

    /// Sets `iss` and `tid` to another tenant.
    #[must_use]
    pub fn of_tenant(origin: &str, tid: &str) -> Self {
        Self::claim("iss", format!("{origin}/{tid}/v2.0")).and(Self::claim("tid", tid))
    }

    /// Sets `tid`, `oid` or `sub` to any value (empty, null, a number, 300 characters).
    #[must_use]
    pub fn identity(name: &str, value: impl Into<Value>) -> Self {
        Self::claim(name, value)
    }

    /// Sets the audience to any value (text, `[]`, a number).
    #[must_use]
    pub fn audience(value: impl Into<Value>) -> Self {
        Self::claim("aud", value)
    }

    /// Removes the audience's last character.
    #[must_use]
    pub fn audience_prefix() -> Self {
        Self::claims(MemberEdit::Chop("aud".to_owned(), 1))
    }

    /// Adds a second audience.
    #[must_use]
    pub fn audiences() -> Self {
        Self::claims(MemberEdit::ToArray(
            "aud".to_owned(),
            vec![json!("another-client")],
        ))
    }

    /// Puts the audience into an array, which verifiers should accept.
    #[must_use]
    pub fn audience_in_array() -> Self {
        Self::claims(MemberEdit::ToArray("aud".to_owned(), vec![]))
    }

    /// Sets `azp`.
    #[must_use]
    pub fn azp(value: impl Into<Value>) -> Self {
        Self::claim("azp", value)
    }

    /// Sets the nonce.
    #[must_use]
    pub fn nonce(value: impl Into<Value>) -> Self {
        Self::claim("nonce", value)
    }

    /// Removes the nonce.
    #[must_use]
    pub fn without_nonce() -> Self {
        Self::without_claim("nonce")
    }

    /// Turns the nonce into upper case.
    #[must_use]
    pub fn nonce_in_capitals() -> Self {
        Self::claims(MemberEdit::Upper("nonce".to_owned()))
    }

    /// Moves all times four hours back, so that the token has expired.
    #[must_use]
    pub fn expired() -> Self {
        Self::shift_times(-4 * 3600)
    }

    /// Removes `exp`.
    #[must_use]
    pub fn without_exp() -> Self {
        Self::without_claim("exp")
    }

    /// Sets `exp` to 10^400, which no number type holds.
    #[must_use]
    pub fn exp_out_of_range() -> Self {
        Self::raw_claim("exp", &format!("1{}", "0".repeat(400)))
    }

    /// Turns a time (`exp`, `nbf`, `iat`) into text.
    #[must_use]
    pub fn time_as_text(name: &str) -> Self {
        Self::claims(MemberEdit::ToText(name.to_owned()))
    }

    /// Moves all times two hours ahead.
    #[must_use]
    pub fn not_yet_valid() -> Self {
        Self::shift_times(2 * 3600)
    }

    /// Moves `iat` and `nbf` five years back and keeps `exp`.
    #[must_use]
    pub fn issued_years_ago() -> Self {
        let years = -5 * 365 * 24 * 3600;
        Self::shift("iat", years).and(Self::shift("nbf", years))
    }

    /// Sets times with a fraction, which verifiers should accept; `now` is in seconds since the Unix epoch.
    #[must_use]
    pub fn fractional_times(now: i64) -> Self {
        let time = |name: &str, seconds: i64| {
            Self::raw_claim(name, &format!("{}.5", now.saturating_add(seconds)))
        };
        time("iat", -1).and(time("nbf", -1)).and(time("exp", 3600))
    }

    /// Sets an `at_hash` that fits no access token.
    #[must_use]
    pub fn wrong_at_hash() -> Self {
        Self::claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")
    }

    /// Sets `roles` to a text and `groups` to a number.
    #[must_use]
    pub fn roles_as_text() -> Self {
        Self::claim("roles", "Admin").and(Self::claim("groups", 7))
    }

    /// Sets a name of markup, line ends, NUL, bidirectional controls and 64 KiB of text.
    #[must_use]
    pub fn hostile_name() -> Self {
        let name = format!(
            "<img src=x onerror=alert(1)>\r\nSet-Cookie: a=b\0\u{202e}{}",
            "n".repeat(64 * 1024)
        );
        Self::claim("name", name)
    }

    /// Adds a claim of this number of bytes.
    #[must_use]
    pub fn huge(bytes: usize) -> Self {
        Self::claims(MemberEdit::Grow("filler".to_owned(), bytes))
    }

    /// Adds a claim of arrays nested to this depth.
    #[must_use]
    pub fn deep(depth: usize) -> Self {
        Self::claims(MemberEdit::Deepen("deep".to_owned(), depth))
    }

    /// Adds this number of claims.
    #[must_use]
    pub fn many_claims(count: usize) -> Self {
        Self::claims(MemberEdit::Multiply(count))
    }
}

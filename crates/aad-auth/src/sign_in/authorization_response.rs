//! The authorization response, as the browser brings it from the provider.

use std::borrow::Cow;

use url::form_urlencoded;

use super::Refusal;
use crate::{provider::Fault, secret::Secret};

/// The parameters of an authorization response, each at most once.
#[derive(Default)]
pub struct AuthorizationResponse {
    /// The `state` of the request.
    pub state: Option<String>,
    /// The issuer of the response (RFC 9207).
    pub iss: Option<String>,
    /// Whether this crate's own page has reposted the response (`hop=1`).
    pub hopped: bool,
    code: Option<Secret>,
    fault: Option<Fault>,
}

impl AuthorizationResponse {
    /// Parses a query or form body.
    ///
    /// # Errors
    /// If a parameter occurs twice, or if there are too many.
    pub fn parse(input: &[u8]) -> Result<Self, Refusal> {
        let pairs = pairs(input)?;
        let value = |wanted: &str| {
            let found = pairs.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.as_ref())
        };
        Ok(Self {
            state: value("state").map(str::to_owned),
            iss: value("iss").map(str::to_owned),
            hopped: value(HOP) == Some("1"),
            code: value("code").map(Secret::from),
            fault: Fault::from_parameters(pairs.iter().map(|(n, v)| (n.as_ref(), v.as_ref()))),
        })
    }

    /// Whether the response has a code.
    pub const fn has_code(&self) -> bool {
        self.code.is_some()
    }

    /// The fields of a posted response that this crate's own page reposts: the known ones. All others
    /// are dropped.
    ///
    /// # Errors
    /// As [`Self::parse`]; also if a known field is too long.
    pub fn fields_to_repost(input: &[u8]) -> Result<Vec<(&'static str, String)>, Refusal> {
        let pairs = pairs(input)?;
        let known = FIELDS.iter().filter_map(|known| {
            let (_, value) = pairs.iter().find(|(name, _)| name == known)?;
            Some((*known, value.clone().into_owned()))
        });
        let fields: Vec<_> = known.collect();
        let fit = fields.iter().all(|(_, value)| value.len() <= MAX_CODE);
        fit.then_some(fields).ok_or(Refusal::MalformedResponse)
    }

    /// The code.
    ///
    /// # Errors
    /// The provider's error. [`Refusal::MalformedResponse`] for neither code nor error, both, or a code
    /// that is not printable ASCII (RFC 6749 appendix A.11).
    pub fn outcome(self) -> Result<Secret, Refusal> {
        use crate::secret::ExposeSecret;
        match (self.code, self.fault) {
            (None, Some(fault)) => Err(Refusal::Declined(Box::new(fault))),
            (Some(code), None) => {
                let text = code.expose_secret();
                let fits = (1..=MAX_CODE).contains(&text.len())
                    && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
                if fits {
                    Ok(code)
                } else {
                    Err(Refusal::MalformedResponse)
                }
            }
            (None, None) | (Some(_), Some(_)) => Err(Refusal::MalformedResponse),
        }
    }
}

type Pairs<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Parses the pairs of a query or form. Each name may occur once.
fn pairs(input: &[u8]) -> Result<Pairs<'_>, Refusal> {
    if input.len() > MAX_INPUT {
        return Err(Refusal::MalformedResponse);
    }
    let pairs: Pairs<'_> = form_urlencoded::parse(input)
        .take(MAX_PARAMETERS + 1)
        .collect();
    if pairs.len() > MAX_PARAMETERS {
        return Err(Refusal::MalformedResponse);
    }
    for (at, (name, _)) in pairs.iter().enumerate() {
        if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(Refusal::RepeatedParameter);
        }
    }
    Ok(pairs)
}

/// The parameter that marks a response which this crate's own page has reposted.
pub(crate) const HOP: &str = "hop";

/// The fields that an authorization response may have: RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207, OpenID
/// Connect Session Management, and what Entra adds to errors.
const FIELDS: [&str; 12] = [
    "code",
    "state",
    "iss",
    "session_state",
    "error",
    "error_description",
    "error_uri",
    "error_subcode",
    "suberror",
    "claims",
    "trace_id",
    "correlation_id",
];

/// Entra's codes exceed 1,000 characters; its error descriptions come with them.
const MAX_INPUT: usize = 32 * 1024;
const MAX_PARAMETERS: usize = 32;
const MAX_CODE: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(query: &str) -> Result<(), Refusal> {
        AuthorizationResponse::parse(query.as_bytes())
            .and_then(AuthorizationResponse::outcome)
            .map(|_| ())
    }

    #[test]
    fn refuses_what_is_neither_code_nor_error() {
        for query in [
            "",
            "state=x",
            "code=",
            "code=a%00b",
            "code=%C3%A4",
            "code=a&error=access_denied",
            &format!("code={}", "a".repeat(MAX_CODE + 1)),
        ] {
            assert_eq!(outcome(query), Err(Refusal::MalformedResponse), "{query}");
        }
    }

    #[test]
    fn refuses_repeated_parameters() {
        for query in ["code=a&code=a", "state=a&code=b&state=a", "x=1&x=2&code=a"] {
            assert_eq!(outcome(query), Err(Refusal::RepeatedParameter), "{query}");
        }
    }

    #[test]
    fn refuses_floods_of_parameters() {
        let many: String = (0..2000).map(|n| format!("p{n}=1&")).collect();
        assert_eq!(outcome(&many), Err(Refusal::MalformedResponse));
        assert_eq!(
            outcome(&"a".repeat(MAX_INPUT + 1)),
            Err(Refusal::MalformedResponse)
        );
    }

    #[test]
    fn only_known_fields_are_posted_on() {
        let fields = AuthorizationResponse::fields_to_repost;
        assert_eq!(
            fields(b"evil=1&state=s&hop=1&code=%3Cc%3E&id_token=t"),
            Ok(vec![("code", "<c>".to_owned()), ("state", "s".to_owned())])
        );
        let long = format!("state=s&error_description={}", "a".repeat(MAX_CODE + 1));
        assert_eq!(fields(long.as_bytes()), Err(Refusal::MalformedResponse));
        assert_eq!(fields(b"state=a&state=b"), Err(Refusal::RepeatedParameter));
    }

    #[test]
    fn an_error_is_read_and_a_code_accepted() {
        assert!(matches!(
            outcome("error=access_denied&state=x"),
            Err(Refusal::Declined(_))
        ));
        assert_eq!(outcome("code=abc&state=x&session_state=y"), Ok(()));
    }
}

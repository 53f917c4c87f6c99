//! What the provider says when it refuses, and what may be done about it (RFC 6749 sections
//! 4.1.2.1 and 5.2, with Entra's additions).

use std::{borrow::Cow, fmt, time::Duration};

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// A refusal by the provider, reduced to what is safe to log and to show: short words and
/// numbers. The provider's sentence (`error_description`) is not kept: it names users and
/// tenants, and strangers can write it into a redirect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Fault {
    pub(super) error: Cow<'static, str>,
    pub(super) codes: Vec<u32>,
    pub(super) user_flow_code: Option<u32>,
    pub(super) suberror: Option<String>,
    pub(super) subcode: Option<String>,
    pub(super) claims: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) correlation_id: Option<String>,
    /// The status of the answer; 0 in a redirect, which has none.
    #[serde(default)]
    pub(super) status: u16,
    /// The provider's own sign-in has expired on the way, and it asks for a new request (Keycloak).
    #[serde(default)]
    pub(super) asks_anew: bool,
}

impl Fault {
    /// The refusal in an answer of the token or revocation endpoint. A 401 is one also without an error
    /// body: whatever its words, the client authentication was refused (RFC 6749 section 5.2).
    pub(crate) fn of_answer(status: StatusCode, body: &[u8]) -> Option<Self> {
        let unauthorized = status == StatusCode::UNAUTHORIZED;
        let fault = Self::from_json(body).or_else(|| unauthorized.then(Self::without_body))?;
        Some(Self {
            status: status.as_u16(),
            ..fault
        })
    }

    const fn without_body() -> Self {
        Self {
            error: Cow::Borrowed("invalid_client"),
            codes: Vec::new(),
            user_flow_code: None,
            suberror: None,
            subcode: None,
            claims: None,
            trace_id: None,
            correlation_id: None,
            status: 0,
            asks_anew: false,
        }
    }

    /// The `error` word, such as `invalid_grant`; `unrecognised_error` when it was not a word of
    /// at most 64 letters, digits, `_`, `-`, `.` and `:`. Decisions are made on it and on
    /// [`Fault::suberror`], never on a number.
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The AADSTS numbers, most telling first; at most eight. For hints to people only.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The AADB2C number of a user-flow authority, such as 90118 (password reset wanted).
    pub fn user_flow_code(&self) -> Option<u32> {
        self.user_flow_code
    }

    /// Entra's `suberror`, such as `bad_token`.
    pub fn suberror(&self) -> Option<&str> {
        self.suberror.as_deref()
    }

    /// Entra's `error_subcode`, such as `cancel`.
    pub fn subcode(&self) -> Option<&str> {
        self.subcode.as_deref()
    }

    /// The claims challenge: a JSON object as text, to be sent on as the `claims` parameter of an
    /// interactive sign-in.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// The provider's trace id, for its support.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// The correlation id, by which an administrator finds the sign-in in the tenant's log.
    pub fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_deref()
    }

    /// Whether the number is among the AADSTS numbers.
    pub fn has_code(&self, code: u32) -> bool {
        self.codes.contains(&code)
    }

    /// Whether an interactive sign-in can mend it (the rule of Microsoft's own libraries, with
    /// OpenID Connect Core section 3.1.2.6).
    pub fn needs_interaction(&self) -> bool {
        let by_error = matches!(
            self.error(),
            "interaction_required"
                | "consent_required"
                | "login_required"
                | "account_selection_required"
                | "bad_token"
        );
        let by_suberror = matches!(
            self.suberror(),
            Some(
                "message_only"
                    | "additional_action"
                    | "basic_action"
                    | "user_password_expired"
                    | "consent_required"
                    | "bad_token"
            )
        );
        by_error || by_suberror
    }

    /// Whether consent is what is missing.
    pub fn needs_consent(&self) -> bool {
        self.error() == "consent_required" || self.suberror() == Some("consent_required")
    }

    /// Whether the application's own credential was refused, so that another one may succeed.
    pub fn refuses_credential(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED.as_u16()
            || REFUSED_CREDENTIAL.contains(&self.error())
            || self.is_bare_unauthorized_client()
            || self.has_code(7_000_215)
            || self.has_code(7_000_222)
    }

    /// RFC 6749 section 5.2 has `unauthorized_client` for a grant that the client may not use. Keycloak
    /// says it with status 400 for a wrong secret. Microsoft means the registration, and adds a number.
    fn is_bare_unauthorized_client(&self) -> bool {
        self.error() == "unauthorized_client"
            && self.codes.is_empty()
            && self.user_flow_code.is_none()
    }

    /// Whether the token endpoint refused the grant itself: a refresh token that is gone. A request that
    /// asks for no other scopes holds nothing else that could be wrong once the credential is accepted,
    /// so that status 400 says so in any words (Dex says `invalid_request`).
    pub fn refuses_grant(&self) -> bool {
        let said =
            self.error() == "invalid_grant" || self.status == StatusCode::BAD_REQUEST.as_u16();
        said && !self.refuses_credential() && !self.is_transient()
    }

    /// Whether an authorization request was refused for what it asks for (Ory Hydra, of a prompt that it
    /// does not know), and not for a number that says more.
    pub fn refuses_request(&self) -> bool {
        self.error() == "invalid_request" && self.codes.is_empty()
    }

    /// Whether the provider's own sign-in has expired on the way, so that a new request may succeed
    /// at once. Keycloak says `temporarily_unavailable`, described as `authentication_expired`; Ory Hydra
    /// says `request_forbidden`.
    pub const fn asks_for_new_request(&self) -> bool {
        self.asks_anew
    }

    /// Whether the same request may succeed later. Entra sends some numbers that mean "wait" with
    /// `error=invalid_grant`; taken by the word, they would end sessions.
    pub fn is_transient(&self) -> bool {
        matches!(self.error(), "temporarily_unavailable" | "server_error")
            || self.codes.iter().any(|code| TRANSIENT.contains(code))
    }

    /// How long to wait where the provider does not say.
    pub fn usual_pause(&self) -> Option<Duration> {
        if self.has_code(LOOP_DETECTED) {
            Some(Duration::from_secs(300))
        } else {
            self.is_transient().then_some(Duration::from_secs(30))
        }
    }

    /// Whether the user pressed "Cancel" or declined.
    pub fn is_declined(&self) -> bool {
        self.error() == "access_denied" || CANCELLED.contains(&self.error())
    }
}

/// What Apple and LinkedIn say for `access_denied` ("Request an authorization to the Sign in with Apple
/// server", "LinkedIn 3-legged OAuth flow").
pub(super) const CANCELLED: [&str; 2] = ["user_cancelled_authorize", "user_cancelled_login"];

/// `invalid_client` (RFC 6749 section 5.2), and the words of providers that have their own: Slack
/// ("openid.connect.token", with status 200) and Salesforce ("OAuth 2.0 errors").
const REFUSED_CREDENTIAL: [&str; 3] = ["invalid_client", "bad_client_secret", "invalid_client_id"];
/// The same request came again and again: Entra stops it for five minutes.
const LOOP_DETECTED: u32 = 50_196;
/// AADSTS numbers that say "later", whatever the error word ("Error codes", identity platform).
const TRANSIENT: [u32; 6] = [
    LOOP_DETECTED,
    // The service, or one behind it, does not answer in time.
    90_006,
    90_012,
    90_024,
    90_033,
    // The tenant sends too much.
    90_055,
];

impl fmt::Display for Fault {
    /// One line for the log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)?;
        for code in &self.codes {
            write!(f, " AADSTS{code}")?;
        }
        let words = [
            ("suberror", &self.suberror),
            ("subcode", &self.subcode),
            ("trace_id", &self.trace_id),
            ("correlation_id", &self.correlation_id),
        ];
        for (name, value) in words {
            if let Some(value) = value {
                write!(f, " {name}={value}")?;
            }
        }
        Ok(())
    }
}

//! A refusal by the provider, and the reactions that it allows (RFC 6749 sections 4.1.2.1 and 5.2, with
//! Entra's additions).

use std::{borrow::Cow, fmt, time::Duration};

use http::StatusCode;
use serde::{Deserialize, Serialize};

/// A refusal by the provider, reduced to short codes and numbers that are safe in logs and pages. The
/// provider's sentence (`error_description`) is dropped: it names users and tenants, and any website
/// can put a text into a redirect.
///
/// ```
/// use aad_auth::downstream::Fault;
///
/// let fault = Fault::from_json(br#"{"error": "interaction_required", "error_codes": [50079]}"#);
/// assert!(fault.is_some_and(|fault| fault.needs_interaction() && fault.has_code(50079)));
/// ```
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
    /// The HTTP status of the answer; 0 for a redirect.
    #[serde(default)]
    pub(super) status: u16,
    /// Whether the provider's sign-in page has expired, so that a new request is needed (Keycloak).
    #[serde(default)]
    pub(super) asks_anew: bool,
}

impl Fault {
    /// Reads the refusal in an answer of the token or revocation endpoint. A 401 is a refusal also
    /// without an error body: the client authentication failed (RFC 6749 section 5.2).
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

    /// The `error` code, such as `invalid_grant`. `unrecognised_error` where it is not 1 to 64 letters,
    /// digits, `_`, `-`, `.` and `:`. Entra may change its numbers, so the crate decides by this code
    /// and by [`Fault::suberror`].
    pub fn error(&self) -> &str {
        &self.error
    }

    /// The AADSTS numbers, at most eight, in the order of the answer. For advice to people.
    pub fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// The AADB2C number of a user flow, such as 90118 (the user asks for a password reset).
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

    /// The claims challenge: a JSON object as text, for the `claims` parameter of the next
    /// authorization request.
    pub fn claims(&self) -> Option<&str> {
        self.claims.as_deref()
    }

    /// The provider's trace id, for its support.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// The correlation id, for the search in the tenant's sign-in log.
    pub fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_deref()
    }

    /// Whether the number is among the AADSTS numbers.
    pub fn has_code(&self, code: u32) -> bool {
        self.codes.contains(&code)
    }

    /// Whether an interactive sign-in can resolve it (the rule of Microsoft's own libraries, with
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

    /// Whether consent is missing.
    pub fn needs_consent(&self) -> bool {
        self.error() == "consent_required" || self.suberror() == Some("consent_required")
    }

    /// Whether the provider refused the client credential, so that another one may succeed.
    pub fn refuses_credential(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED.as_u16()
            || REFUSED_CREDENTIAL.contains(&self.error())
            || self.is_bare_unauthorized_client()
            || self.has_code(7_000_215)
            || self.has_code(7_000_222)
    }

    /// RFC 6749 section 5.2 defines `unauthorized_client` for a grant that the client may not use.
    /// Keycloak sends it with status 400 for a wrong secret. Microsoft means the registration, and adds
    /// a number.
    fn is_bare_unauthorized_client(&self) -> bool {
        self.error() == "unauthorized_client"
            && self.codes.is_empty()
            && self.user_flow_code.is_none()
    }

    /// Whether the token endpoint refused the grant itself, such as an expired refresh token. A request
    /// without other scopes has no other part that can be wrong once the credential is accepted, so that
    /// any status 400 means it (Dex sends `invalid_request`).
    pub fn refuses_grant(&self) -> bool {
        let said =
            self.error() == "invalid_grant" || self.status == StatusCode::BAD_REQUEST.as_u16();
        said && !self.refuses_credential() && !self.is_transient()
    }

    /// Whether the provider refused the authorization request for its parameters, without a number that
    /// gives the cause. Ory Hydra does so for an unknown prompt.
    pub fn refuses_request(&self) -> bool {
        self.error() == "invalid_request" && self.codes.is_empty()
    }

    /// Whether the provider's sign-in page has expired, so that a new request may succeed immediately.
    /// Keycloak sends `temporarily_unavailable` with the description `authentication_expired`, Ory Hydra
    /// `request_forbidden`.
    pub const fn asks_for_new_request(&self) -> bool {
        self.asks_anew
    }

    /// Whether the same request may succeed later. Entra sends some numbers that mean "wait" with
    /// `error=invalid_grant`: by the code alone they would end sessions.
    pub fn is_transient(&self) -> bool {
        matches!(self.error(), "temporarily_unavailable" | "server_error")
            || self.codes.iter().any(|code| TRANSIENT.contains(code))
    }

    /// How long to wait where the answer has no `Retry-After`.
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

/// The codes of Apple and LinkedIn for `access_denied` ("Request an authorization to the Sign in with
/// Apple server", "LinkedIn 3-legged OAuth flow").
pub(super) const CANCELLED: [&str; 2] = ["user_cancelled_authorize", "user_cancelled_login"];

/// `invalid_client` (RFC 6749 section 5.2), and the codes of Slack ("openid.connect.token", with status
/// 200) and Salesforce ("OAuth 2.0 errors").
const REFUSED_CREDENTIAL: [&str; 3] = ["invalid_client", "bad_client_secret", "invalid_client_id"];
/// The same request was repeated too often. Entra blocks it for five minutes.
const LOOP_DETECTED: u32 = 50_196;
/// AADSTS numbers that mean "later" with any error code ("Error codes", identity platform).
const TRANSIENT: [u32; 6] = [
    LOOP_DETECTED,
    // The service, or one of its own services, does not answer in time.
    90_006,
    90_012,
    90_024,
    90_033,
    // The tenant sends too many requests.
    90_055,
];

impl fmt::Display for Fault {
    /// Writes one line for the log.
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

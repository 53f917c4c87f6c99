//! The reasons why a sign-in is refused: codes, statuses and causes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deployment::SHARED_COOKIE_NAME;
use crate::{
    provider::{
        Fault, Misconfiguration,
        catalogue::{self, Advice},
    },
    store::StoreError,
    validation::Rejection,
};

/// Why a sign-in was refused or could not be completed. It contains no token, code, name or text of
/// the provider.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The callback has no `state`, so it belongs to no sign-in of this application.
    StateMissing,
    /// This application did not make `state`.
    StateUnreadable,
    /// `state` was sealed under a key that this instance does not have.
    StateOfOtherKey,
    /// The attempt has expired.
    Expired,
    /// The request has no binding cookie.
    BrowserCookieMissing,
    /// The attempt began in another browser, or under another host name.
    OtherBrowser,
    /// A parameter occurs twice (RFC 6749 section 3.1).
    RepeatedParameter,
    /// The response has neither a code nor an error, or both, or a field is too long.
    MalformedResponse,
    /// The response came by query although `form_post` was requested.
    OtherResponseMode,
    /// `iss` names another issuer (RFC 9207 section 2.4).
    IssuerMismatch,
    /// `iss` is missing, although the provider's metadata announces it.
    IssuerMissing,
    /// A third party that is not the configured provider initiated the sign-in.
    OtherInitiator,
    /// The provider answered with an error instead of a code.
    Declined(Box<Fault>),
    /// The token endpoint refused the code.
    CodeRefused(Box<Fault>),
    /// The token endpoint refused the code after it had refused the credential. The first request may
    /// have used the code.
    CodeSpent(Box<Fault>),
    /// The user asked for another account, and the provider returned the same one without a page.
    SameAccount,
    /// The ID token breaks a validation rule.
    TokenRejected(Rejection),
    /// The ID token is of another user flow than the configured one, or names none.
    OtherUserFlow,
    /// The users of this tenant may not sign in.
    TenantNotAllowed,
    /// The userinfo endpoint refused, named another subject, or its answer is malformed (OpenID Connect
    /// Core 1.0 section 5.3.2). The text is this crate's own description.
    UserinfoUnusable(String),
    /// The sign-in callback of the application refused the user.
    NotAdmitted,
    /// The sign-in callback of the application did not answer in time.
    ApplicationSilent,
    /// The user's sessions were ended while this sign-in was under way.
    SessionsEnded,
    /// Sign-ins of this browser loop: the session does not last.
    Looping,
    /// As [`Self::Looping`], because another deployment on this host name has the same cookie names.
    SharedCookieName,
    /// The provider cannot be reached, or cannot answer now.
    ProviderUnavailable {
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// The provider's metadata or keys do not fit the settings, or cannot be used.
    ProviderMisconfigured {
        /// What has to change.
        what: Misconfiguration,
        /// How long until the provider is asked again.
        retry_after: Duration,
    },
    /// The provider's answer cannot be used. The text is this crate's own description.
    ProviderBroken(String),
    /// The provider refuses the application's credential.
    CredentialRefused(Box<Fault>),
    /// The application has no credential that the provider supports. The text is this crate's own
    /// description.
    CredentialUnusable(String),
    /// Too many sign-ins are being completed now.
    Busy,
    /// Another instance is completing this sign-in, and has not published the outcome.
    Elsewhere,
    /// The replicas of the application have separate stores, so sessions do not last.
    SeparateStores,
    /// The session store failed.
    Store(StoreError),
}

impl Refusal {
    /// A stable code for support and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StateMissing => "AAD-FLOW-STATE-MISSING",
            Self::StateUnreadable => "AAD-FLOW-STATE-UNREADABLE",
            Self::StateOfOtherKey => "AAD-FLOW-STATE-KEY",
            Self::Expired => "AAD-FLOW-EXPIRED",
            Self::BrowserCookieMissing => "AAD-FLOW-COOKIE-MISSING",
            Self::OtherBrowser => "AAD-FLOW-BROWSER",
            Self::RepeatedParameter => "AAD-FLOW-REPEATED",
            Self::MalformedResponse => "AAD-FLOW-RESPONSE",
            Self::OtherResponseMode => "AAD-FLOW-RESPONSE-MODE",
            Self::IssuerMismatch => "AAD-FLOW-ISS",
            Self::IssuerMissing => "AAD-FLOW-ISS-MISSING",
            Self::OtherInitiator => "AAD-FLOW-INITIATOR",
            Self::Declined(_) => "AAD-FLOW-DECLINED",
            Self::CodeRefused(_) => "AAD-FLOW-CODE",
            Self::CodeSpent(_) => "AAD-FLOW-CODE-SPENT",
            Self::SameAccount => "AAD-FLOW-SAME-ACCOUNT",
            Self::TokenRejected(rejection) => rejection.code.as_str(),
            Self::OtherUserFlow => "AAD-FLOW-POLICY",
            Self::TenantNotAllowed => "AAD-TOKEN-TENANT",
            Self::UserinfoUnusable(_) => "AAD-FLOW-USERINFO",
            Self::NotAdmitted => "AAD-FLOW-NOT-ADMITTED",
            Self::ApplicationSilent => "AAD-FLOW-HOOK",
            Self::SessionsEnded => "AAD-FLOW-SESSIONS-ENDED",
            Self::Looping => "AAD-FLOW-LOOP",
            Self::SharedCookieName => "AAD-FLOW-COOKIE-NAME",
            Self::ProviderUnavailable { .. } => "AAD-PROVIDER-UNAVAILABLE",
            Self::ProviderMisconfigured { what, .. } => what.code(),
            Self::ProviderBroken(_) => "AAD-PROVIDER-BROKEN",
            Self::CredentialRefused(_) => "AAD-CREDENTIAL-REFUSED",
            Self::CredentialUnusable(_) => "AAD-CREDENTIAL-UNUSABLE",
            Self::Busy => "AAD-FLOW-BUSY",
            Self::Elsewhere => "AAD-FLOW-ELSEWHERE",
            Self::SeparateStores => "AAD-FLOW-STORES",
            Self::Store(_) => "AAD-STORE",
        }
    }

    /// The HTTP status of the page: 4xx unless the provider, the store or the registration is at fault.
    pub const fn status(&self) -> u16 {
        match self {
            Self::TenantNotAllowed | Self::NotAdmitted => 403,
            Self::Looping | Self::SharedCookieName => 429,
            Self::ProviderBroken(_) | Self::CredentialRefused(_) | Self::CredentialUnusable(_) => {
                502
            }
            Self::ProviderUnavailable { .. }
            | Self::ProviderMisconfigured { .. }
            | Self::ApplicationSilent
            | Self::Busy
            | Self::Elsewhere
            | Self::SeparateStores
            | Self::Store(_) => 503,
            _ => 400,
        }
    }

    /// The value of `Retry-After`. `None` if waiting does not help.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ProviderUnavailable { retry_after }
            | Self::ProviderMisconfigured { retry_after, .. } => Some(*retry_after),
            Self::Busy | Self::Elsewhere => Some(Duration::from_secs(1)),
            Self::ApplicationSilent | Self::Store(_) => Some(Duration::from_secs(5)),
            Self::Looping | Self::SharedCookieName => Some(Duration::from_secs(120)),
            _ => None,
        }
    }

    /// The provider's error, if it answered with one.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Declined(fault)
            | Self::CodeRefused(fault)
            | Self::CodeSpent(fault)
            | Self::CredentialRefused(fault) => Some(fault),
            _ => None,
        }
    }

    /// Whether only the code was refused, so that another code of the attempt may be accepted.
    pub(super) const fn is_of_the_code(&self) -> bool {
        matches!(self, Self::CodeRefused(_) | Self::CodeSpent(_))
    }

    /// The cause for the operator's log. The remedy of a misconfiguration is logged where the load fails,
    /// and shown by the readiness report.
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::TokenRejected(rejection) => Some(rejection.sentence().to_owned()),
            Self::ProviderBroken(cause)
            | Self::CredentialUnusable(cause)
            | Self::UserinfoUnusable(cause) => Some(cause.clone()),
            Self::Store(error) => Some(error.to_string()),
            Self::SharedCookieName => Some(SHARED_COOKIE_NAME.to_owned()),
            Self::OtherResponseMode => Some(OTHER_RESPONSE_MODE.to_owned()),
            _ => self
                .advice()
                .map(|advice| format!("{} {}", advice.cause, advice.next_step)),
        }
    }

    /// The catalogue entry of the provider's error: its cause, and who can fix it.
    pub(crate) fn advice(&self) -> Option<&'static Advice> {
        match self {
            Self::CredentialRefused(fault) => Some(catalogue::advise_credential(fault)),
            _ => self.fault().map(catalogue::advise),
        }
    }

    /// How the ID token breaks its rule.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::TokenRejected(rejection) => Some(rejection.reason.as_str()),
            _ => None,
        }
    }

    /// Whether the operator has to act: the cause is the application or the provider.
    pub const fn concerns_operator(&self) -> bool {
        matches!(
            self,
            Self::ApplicationSilent
                | Self::CredentialRefused(_)
                | Self::CredentialUnusable(_)
                | Self::ProviderBroken(_)
                | Self::ProviderMisconfigured { .. }
                | Self::ProviderUnavailable { .. }
                | Self::SeparateStores
                | Self::Store(_)
                | Self::TokenRejected(_)
                | Self::OtherUserFlow
                | Self::UserinfoUnusable(_)
        )
    }
}

const OTHER_RESPONSE_MODE: &str = "the authorization response came by query although form_post was \
     asked for, so its code is not redeemed; if the provider does not support form_post, set \
     AAD_RESPONSE_MODE=query";

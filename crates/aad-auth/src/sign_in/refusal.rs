//! Why a sign-in ends in a page instead of a session.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::deployment::SHARED_COOKIE_NAME;
use crate::{
    grant::{GrantError, Unavailability},
    provider::{
        Fault, Misconfiguration, Unavailable,
        catalogue::{self, Advice},
    },
    store::StoreError,
    validation::{Rejection, VerifyError},
};

/// Why a sign-in was refused or could not be completed. Never contains a token, a code, a name or
/// the provider's own words.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub enum Refusal {
    /// The callback was opened without `state`: no sign-in of ours leads there.
    StateMissing,
    /// `state` is not one that this application made.
    StateUnreadable,
    /// `state` was sealed under a key that this instance does not have.
    StateOfOtherKey,
    /// The attempt is too old.
    Expired,
    /// The browser has sent no binding cookie.
    BrowserCookieMissing,
    /// The attempt began in another browser, or under another host name.
    OtherBrowser,
    /// A parameter came twice (RFC 6749 section 3.1).
    RepeatedParameter,
    /// The response is neither a code nor an error, or both, or over-long.
    MalformedResponse,
    /// A code came in the address although a posted form was asked for.
    OtherResponseMode,
    /// `iss` names another issuer (RFC 9207 section 2.4).
    IssuerMismatch,
    /// There is no `iss`, although the provider's metadata promises one.
    IssuerMissing,
    /// Somebody else than the configured provider wants users to sign in.
    OtherInitiator,
    /// The provider answered with an error instead of a code.
    Declined(Box<Fault>),
    /// The token endpoint refused the code.
    CodeRefused(Box<Fault>),
    /// The token endpoint refused the code after it had refused the credential: that request may have
    /// used the code up.
    CodeSpent(Box<Fault>),
    /// The user asked for another account, and was sent back with the same one without a page.
    SameAccount,
    /// The ID token breaks a rule.
    TokenRejected(Rejection),
    /// The ID token is of another user flow than the configured one, or does not say of which.
    OtherUserFlow,
    /// The user's tenant is not one whose users may sign in.
    TenantNotAllowed,
    /// The userinfo endpoint refused, spoke of another subject, or not usefully (OpenID Connect Core
    /// 5.3.2). Says which, in our own words.
    UserinfoUnusable(String),
    /// The application's hook said no.
    NotAdmitted,
    /// The application's hook has not answered in time.
    ApplicationSilent,
    /// The user's sessions were ended everywhere while this sign-in was under way.
    SessionsEnded,
    /// Sign-ins follow each other so fast that the session evidently does not last.
    Looping,
    /// The same, because another deployment on this host name has the same cookie names.
    SharedCookieName,
    /// The provider cannot be reached, or says that it cannot answer now.
    ProviderUnavailable {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// What the provider publishes does not fit the settings, or cannot be used.
    ProviderMisconfigured {
        /// What has to change.
        what: Misconfiguration,
        /// When the provider is asked again.
        retry_after: Duration,
    },
    /// The provider's answer cannot be used. Says what is wrong with it, in our own words.
    ProviderBroken(String),
    /// The application's own credential is not accepted.
    CredentialRefused(Box<Fault>),
    /// The application has no credential that the provider takes. Says why, in our own words.
    CredentialUnusable(String),
    /// Too many sign-ins are being completed at this moment.
    Busy,
    /// Another instance has begun to complete this sign-in, and has not told the outcome.
    Elsewhere,
    /// The instances of the application keep their sessions apart, so that none lasts.
    SeparateStores,
    /// The session store cannot be used now.
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

    /// The status of the page: 4xx unless the provider, the store or our own registration is at
    /// fault.
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

    /// The value of `Retry-After`, where waiting helps.
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

    /// What the provider said, where it said something.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Declined(fault)
            | Self::CodeRefused(fault)
            | Self::CodeSpent(fault)
            | Self::CredentialRefused(fault) => Some(fault),
            _ => None,
        }
    }

    /// Whether the code was refused, and another code of the same attempt may still be accepted.
    pub(super) const fn is_of_the_code(&self) -> bool {
        matches!(self, Self::CodeRefused(_) | Self::CodeSpent(_))
    }

    /// What the operator's log says of the cause, in our own words. The remedy of a misconfiguration
    /// stands where the load failed, and in the readiness report.
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

    /// What is known of the provider's refusal, and who can mend it.
    pub(crate) fn advice(&self) -> Option<&'static Advice> {
        match self {
            Self::CredentialRefused(fault) => Some(catalogue::advise_credential(fault)),
            _ => self.fault().map(catalogue::advise),
        }
    }

    /// In which way a token breaks its rule.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::TokenRejected(rejection) => Some(rejection.reason.as_str()),
            _ => None,
        }
    }

    /// Whether the cause is ours or the provider's, so that the operator must look.
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

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        let retry_after = error.retry_after;
        match error.misconfiguration {
            Some(what) => Self::ProviderMisconfigured { what, retry_after },
            None => Self::ProviderUnavailable { retry_after },
        }
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Rejected(rejection) if rejection.is_tenant_not_allowed() => {
                Self::TenantNotAllowed
            }
            VerifyError::Rejected(rejection) => Self::TokenRejected(rejection),
            VerifyError::Unavailable(unavailable) => unavailable.into(),
        }
    }
}

impl From<GrantError> for Refusal {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Refused(fault) if fault.refuses_credential() => {
                Self::CredentialRefused(fault)
            }
            GrantError::Refused(fault) => Self::CodeRefused(fault),
            GrantError::Spent(fault) => Self::CodeSpent(fault),
            GrantError::Unavailable { cause, retry_after } => {
                let asked_to_wait = matches!(cause, Unavailability::Status(429));
                let usual = Duration::from_secs(if asked_to_wait { 30 } else { 5 });
                Self::ProviderUnavailable {
                    retry_after: retry_after.unwrap_or(usual),
                }
            }
            GrantError::Credential(error) => Self::CredentialUnusable(error.to_string()),
            GrantError::Broken(answer) => Self::ProviderBroken(format!(
                "the token endpoint's answer cannot be used: {answer}"
            )),
        }
    }
}

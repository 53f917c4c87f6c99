//! Why a caller is not known.

/// Why a caller is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::web) enum ChallengeReason {
    /// No session.
    Anonymous,
    /// A session that has ended.
    Expired,
    /// A session whose user has to agree to something at the provider.
    ConsentRequired,
    /// A session whose user has to prove more at the provider.
    StepUpRequired,
}

impl ChallengeReason {
    /// The stable text, in answers to scripts.
    pub(in crate::web) const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Expired => "expired",
            Self::ConsentRequired => "consent_required",
            Self::StepUpRequired => "step_up_required",
        }
    }
}

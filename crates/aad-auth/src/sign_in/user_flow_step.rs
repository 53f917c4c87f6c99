//! The further user flows of Azure AD B2C: editing the profile, resetting the password.
//!
//! They change the user at the provider and sign no user in. Their codes are never redeemed: a token of
//! another policy than the configured one is never accepted, because its rules may be weaker although
//! issuer and keys are the same. After them, a sign-in through the configured flow brings the changes.

use super::{Attempt, Engine, Refusal, UserFlow};
use crate::{
    config::{AuthorityKind, ReturnTo},
    provider::Provider,
    secret::Secret,
    validation::IdToken,
};

/// The next step after an authorization response.
#[derive(Debug)]
pub(super) enum UserFlowStep {
    /// Redeem the code of a sign-in.
    Redeem(Secret),
    /// Start this user flow; `None`: a sign-in.
    Start(Option<UserFlow>),
    /// Go to the return address: the user has cancelled the flow.
    GoOn(ReturnTo),
    /// Show an error page.
    Refuse(Refusal),
}

impl Engine {
    /// The provider of a flow; `None` as the flow means the sign-in. `None` if it is not configured.
    pub(super) fn provider_of(&self, flow: Option<UserFlow>) -> Option<&Provider> {
        match flow {
            None => Some(&self.provider),
            Some(flow) => self.user_flows.provider(flow),
        }
    }

    /// Refuses a token of another policy than the configured one. All policies of a tenant have the same
    /// issuer, and a user can change the policy in the address of the provider. A token that names no
    /// policy could be of any, and is refused too.
    pub(super) fn check_user_flow(&self, token: &IdToken) -> Result<(), Refusal> {
        let AuthorityKind::UserFlow { policy, .. } = self.config.authority.kind() else {
            return Ok(());
        };
        // The provider changes upper and lower case of the name.
        let fits = |flow: &str| flow.eq_ignore_ascii_case(policy);
        if token.user_flow().is_some_and(fits) {
            Ok(())
        } else {
            Err(Refusal::OtherUserFlow)
        }
    }

    pub(super) fn user_flow_step(
        &self,
        attempt: &Attempt,
        outcome: Result<Secret, Refusal>,
    ) -> UserFlowStep {
        step(attempt, outcome, self.user_flows.password_reset.is_some())
    }
}

/// PURE: the next step. Each step is counted in the attempt, so that a provider that answers without a
/// page cannot redirect a browser for ever.
fn step(attempt: &Attempt, outcome: Result<Secret, Refusal>, can_reset: bool) -> UserFlowStep {
    let code = match &outcome {
        Err(Refusal::Declined(fault)) => fault.user_flow_code(),
        _ => None,
    };
    let may_continue = attempt.number < MAX_STEPS;
    match (attempt.user_flow(), outcome, code) {
        (None, Ok(code), _) => UserFlowStep::Redeem(code),
        (None, Err(_), Some(PASSWORD_FORGOTTEN)) if can_reset && may_continue => {
            UserFlowStep::Start(Some(UserFlow::PasswordReset))
        }
        (Some(_), Ok(_), _) if may_continue => UserFlowStep::Start(None),
        (Some(_), Ok(_), _) => UserFlowStep::Refuse(Refusal::Looping),
        (Some(_), Err(_), Some(CANCELLED)) => UserFlowStep::GoOn(attempt.return_to.clone()),
        (_, Err(refusal), _) => UserFlowStep::Refuse(refusal),
    }
}

/// AADB2C90118: the user has forgotten the password, and the application must start the reset flow.
pub(crate) const PASSWORD_FORGOTTEN: u32 = 90_118;
/// AADB2C90091: the user has cancelled the flow.
const CANCELLED: u32 = 90_091;
const MAX_STEPS: u8 = 8;

#[cfg(test)]
#[path = "user_flow_step_tests.rs"]
mod tests;

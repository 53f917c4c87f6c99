//! Further user flows of Azure AD B2C: to edit the profile, to choose a new password.
//!
//! They change something at the provider, and sign nobody in: their codes are never redeemed, so
//! that no token of another policy than the configured one is ever accepted, whose rules may be
//! weaker though issuer and keys are the same. What they have changed arrives by a sign-in through
//! the flow for signing in, which the provider's own session makes silent.

use serde::{Deserialize, Serialize};

use super::{Attempt, AttemptPurpose, Engine, Refusal};
use crate::{
    config::{AuthorityKind, ReturnTo},
    provider::Provider,
    secret::Secret,
    validation::IdToken,
};

/// A user flow beside the one for signing in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum UserFlow {
    /// Users edit their profile.
    #[serde(rename = "e")]
    EditProfile,
    /// Users choose a new password.
    #[serde(rename = "r")]
    PasswordReset,
}

/// Where the further user flows are; each as far as it is configured.
#[derive(Clone, Debug, Default)]
pub struct UserFlows {
    /// `AAD_USER_FLOW_EDIT_PROFILE`
    pub edit_profile: Option<Provider>,
    /// `AAD_USER_FLOW_PASSWORD_RESET`
    pub password_reset: Option<Provider>,
}

impl UserFlows {
    /// Loads their metadata in the background.
    pub fn start(&self) {
        [&self.edit_profile, &self.password_reset]
            .into_iter()
            .flatten()
            .for_each(Provider::start);
    }

    fn provider(&self, flow: UserFlow) -> Option<&Provider> {
        match flow {
            UserFlow::EditProfile => self.edit_profile.as_ref(),
            UserFlow::PasswordReset => self.password_reset.as_ref(),
        }
    }
}

impl Attempt {
    /// Which further user flow it went through.
    pub(super) const fn user_flow(&self) -> Option<UserFlow> {
        match self.purpose {
            AttemptPurpose::UserFlow(flow) => Some(flow),
            _ => None,
        }
    }
}

/// What to do with a response, as far as user flows are concerned.
#[derive(Debug)]
pub(super) enum UserFlowStep {
    /// It is a sign-in's: redeem the code.
    Redeem(Secret),
    /// On to this user flow; `None`: to the one for signing in.
    Start(Option<UserFlow>),
    /// The user has thought better of it.
    GoOn(ReturnTo),
    /// A page.
    Refuse(Refusal),
}

impl Engine {
    pub(super) fn provider_of(&self, flow: Option<UserFlow>) -> Option<&Provider> {
        match flow {
            None => Some(&self.provider),
            Some(flow) => self.user_flows.provider(flow),
        }
    }

    /// That a token is of the configured policy: others of the tenant have the same issuer, and
    /// their codes come to the same address when a user changes the policy in the provider's. One
    /// that does not say which policy it is of could be of any.
    pub(super) fn check_user_flow(&self, token: &IdToken) -> Result<(), Refusal> {
        let AuthorityKind::UserFlow { policy, .. } = self.config.authority.kind() else {
            return Ok(());
        };
        // The provider writes the name in letters of its own.
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

/// PURE. Each turn is counted in the attempt, so that a provider that answers by itself cannot
/// send a browser round for ever.
fn step(attempt: &Attempt, outcome: Result<Secret, Refusal>, can_reset: bool) -> UserFlowStep {
    let code = match &outcome {
        Err(Refusal::Declined(fault)) => fault.user_flow_code(),
        _ => None,
    };
    let may_turn = attempt.number < MAX_TURNS;
    match (attempt.user_flow(), outcome, code) {
        (None, Ok(code), _) => UserFlowStep::Redeem(code),
        (None, Err(_), Some(PASSWORD_FORGOTTEN)) if can_reset && may_turn => {
            UserFlowStep::Start(Some(UserFlow::PasswordReset))
        }
        (Some(_), Ok(_), _) if may_turn => UserFlowStep::Start(None),
        (Some(_), Ok(_), _) => UserFlowStep::Refuse(Refusal::Looping),
        (Some(_), Err(_), Some(CANCELLED)) => UserFlowStep::GoOn(attempt.return_to.clone()),
        (_, Err(refusal), _) => UserFlowStep::Refuse(refusal),
    }
}

/// AADB2C90118: the user has forgotten the password, and the application is to start the flow for
/// a new one.
pub const PASSWORD_FORGOTTEN: u32 = 90_118;
/// AADB2C90091: the user has pressed "Cancel".
const CANCELLED: u32 = 90_091;
const MAX_TURNS: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Timestamp, config::BaseUrl, provider::Fault, random::SystemRandom,
        sign_in::BindingCookie,
    };

    fn attempt(purpose: AttemptPurpose, number: u8) -> Attempt {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let browser = BindingCookie::new(&SystemRandom);
        let now = Timestamp::from_seconds(1_800_000_000);
        let to = base.return_to("/deep");
        let mut attempt = Attempt::new(&SystemRandom, now, &browser, to, purpose);
        attempt.number = number;
        attempt
    }

    fn declined(code: u32) -> Result<Secret, Refusal> {
        let text = format!("AADB2C{code}: words");
        let pairs = [("error", "access_denied"), ("error_description", &text)];
        Err(Refusal::Declined(Box::new(
            Fault::from_parameters(pairs).unwrap(),
        )))
    }

    #[test]
    fn a_code_of_a_further_flow_is_never_redeemed() {
        for flow in [UserFlow::EditProfile, UserFlow::PasswordReset] {
            for number in 0..=u8::MAX {
                let attempt = attempt(AttemptPurpose::UserFlow(flow), number);
                let step = step(&attempt, Ok("code".into()), true);
                assert!(!matches!(step, UserFlowStep::Redeem(_)), "{step:?}");
                assert_eq!(
                    matches!(step, UserFlowStep::Start(None)),
                    number < MAX_TURNS,
                    "a turn too many"
                );
            }
        }
    }

    #[test]
    fn a_forgotten_password_starts_the_reset_from_a_sign_in_only_and_not_for_ever() {
        let sign_in = |number| attempt(AttemptPurpose::SignIn, number);
        let reset = attempt(AttemptPurpose::UserFlow(UserFlow::PasswordReset), 0);
        let starts = |attempt: &Attempt, can_reset| {
            let step = step(attempt, declined(PASSWORD_FORGOTTEN), can_reset);
            matches!(step, UserFlowStep::Start(Some(UserFlow::PasswordReset)))
        };
        assert!(starts(&sign_in(0), true));
        assert!(!starts(&sign_in(0), false), "it is not configured");
        assert!(!starts(&sign_in(MAX_TURNS), true));
        assert!(!starts(&reset, true));
    }

    #[test]
    fn cancelling_goes_back_from_a_further_flow_only() {
        let cancelled = |purpose| step(&attempt(purpose, 0), declined(CANCELLED), true);
        let edit = cancelled(AttemptPurpose::UserFlow(UserFlow::EditProfile));
        assert!(matches!(edit, UserFlowStep::GoOn(to) if to.as_str() == "/deep"));
        let sign_in = cancelled(AttemptPurpose::SignIn);
        assert!(matches!(sign_in, UserFlowStep::Refuse(_)));
    }
}

//! The providers of the further user flows.

use super::UserFlow;
use crate::provider::Provider;

/// The provider of each further user flow. `None`: the flow is not configured.
#[derive(Clone, Debug, Default)]
pub(crate) struct UserFlows {
    /// `AAD_USER_FLOW_EDIT_PROFILE`
    pub(crate) edit_profile: Option<Provider>,
    /// `AAD_USER_FLOW_PASSWORD_RESET`
    pub(crate) password_reset: Option<Provider>,
}

impl UserFlows {
    /// Loads their metadata in the background.
    pub(crate) fn start(&self) {
        [&self.edit_profile, &self.password_reset]
            .into_iter()
            .flatten()
            .for_each(Provider::start);
    }

    /// The provider of a flow. `None` if it is not configured.
    pub(super) fn provider(&self, flow: UserFlow) -> Option<&Provider> {
        match flow {
            UserFlow::EditProfile => self.edit_profile.as_ref(),
            UserFlow::PasswordReset => self.password_reset.as_ref(),
        }
    }
}

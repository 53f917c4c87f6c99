//! Logs once that the provider issues no refresh token.

use crate::{observe::LogOnce, session::TokenSet};

/// Whether the warning was logged.
#[derive(Default)]
pub(super) struct MissingRefreshToken(LogOnce);

impl MissingRefreshToken {
    /// Examines the tokens of a sign-in.
    pub(super) fn notice(&self, tokens: &TokenSet) {
        if tokens.refresh_token.is_none() && self.0.is_first() {
            tracing::warn!(
                "the provider gave no refresh token: users are not rechecked (AAD_RECHECK), and a \
                 session ends at AAD_SESSION_IDLE, at AAD_SESSION_MAX or when the provider signs its \
                 user out. Many providers give a refresh token for the scope offline_access in \
                 AAD_SCOPES, or to clients that may use the grant refresh_token"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, observe::logged};

    fn tokens(refresh_token: Option<&str>) -> TokenSet {
        TokenSet {
            access_token: None,
            expires_at: Timestamp::default(),
            scopes: Vec::new(),
            refresh_token: refresh_token.map(Into::into),
            id_token: None,
        }
    }

    #[test]
    fn r78_the_log_says_once_that_there_is_no_refresh_token_and_what_then_bounds_sessions() {
        let notice = MissingRefreshToken::default();
        let silent = logged(|| notice.notice(&tokens(Some("canary"))));
        assert_eq!(silent, "");
        let lines = logged(|| {
            for _ in 0..3 {
                notice.notice(&tokens(None));
            }
        });
        assert_eq!(lines.lines().count(), 1, "{lines}");
        for named in [
            "offline_access",
            "AAD_SCOPES",
            "AAD_SESSION_MAX",
            "AAD_RECHECK",
        ] {
            assert!(lines.contains(named), "{lines}");
        }
    }
}

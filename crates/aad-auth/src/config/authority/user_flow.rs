//! Names of user flows.

use crate::config::Problem;

pub(super) const USER_FLOW_EXAMPLE: &str = "B2C_1_sign_in";

/// The name of a user flow or custom policy of Azure AD B2C.
///
/// # Errors
/// A problem of `variable`: the text is no such name.
pub(super) fn parse_user_flow(variable: &'static str, text: &str) -> Result<Box<str>, Problem> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=128).contains(&text.len()) && text.bytes().all(plain) {
        Ok(text.into())
    } else {
        Err(Problem::new(
            variable,
            "must be the name of a user flow: letters, digits, _ and -, at most 128",
            USER_FLOW_EXAMPLE,
        ))
    }
}

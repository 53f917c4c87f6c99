//! Splits the advice for a provider's refusal: what the user can do, and the remedy for administrators
//! and operators.

use crate::provider::{
    Fault,
    catalogue::{self, Advice, Audience},
};

/// The texts for one refusal.
pub(in crate::web) struct Told {
    /// What the user can do, or whom to ask.
    pub(in crate::web) user: String,
    /// The remedy, shown under "For support". `None` where the user can do it.
    pub(in crate::web) remedy: Option<String>,
}

impl Told {
    pub(in crate::web) fn of(fault: &Fault) -> Self {
        Self::by(catalogue::advise(fault))
    }

    pub(in crate::web) fn by(advice: &Advice) -> Self {
        let whole = format!("{} {}", advice.cause, advice.next_step);
        let ask = match advice.audience {
            Audience::User => {
                return Self {
                    user: whole,
                    remedy: None,
                };
            }
            Audience::Administrator => ASK_ADMINISTRATOR,
            Audience::Developer => ASK_OPERATOR,
        };
        Self {
            user: ask.to_owned(),
            remedy: Some(whole),
        }
    }
}

/// Whether the user can act on the refusal. Only then may the page say "cancelled".
pub(in crate::web) fn is_users_matter(fault: &Fault) -> bool {
    catalogue::advise(fault).audience == Audience::User
}

const ASK_ADMINISTRATOR: &str = "Please ask an administrator of your organisation, and pass on what stands \
                                 under \u{201c}For support\u{201d}.";
const ASK_OPERATOR: &str = "Please tell the people who run this application, and pass on what stands under \
                            \u{201c}For support\u{201d}.";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Told {
        Told::of(&Fault::from_json(body.as_bytes()).unwrap())
    }

    #[test]
    fn a_user_is_told_no_operators_remedy() {
        for (body, ask) in [
            (
                r#"{"error":"invalid_client","error_codes":[7000215]}"#,
                ASK_OPERATOR,
            ),
            (
                r#"{"error":"access_denied","error_codes":[50105]}"#,
                ASK_ADMINISTRATOR,
            ),
            (
                r#"{"error":"access_denied","error_codes":[90094]}"#,
                ASK_ADMINISTRATOR,
            ),
        ] {
            let told = told(body);
            assert_eq!(told.user, ask, "{body}");
            assert!(told.remedy.is_some());
        }
        let own = told(r#"{"error":"access_denied","error_codes":[65004]}"#);
        assert!(own.user.contains("declined") && own.remedy.is_none());
    }
}

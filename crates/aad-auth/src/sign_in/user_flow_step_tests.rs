use super::*;
use crate::{
    clock::Timestamp,
    config::BaseUrl,
    provider::Fault,
    random::SystemRandom,
    sign_in::{AttemptPurpose, BindingCookie},
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
                number < MAX_STEPS,
                "one step too many"
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
    assert!(!starts(&sign_in(MAX_STEPS), true));
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

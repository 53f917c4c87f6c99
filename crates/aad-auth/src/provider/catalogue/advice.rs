//! Advice about a refusal, and for whom it is.

/// The person who can resolve a refusal.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Audience {
    /// The user who signs in.
    User,
    /// An administrator of the tenant.
    Administrator,
    /// A developer or operator of this application: registration, settings, code.
    Developer,
}

/// The cause of a refusal and the next step. Any visitor may see it: it has no text of the provider.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Advice {
    /// The person who can resolve it.
    pub audience: Audience,
    /// The cause, as a sentence.
    pub cause: &'static str,
    /// The next step, as a sentence.
    pub next_step: &'static str,
    /// Whether the same attempt can succeed later without a change.
    pub retryable: bool,
}

const fn advice(audience: Audience, cause: &'static str, next_step: &'static str) -> Advice {
    Advice {
        audience,
        cause,
        next_step,
        retryable: false,
    }
}

pub(super) const fn user(cause: &'static str, next_step: &'static str) -> Advice {
    advice(Audience::User, cause, next_step)
}

pub(super) const fn admin(cause: &'static str, next_step: &'static str) -> Advice {
    advice(Audience::Administrator, cause, next_step)
}

pub(super) const fn dev(cause: &'static str, next_step: &'static str) -> Advice {
    advice(Audience::Developer, cause, next_step)
}

/// The same advice, for an attempt that can succeed later without a change.
pub(super) const fn later(mut advice: Advice) -> Advice {
    advice.retryable = true;
    advice
}

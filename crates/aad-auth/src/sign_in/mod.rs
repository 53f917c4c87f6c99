//! Sign-in and sign-out: attempts sealed in `state`, the callback, the end of a session.

mod attempt;
mod attempt_claim;
mod binding_cookie;
mod callback;
mod decision;
mod deployment;
mod engine;
mod hook;
mod last_known_good;
mod missing_refresh_token;
mod new_request;
mod outcomes;
mod prompt;
mod redemption;
mod refusal;
mod remote_sign_out;
mod replicas;
mod response;
mod sign_out;
mod signed_out;
mod start;
mod user_flow;
mod userinfo;

pub use attempt::{
    Attempt, AttemptPurpose, AttemptSealer, BindingDigest, LIFE, MAX_STATE, TransactionId,
};
pub use binding_cookie::BindingCookie;
pub use callback::{CallbackAnswer, CallbackRequest};
pub use deployment::DeploymentNumber;
pub use engine::{Engine, EngineParts};
pub use hook::{Admission, SignInHook, SignOutHook};
pub use last_known_good::LastKnownGood;
pub use prompt::Prompt;
pub use refusal::Refusal;
pub use remote_sign_out::LogoutRefusal;
pub use replicas::{FOREIGN_KEY, Replicas, SEPARATE_STORES};
pub use response::{AuthorizationResponse, HOP};
pub use sign_out::{SignOut, SignOutScope};
pub use signed_out::SignedOut;
pub use start::{SignInRequest, Start};
pub use user_flow::{PASSWORD_FORGOTTEN, UserFlow, UserFlows};

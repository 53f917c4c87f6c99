//! Outcomes of attempts: each attempt is redeemed once, and further callbacks get the same outcome.

mod completion;
mod table;
#[cfg(test)]
mod tests;
mod turn;

pub(super) use completion::Completion;
pub(super) use table::{Outcomes, SignInOutcome};
pub(super) use turn::BrowserTurn;

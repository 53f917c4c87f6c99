//! A fault: an effect, its endpoint and its number of uses.

use serde::{Deserialize, Serialize};

use super::{Effect, Endpoint};

/// A wrong or missing answer of one endpoint, once, several times or until it is cleared.
///
/// ```
/// use entra_emulator::{Emulator, Endpoint, Fault};
///
/// let emulator = Emulator::builder().start()?;
/// let faults = emulator.control().faults();
/// let id = faults.set(Fault::throttled(Endpoint::Token, "2").times(3));
/// faults.set(Fault::metadata("issuer", "https://attacker.example.test"));
/// faults.remove(id);
/// assert_eq!(faults.list().len(), 1);
/// # Ok::<(), entra_emulator::StartError>(())
/// ```
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Fault {
    /// The endpoint on which it acts.
    pub on: Endpoint,
    /// The effect on each request.
    pub effect: Effect,
    /// The number of requests that it still affects; `None`: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// The only `grant_type` that it affects; `None`: all requests.
    ///
    /// It has an effect with delay, hang, drip, close, cut, answer and wrapping.
    #[serde(default)]
    pub grant_type: Option<String>,
}

impl Fault {
    /// Sets an effect on an endpoint, until it is cleared.
    #[must_use]
    pub fn new(on: Endpoint, effect: Effect) -> Self {
        Self {
            on,
            effect,
            times: None,
            grant_type: None,
        }
    }

    /// Limits it to token requests with this `grant_type`, such as `refresh_token`.
    #[must_use]
    pub fn for_grant(mut self, grant_type: &str) -> Self {
        self.grant_type = Some(grant_type.to_owned());
        self
    }

    /// Limits it to the next request.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Limits it to this number of requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Delays the answer by this number of milliseconds.
    #[must_use]
    pub fn delay(on: Endpoint, milliseconds: u64) -> Self {
        Self::new(on, Effect::Delay(milliseconds))
    }

    /// Never answers; the connection stays open.
    #[must_use]
    pub fn hang(on: Endpoint) -> Self {
        Self::new(on, Effect::Hang)
    }

    /// Sends the body at one byte a second.
    #[must_use]
    pub fn drip(on: Endpoint) -> Self {
        Self::new(on, Effect::Drip(1000))
    }

    /// Closes the connection without an answer.
    #[must_use]
    pub fn close(on: Endpoint) -> Self {
        Self::new(on, Effect::Close)
    }

    /// Sends half the body and closes the connection.
    #[must_use]
    pub fn cut(on: Endpoint) -> Self {
        Self::new(on, Effect::Cut)
    }
}

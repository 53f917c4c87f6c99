//! Redeems the code of an attempt once, whatever the number of callbacks.

use std::sync::Arc;

use super::{
    CallbackAnswer, Engine, Refusal, outcomes::BrowserTurn, redemption::Redemption,
    short_digest::short_digest,
};
use crate::secret::ExposeSecret;

impl Engine {
    /// Redeems the code, or waits for the callback that redeems it and returns its outcome.
    /// `loop_refusal` is the refusal if sign-ins of this browser loop.
    pub(super) async fn redeem_once(
        self: &Arc<Self>,
        mut redemption: Redemption,
        loop_refusal: Refusal,
    ) -> Result<CallbackAnswer, Refusal> {
        // A browser with a session is in no loop: its user may sign in again at will.
        let has_no_session = redemption.previous.is_none();
        if has_no_session && redemption.browser.is_looping(self.clock.now()) {
            return Err(loop_refusal);
        }
        let code = short_digest(redemption.code.expose_secret().as_bytes());
        loop {
            let now = self.clock.now();
            match self.outcomes.enter(&redemption.attempt, code, now) {
                BrowserTurn::Done(outcome) => return outcome.map(CallbackAnswer::GoOn),
                BrowserTurn::Wait(mut receiver) => {
                    let outcome = receiver.wait_for(Option::is_some).await;
                    let outcome = outcome.ok().and_then(|outcome| outcome.clone());
                    match outcome.ok_or(Refusal::Busy)? {
                        // The code was refused. This request may redeem its own code.
                        Err(refusal) if refusal.is_of_the_code() => {}
                        outcome => return outcome.map(CallbackAnswer::GoOn),
                    }
                }
                // The other tab has finished, with or without an outcome: decide again.
                BrowserTurn::Queue(mut receiver) => drop(receiver.wait_for(Option::is_some).await),
                BrowserTurn::Mine(completion, earlier) => {
                    if let (None, Some(id)) = (&redemption.previous, earlier) {
                        redemption.previous = self.sessions.load(&id).await?;
                    }
                    return self.redeem_detached(redemption, completion).await;
                }
            }
        }
    }
}

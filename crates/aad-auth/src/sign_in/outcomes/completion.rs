//! Completes an attempt: stores its outcome and notifies waiting requests.

use std::sync::Arc;

use tokio::sync::watch;

use super::table::{Completed, Outcomes, PastOutcome, SignInOutcome};
use crate::{
    clock::Timestamp,
    config::ReturnTo,
    session::SessionId,
    sign_in::{Attempt, BindingDigest, Refusal, TransactionId, short_digest::CodeDigest},
};

/// Obliges its owner to complete the attempt. Dropping it without an outcome restores the state before:
/// no code was used, and earlier refusals are kept. After [`Completion::begin`] the attempt counts as
/// failed instead, even if the task panics.
pub(in crate::sign_in) struct Completion {
    outcomes: Arc<Outcomes>,
    id: TransactionId,
    browser: BindingDigest,
    until: Timestamp,
    /// The outcome of earlier codes.
    former: Option<Box<PastOutcome>>,
    code: CodeDigest,
    sender: watch::Sender<Option<SignInOutcome>>,
    end: Option<(SignInOutcome, Option<Completed>)>,
}

impl Completion {
    /// The completion of an attempt whose earlier codes ended in `former`.
    pub(super) fn new(
        outcomes: Arc<Outcomes>,
        attempt: &Attempt,
        code: CodeDigest,
        former: Option<Box<PastOutcome>>,
        sender: watch::Sender<Option<SignInOutcome>>,
    ) -> Self {
        Self {
            outcomes,
            id: attempt.id,
            browser: attempt.browser,
            until: attempt.expires_at(),
            former,
            code,
            sender,
            end: None,
        }
    }

    /// Completes the attempt with a session.
    pub(in crate::sign_in) fn complete(
        mut self,
        return_to: ReturnTo,
        session: SessionId,
        at: Timestamp,
    ) {
        let attempt = self.id;
        let completed = Completed {
            attempt,
            at,
            session,
        };
        self.end = Some((Ok(return_to), Some(completed)));
    }

    /// Notes that the code is about to be sent. Without another outcome, the attempt counts as failed.
    pub(in crate::sign_in) fn begin(&mut self) {
        self.end = Some((
            Err(Refusal::ProviderBroken(
                "the redemption ended before it had an outcome".to_owned(),
            )),
            None,
        ));
    }

    /// Frees the attempt: the code was not sent after all.
    pub(in crate::sign_in) fn free(mut self) {
        self.end = None;
    }

    /// Completes the attempt with the outcome of another instance.
    pub(in crate::sign_in) fn adopt(mut self, outcome: SignInOutcome) {
        self.end = Some((outcome, None));
    }

    /// Completes the attempt with a refusal.
    pub(in crate::sign_in) fn refuse(mut self, refusal: Refusal) {
        self.end = Some((Err(refusal), None));
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        let mut table = self.outcomes.table();
        let (outcome, completed) = self.end.take().unzip();
        table.change_browser(self.browser, |sign_ins| {
            sign_ins.pending.take_if(|(id, _)| *id == self.id);
            if let Some(completed) = completed.flatten() {
                sign_ins.last = Some(completed);
            }
        });
        let former = self.former.take();
        let (done, told) = match outcome {
            Some(outcome) => {
                let mut codes = former.map(|past| past.codes).unwrap_or_default();
                codes.push(self.code);
                let told = Some(outcome.clone());
                (Some(Box::new(PastOutcome { outcome, codes })), told)
            }
            None => (former, None),
        };
        table.end(self.id, self.browser, self.until, done);
        drop(table);
        if told.is_some() {
            self.sender.send_replace(told);
        }
    }
}

//! The duty to tell how an attempt ended.

use std::sync::Arc;

use tokio::sync::watch;

use super::{CodeDigest, Completed, Outcomes, SignInOutcome, Tried};
use crate::{
    clock::Timestamp,
    config::ReturnTo,
    session::SessionId,
    sign_in::{BindingDigest, Refusal, TransactionId},
};

/// The duty to tell how an attempt ended. Dropped without an outcome, the attempt is as it was before:
/// nothing was used up, and what was refused stays known. From [`Completion::begin`] on it is not
/// free, even when the task panics.
pub(in crate::sign_in) struct Completion {
    pub(super) outcomes: Arc<Outcomes>,
    pub(super) id: TransactionId,
    pub(super) browser: BindingDigest,
    pub(super) until: Timestamp,
    /// What came of earlier codes.
    pub(super) former: Option<Box<Tried>>,
    pub(super) code: CodeDigest,
    pub(super) sender: watch::Sender<Option<SignInOutcome>>,
    pub(super) end: Option<(SignInOutcome, Option<Completed>)>,
}

impl Completion {
    /// Ends the attempt with a session.
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

    /// The code is about to be used: unless something else is said, that is how it ended.
    pub(in crate::sign_in) fn begin(&mut self) {
        self.end = Some((
            Err(Refusal::ProviderBroken(
                "the redemption ended before it had an outcome".to_owned(),
            )),
            None,
        ));
    }

    /// Nothing was used up after all.
    pub(in crate::sign_in) fn free(mut self) {
        self.end = None;
    }

    /// Ends the attempt as another instance has ended it.
    pub(in crate::sign_in) fn adopt(mut self, outcome: SignInOutcome) {
        self.end = Some((outcome, None));
    }

    /// Ends the attempt without one, for good.
    pub(in crate::sign_in) fn refuse(mut self, refusal: Refusal) {
        self.end = Some((Err(refusal), None));
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        let mut table = self.outcomes.table();
        let (outcome, completed) = self.end.take().unzip();
        table.change_tabs(self.browser, |tabs| {
            tabs.pending.take_if(|(id, _)| *id == self.id);
            if let Some(completed) = completed.flatten() {
                tabs.last = Some(completed);
            }
        });
        let former = self.former.take();
        let (done, told) = match outcome {
            Some(outcome) => {
                let mut codes = former.map(|tried| tried.codes).unwrap_or_default();
                codes.push(self.code);
                let told = Some(outcome.clone());
                (Some(Box::new(Tried { outcome, codes })), told)
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

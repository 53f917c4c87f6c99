//! Decides which request redeems an attempt, and which requests wait for it.

use std::sync::Arc;

use tokio::sync::watch;

use super::{
    completion::Completion,
    table::{AttemptState, Outcomes, PastOutcome, SignInOutcome, Table},
};
use crate::{
    clock::Timestamp,
    session::SessionId,
    sign_in::{Attempt, AttemptPurpose, Refusal, short_digest::CodeDigest},
};

/// What a request does with its attempt.
pub(in crate::sign_in) enum BrowserTurn {
    /// Redeem the code, and complete the attempt. The session id is that of this browser's last
    /// completed sign-in, if any.
    Mine(Completion, Option<SessionId>),
    /// Wait: another request is redeeming this attempt.
    Wait(watch::Receiver<Option<SignInOutcome>>),
    /// Wait: another tab of this browser is signing in, and its session serves this tab too. Call
    /// [`Outcomes::enter`] again afterwards.
    Queue(watch::Receiver<Option<SignInOutcome>>),
    /// The attempt has ended with this outcome.
    Done(SignInOutcome),
}

impl Outcomes {
    /// Decides what a callback with this code does.
    ///
    /// A plain sign-in waits for another one of the same browser, and is complete if that one was
    /// completed after it began. So fifty tabs that return at once end in one session.
    ///
    /// An attempt whose code was refused accepts another code, up to [`MAX_CODES`]. A user who submits
    /// the provider's form twice may return with a first code that the second one has invalidated.
    pub(in crate::sign_in) fn enter(
        self: &Arc<Self>,
        attempt: &Attempt,
        code: CodeDigest,
        now: Timestamp,
    ) -> BrowserTurn {
        let mut table = self.table();
        table.forget_expired(now);
        let former = match former_outcome(&table, attempt, code) {
            Ok(former) => former,
            Err(turn) => return turn,
        };
        let (id, browser) = (attempt.id, attempt.browser);
        let sign_ins = table.browsers.entry(browser).or_default();
        if attempt.purpose == AttemptPurpose::SignIn {
            if let Some((_, receiver)) = &sign_ins.pending {
                return BrowserTurn::Queue(receiver.clone());
            }
            if sign_ins
                .last
                .as_ref()
                .is_some_and(|last| last.at >= attempt.started)
            {
                return BrowserTurn::Done(Ok(attempt.return_to.clone()));
            }
        }
        let (sender, receiver) = watch::channel(None);
        let earlier = sign_ins.last.as_ref().map(|last| last.session.clone());
        if sign_ins.pending.is_none() {
            sign_ins.pending = Some((id, receiver.clone()));
        }
        let pending = AttemptState::Pending {
            receiver,
            has_place: former.is_some(),
        };
        table.attempts.insert(id, pending);
        let completion = Completion::new(Arc::clone(self), attempt, code, former, sender);
        BrowserTurn::Mine(completion, earlier)
    }
}

/// The outcome of earlier codes, if this code may still be redeemed.
///
/// # Errors
/// What the request does instead: the attempt is being redeemed, or has ended.
fn former_outcome(
    table: &Table,
    attempt: &Attempt,
    code: CodeDigest,
) -> Result<Option<Box<PastOutcome>>, BrowserTurn> {
    match table.attempts.get(&attempt.id) {
        Some(AttemptState::Pending { receiver, .. }) => Err(BrowserTurn::Wait(receiver.clone())),
        Some(AttemptState::Done(past)) => {
            let PastOutcome { outcome, codes } = &**past;
            let refused = outcome.as_ref().is_err_and(Refusal::is_of_the_code);
            if !refused || codes.contains(&code) || codes.len() >= MAX_CODES {
                return Err(BrowserTurn::Done(outcome.clone()));
            }
            Ok(Some(past.clone()))
        }
        None => Ok(None),
    }
}

/// How many codes of one attempt are sent to the provider.
const MAX_CODES: usize = 3;

//! Outcomes of attempts: each is redeemed once, and a second arrival learns the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::{Attempt, AttemptPurpose, BrowserDigest, Refusal, TransactionId};
use crate::{clock::Timestamp, config::ReturnTo, session::SessionId};

/// How an attempt ended. Never a session id: only the browser that was first gets the cookie.
pub(super) type Outcome = Result<ReturnTo, Refusal>;

/// The outcomes of this process, each kept until the attempt itself expires.
#[derive(Default)]
pub(super) struct Outcomes(Mutex<Table>);

#[derive(Default)]
struct Table {
    attempts: HashMap<TransactionId, Slot<Outcome>>,
    browsers: HashMap<BrowserDigest, Slot<Completed>>,
    oldest_first: VecDeque<(TransactionId, BrowserDigest, Timestamp)>,
}

/// A browser's last completed sign-in. The id is kept so that a later sign-in of the same browser
/// whose request did not carry the cookie yet can put an end to that session: it is never told.
struct Completed {
    at: Timestamp,
    session: SessionId,
}

enum Slot<T> {
    Pending(watch::Receiver<Option<Outcome>>),
    Done(T),
}

/// Who came first.
pub(super) enum Turn {
    /// The caller: it redeems, and tells the others. With it comes the session that this browser
    /// was given by an earlier attempt.
    Mine(Completion, Option<SessionId>),
    /// Another request redeems this attempt at this moment.
    Wait(watch::Receiver<Option<Outcome>>),
    /// Another tab of this browser signs in at this moment: its session will serve this tab too.
    /// Take another turn afterwards.
    Queue(watch::Receiver<Option<Outcome>>),
    /// It is over.
    Done(Outcome),
}

impl Outcomes {
    /// Takes a turn at an attempt.
    ///
    /// A plain sign-in waits for one of the same browser, and is done when that one was completed
    /// after it began: fifty tabs that come back at once end in one session.
    pub(super) fn enter(self: &Arc<Self>, attempt: &Attempt, now: Timestamp) -> Turn {
        let mut table = self.table();
        table.forget_expired(now);
        match table.attempts.get(&attempt.id) {
            Some(Slot::Pending(receiver)) => return Turn::Wait(receiver.clone()),
            Some(Slot::Done(outcome)) => return Turn::Done(outcome.clone()),
            None => {}
        }
        if attempt.purpose == AttemptPurpose::SignIn {
            match table.browsers.get(&attempt.browser) {
                Some(Slot::Pending(receiver)) => return Turn::Queue(receiver.clone()),
                Some(Slot::Done(last)) if last.at >= attempt.started => {
                    return Turn::Done(Ok(attempt.return_to.clone()));
                }
                _ => {}
            }
        }
        let (sender, receiver) = watch::channel(None);
        let (id, browser) = (attempt.id, attempt.browser);
        let pending = Slot::Pending(receiver.clone());
        let earlier = match table.browsers.insert(browser, pending) {
            Some(Slot::Done(last)) => Some(last.session),
            _ => None,
        };
        table.attempts.insert(id, Slot::Pending(receiver));
        table
            .oldest_first
            .push_back((id, browser, attempt.expires_at()));
        let completion = Completion {
            outcomes: Arc::clone(self),
            id,
            browser,
            sender,
            end: None,
        };
        Turn::Mine(completion, earlier)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn forget_expired(&mut self, now: Timestamp) {
        while let Some((id, browser, until)) = self.oldest_first.front().copied() {
            if until > now && self.oldest_first.len() <= MAX_OUTCOMES {
                break;
            }
            self.oldest_first.pop_front();
            if matches!(self.attempts.get(&id), Some(Slot::Pending(_))) {
                // Its code is being redeemed: forgetting it would let it be redeemed twice.
                self.oldest_first.push_back((id, browser, until));
                break;
            }
            self.attempts.remove(&id);
            if matches!(self.browsers.get(&browser), Some(Slot::Done(_))) {
                self.browsers.remove(&browser);
            }
        }
    }
}

/// The duty to tell how an attempt ended. Dropped without an outcome, the attempt is free again:
/// nothing was used up.
pub(super) struct Completion {
    outcomes: Arc<Outcomes>,
    id: TransactionId,
    browser: BrowserDigest,
    sender: watch::Sender<Option<Outcome>>,
    end: Option<(Outcome, Option<Completed>)>,
}

impl Completion {
    /// Ends the attempt with a session.
    pub(super) fn complete(mut self, return_to: ReturnTo, session: SessionId, at: Timestamp) {
        self.end = Some((Ok(return_to), Some(Completed { at, session })));
    }

    /// Ends the attempt as another instance has ended it.
    pub(super) fn adopt(mut self, outcome: Outcome) {
        self.end = Some((outcome, None));
    }

    /// Ends the attempt without one, for good.
    pub(super) fn refuse(mut self, refusal: Refusal) {
        self.end = Some((Err(refusal), None));
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        let mut table = self.outcomes.table();
        table.browsers.remove(&self.browser);
        let Some((outcome, completed)) = self.end.take() else {
            table.attempts.remove(&self.id);
            table.oldest_first.retain(|(id, ..)| *id != self.id);
            return;
        };
        if let Some(completed) = completed {
            table.browsers.insert(self.browser, Slot::Done(completed));
        }
        table.attempts.insert(self.id, Slot::Done(outcome.clone()));
        drop(table);
        self.sender.send_replace(Some(outcome));
    }
}

/// Every entry has cost an answer of the provider, so strangers cannot fill this faster than it
/// answers.
const MAX_OUTCOMES: usize = 65_536;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        config::BaseUrl,
        flow::{Attempt, AttemptPurpose, Browser},
        random::SystemRandom,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn attempt() -> Attempt {
        let base = BaseUrl::parse("https://app.example.test").unwrap();
        let browser = Browser::new(&SystemRandom);
        Attempt::new(
            &SystemRandom,
            NOW,
            &browser,
            base.return_to("/deep"),
            AttemptPurpose::SignIn,
        )
    }

    #[test]
    fn a_second_arrival_waits_and_learns_the_outcome() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(&attempt, NOW);
        let Turn::Mine(completion, _) = enter() else {
            panic!("first")
        };
        let Turn::Wait(receiver) = enter() else {
            panic!("second")
        };
        completion.complete(
            attempt.return_to.clone(),
            SessionId::new(&SystemRandom),
            NOW,
        );
        assert_eq!(*receiver.borrow(), Some(Ok(attempt.return_to.clone())));
        assert!(matches!(enter(), Turn::Done(Ok(_))));
    }

    #[test]
    fn another_tab_of_the_browser_waits_and_then_needs_nothing() {
        let outcomes = Arc::new(Outcomes::default());
        let first = attempt();
        let mut second = attempt();
        second.browser = first.browser;
        let Turn::Mine(completion, _) = outcomes.enter(&first, NOW) else {
            panic!("first")
        };
        assert!(matches!(outcomes.enter(&second, NOW), Turn::Queue(_)));
        completion.complete(first.return_to.clone(), SessionId::new(&SystemRandom), NOW);
        assert!(matches!(outcomes.enter(&second, NOW), Turn::Done(Ok(_))));
        // Begun after the other was completed: the user wants to sign in again.
        second.started = NOW + Duration::from_millis(1);
        assert!(matches!(
            outcomes.enter(&second, NOW),
            Turn::Mine(_, Some(_))
        ));
    }

    #[test]
    fn an_attempt_that_used_nothing_up_is_free_again() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(&attempt, NOW);
        drop(enter());
        assert!(matches!(enter(), Turn::Mine(..)));
    }

    #[test]
    fn outcomes_end_with_their_attempts() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let Turn::Mine(completion, _) = outcomes.enter(&attempt, NOW) else {
            panic!("first")
        };
        completion.refuse(Refusal::NotAdmitted);
        let later = NOW + Duration::from_secs(3600);
        let turn = outcomes.enter(&attempt, later);
        assert!(matches!(turn, Turn::Mine(..)));
        assert_eq!(outcomes.table().attempts.len(), 1);
    }
}

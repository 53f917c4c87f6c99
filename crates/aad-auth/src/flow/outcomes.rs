//! Outcomes of attempts: each is redeemed once, and a second arrival learns the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::watch;

use super::{Attempt, AttemptPurpose, BrowserDigest, Refusal, TransactionId};
use crate::{clock::Timestamp, config::ReturnTo};

/// How an attempt ended. Never a session id: only the browser that was first gets the cookie.
pub type Outcome = Result<ReturnTo, Refusal>;

/// The outcomes of this process, each kept until the attempt itself expires.
#[derive(Default)]
pub struct Outcomes(Mutex<Table>);

#[derive(Default)]
struct Table {
    attempts: HashMap<TransactionId, Slot<Outcome>>,
    browsers: HashMap<BrowserDigest, Slot<Timestamp>>,
    oldest_first: VecDeque<(TransactionId, BrowserDigest, Timestamp)>,
}

enum Slot<T> {
    Pending(watch::Receiver<Option<Outcome>>),
    Done(T),
}

/// Who came first.
pub enum Turn {
    /// The caller: it redeems, and tells the others.
    Mine(Completion),
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
    pub fn enter(self: &Arc<Self>, attempt: &Attempt, now: Timestamp) -> Turn {
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
                Some(Slot::Done(at)) if *at >= attempt.started => {
                    return Turn::Done(Ok(attempt.return_to.clone()));
                }
                _ => {}
            }
        }
        let (sender, receiver) = watch::channel(None);
        let (id, browser) = (attempt.id, attempt.browser);
        table
            .browsers
            .insert(browser, Slot::Pending(receiver.clone()));
        table.attempts.insert(id, Slot::Pending(receiver));
        table
            .oldest_first
            .push_back((id, browser, attempt.expires_at()));
        Turn::Mine(Completion {
            outcomes: Arc::clone(self),
            id,
            browser,
            sender,
            end: None,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Table {
    fn forget_expired(&mut self, now: Timestamp) {
        while let Some((id, browser, until)) = self.oldest_first.front().copied() {
            if until > now && self.oldest_first.len() <= MAX_OUTCOMES {
                break;
            }
            self.oldest_first.pop_front();
            self.attempts.remove(&id);
            if matches!(self.browsers.get(&browser), Some(Slot::Done(_))) {
                self.browsers.remove(&browser);
            }
        }
    }
}

/// The duty to tell how an attempt ended. Dropped without an outcome, the attempt is free again:
/// nothing was used up.
pub struct Completion {
    outcomes: Arc<Outcomes>,
    id: TransactionId,
    browser: BrowserDigest,
    sender: watch::Sender<Option<Outcome>>,
    end: Option<(Outcome, Timestamp)>,
}

impl Completion {
    /// Ends the attempt for good.
    pub fn finish(mut self, outcome: Outcome, now: Timestamp) {
        self.end = Some((outcome, now));
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        let mut table = self.outcomes.table();
        table.browsers.remove(&self.browser);
        let Some((outcome, now)) = self.end.take() else {
            table.attempts.remove(&self.id);
            table.oldest_first.retain(|(id, ..)| *id != self.id);
            return;
        };
        if outcome.is_ok() {
            table.browsers.insert(self.browser, Slot::Done(now));
        }
        table.attempts.insert(self.id, Slot::Done(outcome.clone()));
        drop(table);
        self.sender.send_replace(Some(outcome));
    }
}

/// Only completed redemptions are remembered, so strangers cannot fill this faster than the
/// provider answers.
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
        let Turn::Mine(completion) = enter() else {
            panic!("first")
        };
        let Turn::Wait(receiver) = enter() else {
            panic!("second")
        };
        completion.finish(Ok(attempt.return_to.clone()), NOW);
        assert_eq!(*receiver.borrow(), Some(Ok(attempt.return_to.clone())));
        assert!(matches!(enter(), Turn::Done(Ok(_))));
    }

    #[test]
    fn another_tab_of_the_browser_waits_and_then_needs_nothing() {
        let outcomes = Arc::new(Outcomes::default());
        let first = attempt();
        let mut second = attempt();
        second.browser = first.browser;
        let Turn::Mine(completion) = outcomes.enter(&first, NOW) else {
            panic!("first")
        };
        assert!(matches!(outcomes.enter(&second, NOW), Turn::Queue(_)));
        completion.finish(Ok(first.return_to.clone()), NOW);
        assert!(matches!(outcomes.enter(&second, NOW), Turn::Done(Ok(_))));
        // Begun after the other was completed: the user wants to sign in again.
        second.started = NOW + Duration::from_millis(1);
        assert!(matches!(outcomes.enter(&second, NOW), Turn::Mine(_)));
    }

    #[test]
    fn an_attempt_that_used_nothing_up_is_free_again() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(&attempt, NOW);
        drop(enter());
        assert!(matches!(enter(), Turn::Mine(_)));
    }

    #[test]
    fn outcomes_end_with_their_attempts() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let Turn::Mine(completion) = outcomes.enter(&attempt, NOW) else {
            panic!("first")
        };
        completion.finish(Err(Refusal::NotAdmitted), NOW);
        let later = NOW + Duration::from_secs(3600);
        assert!(matches!(outcomes.enter(&attempt, later), Turn::Mine(_)));
        assert_eq!(outcomes.table().attempts.len(), 1);
    }
}

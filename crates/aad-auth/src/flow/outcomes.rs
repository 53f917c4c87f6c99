//! Outcomes of attempts: each is redeemed once, and a second arrival learns the same.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
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
    attempts: HashMap<TransactionId, Slot>,
    browsers: HashMap<BrowserDigest, Tabs>,
    /// Those that are over, in the order in which they ended.
    oldest_first: VecDeque<(TransactionId, BrowserDigest, Timestamp)>,
}

/// The sign-ins of one browser.
#[derive(Default)]
struct Tabs {
    /// The one that later plain ones wait for. One that asks the user for something may run beside
    /// it, and leaves it alone.
    pending: Option<(TransactionId, watch::Receiver<Option<Outcome>>)>,
    last: Option<Completed>,
}

/// A browser's last completed sign-in. The id is kept so that a later sign-in of the same browser
/// whose request did not carry the cookie yet can put an end to that session: it is never told.
struct Completed {
    attempt: TransactionId,
    at: Timestamp,
    session: SessionId,
}

enum Slot {
    Pending(watch::Receiver<Option<Outcome>>),
    Done(Outcome),
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
        let (id, browser) = (attempt.id, attempt.browser);
        let tabs = table.browsers.entry(browser).or_default();
        if attempt.purpose == AttemptPurpose::SignIn {
            if let Some((_, receiver)) = &tabs.pending {
                return Turn::Queue(receiver.clone());
            }
            if tabs
                .last
                .as_ref()
                .is_some_and(|last| last.at >= attempt.started)
            {
                return Turn::Done(Ok(attempt.return_to.clone()));
            }
        }
        let (sender, receiver) = watch::channel(None);
        let earlier = tabs.last.as_ref().map(|last| last.session.clone());
        if tabs.pending.is_none() {
            tabs.pending = Some((id, receiver.clone()));
        }
        table.attempts.insert(id, Slot::Pending(receiver));
        let completion = Completion {
            outcomes: Arc::clone(self),
            id,
            browser,
            until: attempt.expires_at(),
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
            self.attempts.remove(&id);
            self.change_tabs(browser, |tabs| {
                tabs.last.take_if(|last| last.attempt == id);
            });
        }
    }

    /// Changes what is known of a browser, and forgets it when nothing is left.
    fn change_tabs(&mut self, browser: BrowserDigest, change: impl FnOnce(&mut Tabs)) {
        let Entry::Occupied(mut entry) = self.browsers.entry(browser) else {
            return;
        };
        change(entry.get_mut());
        if entry.get().pending.is_none() && entry.get().last.is_none() {
            entry.remove();
        }
    }
}

/// The duty to tell how an attempt ended. Dropped without an outcome, the attempt is free again:
/// nothing was used up. From [`Completion::begin`] on it is not free, even when the task panics.
pub(super) struct Completion {
    outcomes: Arc<Outcomes>,
    id: TransactionId,
    browser: BrowserDigest,
    until: Timestamp,
    sender: watch::Sender<Option<Outcome>>,
    end: Option<(Outcome, Option<Completed>)>,
}

impl Completion {
    /// Ends the attempt with a session.
    pub(super) fn complete(mut self, return_to: ReturnTo, session: SessionId, at: Timestamp) {
        let attempt = self.id;
        let completed = Completed {
            attempt,
            at,
            session,
        };
        self.end = Some((Ok(return_to), Some(completed)));
    }

    /// The code is about to be used: unless something else is said, that is how it ended.
    pub(super) fn begin(&mut self) {
        self.end = Some((Err(Refusal::ProviderBroken), None));
    }

    /// Nothing was used up after all.
    pub(super) fn free(mut self) {
        self.end = None;
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
        let (outcome, completed) = self.end.take().unzip();
        table.change_tabs(self.browser, |tabs| {
            tabs.pending.take_if(|(id, _)| *id == self.id);
            if let Some(completed) = completed.flatten() {
                tabs.last = Some(completed);
            }
        });
        let Some(outcome) = outcome else {
            table.attempts.remove(&self.id);
            return;
        };
        table
            .oldest_first
            .push_back((self.id, self.browser, self.until));
        table.attempts.insert(self.id, Slot::Done(outcome.clone()));
        drop(table);
        self.sender.send_replace(Some(outcome));
    }
}

/// Every outcome has cost an answer of the provider, so strangers cannot fill this faster than it
/// answers. What is still pending is bounded by the requests that are being answered.
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
    fn a_code_whose_redemption_died_half_way_is_not_free() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(&attempt, NOW);
        let Turn::Mine(mut completion, _) = enter() else {
            panic!("first")
        };
        completion.begin();
        drop(completion);
        let Turn::Done(outcome) = enter() else {
            panic!("it may have been used up")
        };
        assert_eq!(outcome, Err(Refusal::ProviderBroken));
    }

    #[test]
    fn what_is_tried_again_and_again_leaves_nothing_behind() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        for _ in 0..100 {
            let Turn::Mine(mut completion, _) = outcomes.enter(&attempt, NOW) else {
                panic!("free")
            };
            completion.begin();
            completion.free();
        }
        let table = outcomes.table();
        assert!(table.attempts.is_empty() && table.browsers.is_empty());
        assert!(table.oldest_first.is_empty());
    }

    #[test]
    fn a_prompted_sign_in_beside_a_plain_one_takes_nothing_from_it() {
        let outcomes = Arc::new(Outcomes::default());
        let (plain, mut prompted, mut third) = (attempt(), attempt(), attempt());
        prompted.purpose = AttemptPurpose::Prompted;
        prompted.browser = plain.browser;
        third.browser = plain.browser;
        let Turn::Mine(first, _) = outcomes.enter(&plain, NOW) else {
            panic!("first")
        };
        let Turn::Mine(beside, _) = outcomes.enter(&prompted, NOW) else {
            panic!("it waits for nobody")
        };
        drop(beside);
        // The plain one is still waited for.
        assert!(matches!(outcomes.enter(&third, NOW), Turn::Queue(_)));
        first.complete(plain.return_to.clone(), SessionId::new(&SystemRandom), NOW);
        assert!(matches!(outcomes.enter(&third, NOW), Turn::Done(Ok(_))));
        // One that fails afterwards does not make forget what was completed.
        prompted.id = attempt().id;
        let Turn::Mine(failing, Some(_)) = outcomes.enter(&prompted, NOW) else {
            panic!("with the session that the browser was given")
        };
        failing.refuse(Refusal::NotAdmitted);
        assert!(matches!(outcomes.enter(&third, NOW), Turn::Done(Ok(_))));
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

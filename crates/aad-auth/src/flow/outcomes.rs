//! Outcomes of attempts: each is redeemed once, and a second arrival learns the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::watch;

use super::{Refusal, TransactionId};
use crate::{clock::Timestamp, config::ReturnTo};

/// How an attempt ended. Never a session id: only the browser that was first gets the cookie.
pub type Outcome = Result<ReturnTo, Refusal>;

/// The outcomes of this process, each kept until the attempt itself expires.
#[derive(Default)]
pub struct Outcomes(Mutex<Table>);

#[derive(Default)]
struct Table {
    slots: HashMap<TransactionId, Slot>,
    oldest_first: VecDeque<(TransactionId, Timestamp)>,
}

enum Slot {
    Pending(watch::Receiver<Option<Outcome>>),
    Done(Outcome),
}

/// Who came first.
pub enum Turn {
    /// The caller: it redeems, and tells the others.
    Mine(Completion),
    /// Another request redeems at this moment.
    Wait(watch::Receiver<Option<Outcome>>),
    /// It is over.
    Done(Outcome),
}

impl Outcomes {
    /// Takes a turn at an attempt that expires at `until`.
    pub fn enter(self: &Arc<Self>, id: TransactionId, until: Timestamp, now: Timestamp) -> Turn {
        let mut table = self.table();
        table.forget_expired(now);
        match table.slots.get(&id) {
            Some(Slot::Pending(receiver)) => return Turn::Wait(receiver.clone()),
            Some(Slot::Done(outcome)) => return Turn::Done(outcome.clone()),
            None => {}
        }
        let (sender, receiver) = watch::channel(None);
        table.slots.insert(id, Slot::Pending(receiver));
        table.oldest_first.push_back((id, until));
        Turn::Mine(Completion {
            outcomes: Arc::clone(self),
            id,
            sender,
            outcome: None,
        })
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Table {
    fn forget_expired(&mut self, now: Timestamp) {
        while let Some((id, until)) = self.oldest_first.front().copied() {
            if until > now && self.oldest_first.len() <= MAX_OUTCOMES {
                break;
            }
            self.oldest_first.pop_front();
            self.slots.remove(&id);
        }
    }
}

/// The duty to tell how an attempt ended. Dropped without an outcome, the attempt is free again:
/// nothing was used up.
pub struct Completion {
    outcomes: Arc<Outcomes>,
    id: TransactionId,
    sender: watch::Sender<Option<Outcome>>,
    outcome: Option<Outcome>,
}

impl Completion {
    /// Ends the attempt for good.
    pub fn finish(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        let mut table = self.outcomes.table();
        match self.outcome.take() {
            Some(outcome) => {
                table.slots.insert(self.id, Slot::Done(outcome.clone()));
                drop(table);
                self.sender.send_replace(Some(outcome));
            }
            None => {
                table.slots.remove(&self.id);
                table.oldest_first.retain(|(id, _)| *id != self.id);
            }
        }
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
        Attempt::new(&SystemRandom, NOW, &browser, base.return_to("/deep"), AttemptPurpose::SignIn)
    }

    #[test]
    fn a_second_arrival_waits_and_learns_the_outcome() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(attempt.id, attempt.expires_at(), NOW);
        let Turn::Mine(completion) = enter() else { panic!("first") };
        let Turn::Wait(receiver) = enter() else { panic!("second") };
        completion.finish(Ok(attempt.return_to.clone()));
        assert_eq!(*receiver.borrow(), Some(Ok(attempt.return_to.clone())));
        assert!(matches!(enter(), Turn::Done(Ok(_))));
    }

    #[test]
    fn an_attempt_that_used_nothing_up_is_free_again() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let enter = || outcomes.enter(attempt.id, attempt.expires_at(), NOW);
        drop(enter());
        assert!(matches!(enter(), Turn::Mine(_)));
    }

    #[test]
    fn outcomes_end_with_their_attempts() {
        let outcomes = Arc::new(Outcomes::default());
        let attempt = attempt();
        let Turn::Mine(completion) = outcomes.enter(attempt.id, attempt.expires_at(), NOW) else {
            panic!("first")
        };
        completion.finish(Err(Refusal::NotAdmitted));
        let later = NOW + Duration::from_secs(3600);
        assert!(matches!(outcomes.enter(attempt.id, later, later), Turn::Mine(_)));
        assert_eq!(outcomes.table().slots.len(), 1);
    }
}

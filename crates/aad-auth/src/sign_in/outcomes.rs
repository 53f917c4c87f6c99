//! Outcomes of attempts: each is redeemed once, and a second arrival learns the same.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

pub(super) use self::completion::Completion;
use super::{Attempt, AttemptPurpose, BindingDigest, Refusal, TransactionId};
use crate::{clock::Timestamp, config::ReturnTo, session::SessionId};

mod completion;

/// How an attempt ended. Never a session id: only the browser that was first gets the cookie.
pub(super) type SignInOutcome = Result<ReturnTo, Refusal>;

/// The outcomes of this process, each kept until the attempt itself expires.
#[derive(Default)]
pub(super) struct Outcomes(Mutex<Table>);

#[derive(Default)]
struct Table {
    attempts: HashMap<TransactionId, Slot>,
    browsers: HashMap<BindingDigest, Tabs>,
    /// Those that are over, in the order in which they ended first: each once, also while another
    /// code of it is redeemed.
    oldest_first: VecDeque<(TransactionId, BindingDigest, Timestamp)>,
}

/// The sign-ins of one browser.
#[derive(Default)]
struct Tabs {
    /// The one that later plain ones wait for. One that asks the user for something may run beside
    /// it, and leaves it alone.
    pending: Option<(TransactionId, watch::Receiver<Option<SignInOutcome>>)>,
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
    Pending {
        receiver: watch::Receiver<Option<SignInOutcome>>,
        /// Whether an earlier code's outcome has a place in [`Table::oldest_first`].
        has_place: bool,
    },
    Done(Box<Tried>),
}

/// How an attempt ended, and the codes that were tried.
#[derive(Clone)]
struct Tried {
    outcome: SignInOutcome,
    codes: Vec<CodeDigest>,
}

/// The first 16 bytes of a code's SHA-256 digest.
pub(super) type CodeDigest = [u8; 16];

/// Who came first.
pub(super) enum BrowserTurn {
    /// The caller: it redeems, and tells the others. With it comes the session that this browser
    /// was given by an earlier attempt.
    Mine(Completion, Option<SessionId>),
    /// Another request redeems this attempt at this moment.
    Wait(watch::Receiver<Option<SignInOutcome>>),
    /// Another tab of this browser signs in at this moment: its session will serve this tab too.
    /// Take another turn afterwards.
    Queue(watch::Receiver<Option<SignInOutcome>>),
    /// It is over.
    Done(SignInOutcome),
}

impl Outcomes {
    /// Takes a turn at an attempt.
    ///
    /// A plain sign-in waits for one of the same browser, and is done when that one was completed
    /// after it began: fifty tabs that come back at once end in one session.
    ///
    /// An attempt whose code was refused takes another code, up to [`MAX_CODES`]: a user who submits
    /// the provider's form twice may bring back a first code that the second one has made void.
    pub(super) fn enter(
        self: &Arc<Self>,
        attempt: &Attempt,
        code: CodeDigest,
        now: Timestamp,
    ) -> BrowserTurn {
        let mut table = self.table();
        table.forget_expired(now);
        let former = match table.attempts.get(&attempt.id) {
            Some(Slot::Pending { receiver, .. }) => return BrowserTurn::Wait(receiver.clone()),
            Some(Slot::Done(tried)) => {
                let Tried { outcome, codes } = &**tried;
                let refused = outcome.as_ref().is_err_and(Refusal::is_of_the_code);
                if !refused || codes.contains(&code) || codes.len() >= MAX_CODES {
                    return BrowserTurn::Done(outcome.clone());
                }
                Some(tried.clone())
            }
            None => None,
        };
        let (id, browser) = (attempt.id, attempt.browser);
        let tabs = table.browsers.entry(browser).or_default();
        if attempt.purpose == AttemptPurpose::SignIn {
            if let Some((_, receiver)) = &tabs.pending {
                return BrowserTurn::Queue(receiver.clone());
            }
            if tabs
                .last
                .as_ref()
                .is_some_and(|last| last.at >= attempt.started)
            {
                return BrowserTurn::Done(Ok(attempt.return_to.clone()));
            }
        }
        let (sender, receiver) = watch::channel(None);
        let earlier = tabs.last.as_ref().map(|last| last.session.clone());
        if tabs.pending.is_none() {
            tabs.pending = Some((id, receiver.clone()));
        }
        let has_place = former.is_some();
        let pending = Slot::Pending {
            receiver,
            has_place,
        };
        table.attempts.insert(id, pending);
        let completion = Completion {
            outcomes: Arc::clone(self),
            id,
            browser,
            until: attempt.expires_at(),
            former,
            code,
            sender,
            end: None,
        };
        BrowserTurn::Mine(completion, earlier)
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
            // What is being redeemed stays, or a third arrival would redeem beside it.
            match self.attempts.get_mut(&id) {
                Some(Slot::Pending { has_place, .. }) => *has_place = false,
                _ => drop(self.attempts.remove(&id)),
            }
            self.change_tabs(browser, |tabs| {
                tabs.last.take_if(|last| last.attempt == id);
            });
        }
    }

    /// Nothing is redeemed for an attempt any more: this is known of it.
    fn end(
        &mut self,
        id: TransactionId,
        browser: BindingDigest,
        until: Timestamp,
        done: Option<Box<Tried>>,
    ) {
        let pending = self.attempts.remove(&id);
        let Some(tried) = done else {
            return;
        };
        self.attempts.insert(id, Slot::Done(tried));
        let has_place = matches!(pending, Some(Slot::Pending { has_place, .. }) if has_place);
        if !has_place {
            self.oldest_first.push_back((id, browser, until));
        }
    }

    /// Changes what is known of a browser, and forgets it when nothing is left.
    fn change_tabs(&mut self, browser: BindingDigest, change: impl FnOnce(&mut Tabs)) {
        let Entry::Occupied(mut entry) = self.browsers.entry(browser) else {
            return;
        };
        change(entry.get_mut());
        if entry.get().pending.is_none() && entry.get().last.is_none() {
            entry.remove();
        }
    }
}

/// How many codes of one attempt are sent to the provider.
const MAX_CODES: usize = 3;
/// Every outcome has cost an answer of the provider, so strangers cannot fill this faster than it
/// answers. What is still pending is bounded by the requests that are being answered.
const MAX_OUTCOMES: usize = 65_536;

#[cfg(test)]
#[path = "outcomes_tests.rs"]
mod tests;

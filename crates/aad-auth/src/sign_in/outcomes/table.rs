//! The table of attempts and browsers.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::{
    clock::Timestamp,
    config::ReturnTo,
    session::SessionId,
    sign_in::{BindingDigest, Refusal, TransactionId, short_digest::CodeDigest},
};

/// The outcome of an attempt. It holds no session id: only the first callback gets the cookie.
pub(in crate::sign_in) type SignInOutcome = Result<ReturnTo, Refusal>;

/// The outcomes of this process. Each is kept until its attempt expires.
#[derive(Default)]
pub(in crate::sign_in) struct Outcomes(Mutex<Table>);

/// All attempts and browsers.
#[derive(Default)]
pub(super) struct Table {
    pub(super) attempts: HashMap<TransactionId, AttemptState>,
    pub(super) browsers: HashMap<BindingDigest, BrowserSignIns>,
    /// Attempts that have ended, in the order of their first end: each once, even while another code of
    /// it is redeemed.
    pub(super) oldest_first: VecDeque<(TransactionId, BindingDigest, Timestamp)>,
}

/// The sign-ins of one browser.
#[derive(Default)]
pub(super) struct BrowserSignIns {
    /// The attempt that later plain sign-ins wait for. An attempt with `prompt` may run beside it.
    pub(super) pending: Option<(TransactionId, watch::Receiver<Option<SignInOutcome>>)>,
    pub(super) last: Option<Completed>,
}

/// A browser's last completed sign-in. With the session id, a later sign-in of the same browser ends
/// that session even if its request did not carry the cookie yet. The id is sent to no browser.
pub(super) struct Completed {
    pub(super) attempt: TransactionId,
    pub(super) at: Timestamp,
    pub(super) session: SessionId,
}

/// The state of an attempt.
pub(super) enum AttemptState {
    Pending {
        receiver: watch::Receiver<Option<SignInOutcome>>,
        /// Whether the attempt is in [`Table::oldest_first`] because of an earlier code.
        has_place: bool,
    },
    Done(Box<PastOutcome>),
}

/// The outcome of an attempt that has ended, and the codes that were tried.
#[derive(Clone)]
pub(super) struct PastOutcome {
    pub(super) outcome: SignInOutcome,
    pub(super) codes: Vec<CodeDigest>,
}

impl Outcomes {
    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Forgets attempts that have expired, and the oldest beyond the bound.
    pub(super) fn forget_expired(&mut self, now: Timestamp) {
        while let Some((id, browser, until)) = self.oldest_first.front().copied() {
            if until > now && self.oldest_first.len() <= MAX_OUTCOMES {
                break;
            }
            self.oldest_first.pop_front();
            // An attempt that is being redeemed stays, or a third callback would redeem it again.
            match self.attempts.get_mut(&id) {
                Some(AttemptState::Pending { has_place, .. }) => *has_place = false,
                _ => drop(self.attempts.remove(&id)),
            }
            self.change_browser(browser, |sign_ins| {
                sign_ins.last.take_if(|last| last.attempt == id);
            });
        }
    }

    /// Ends the redemption of an attempt. `done` is its outcome; `None` forgets the attempt.
    pub(super) fn end(
        &mut self,
        id: TransactionId,
        browser: BindingDigest,
        until: Timestamp,
        done: Option<Box<PastOutcome>>,
    ) {
        let pending = self.attempts.remove(&id);
        let Some(tried) = done else {
            return;
        };
        self.attempts.insert(id, AttemptState::Done(tried));
        let has_place =
            matches!(pending, Some(AttemptState::Pending { has_place, .. }) if has_place);
        if !has_place {
            self.oldest_first.push_back((id, browser, until));
        }
    }

    /// Changes the entry of a browser, and removes it if it is empty.
    pub(super) fn change_browser(
        &mut self,
        browser: BindingDigest,
        change: impl FnOnce(&mut BrowserSignIns),
    ) {
        let Entry::Occupied(mut entry) = self.browsers.entry(browser) else {
            return;
        };
        change(entry.get_mut());
        if entry.get().pending.is_none() && entry.get().last.is_none() {
            entry.remove();
        }
    }
}

/// Most outcomes. Each has cost an answer of the provider, which limits how fast an attacker can fill
/// the table. Pending attempts are bounded by the requests that are under way.
pub(super) const MAX_OUTCOMES: usize = 65_536;

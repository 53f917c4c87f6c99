//! One load at a time, however many wait for it.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// Whether a load succeeded, once it has ended.
type Outcome = Option<bool>;

/// The load that is under way, if any.
#[derive(Debug, Default)]
pub(crate) struct Flight(Mutex<Option<watch::Receiver<Outcome>>>);

/// A place among those who wait for a load.
pub(crate) struct Seat(watch::Receiver<Outcome>);

/// The duty to load, and to say how it ended. Dropped without a word, it counts as failed.
pub(crate) struct Pilot(watch::Sender<Outcome>);

impl Flight {
    /// A seat in the load that is under way.
    pub(crate) fn join(&self) -> Option<Seat> {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current
            .as_ref()
            .filter(|seat| is_under_way(seat))
            .map(|seat| Seat(seat.clone()))
    }

    /// A seat in the load that is under way, or in a new one with the duty to fly it.
    pub(crate) fn join_or_start(&self) -> (Seat, Option<Pilot>) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seat) = current.as_ref().filter(|seat| is_under_way(seat)) {
            return (Seat(seat.clone()), None);
        }
        let (sender, receiver) = watch::channel(None);
        *current = Some(receiver.clone());
        (Seat(receiver), Some(Pilot(sender)))
    }
}

/// Not ended, and its task not lost.
fn is_under_way(seat: &watch::Receiver<Outcome>) -> bool {
    seat.has_changed().is_ok() && seat.borrow().is_none()
}

impl Seat {
    /// Waits for the end: whether the load succeeded.
    pub(crate) async fn wait(mut self) -> bool {
        match self.0.wait_for(Option::is_some).await {
            Ok(outcome) => *outcome == Some(true),
            Err(_) => false,
        }
    }
}

impl Pilot {
    pub(crate) fn land(self, succeeded: bool) {
        // Nobody may be waiting any more.
        let _ = self.0.send(Some(succeeded));
    }
}

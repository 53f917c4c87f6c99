//! Refreshes that are under way: one for each session, however many requests wait for it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::AcquireError;
use crate::session::{SessionDigest, Vaulted};

/// How a refresh ended.
pub(super) type Outcome = Result<Arc<Vaulted>, AcquireError>;

/// What a refresh is for. Tokens of further resources will have flights of their own.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub(super) enum Resource {
    /// What the sign-in asked for.
    SignIn,
}

pub(super) type FlightKey = (SessionDigest, Resource);

/// The refreshes that are under way in this process.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<FlightKey, watch::Receiver<Option<Outcome>>>>);

/// A place among those who wait for a refresh.
pub(super) struct Seat(watch::Receiver<Option<Outcome>>);

/// The duty to refresh, and to tell how it ended.
pub(super) struct Pilot {
    flights: Arc<Flights>,
    key: FlightKey,
    sender: watch::Sender<Option<Outcome>>,
}

impl Flights {
    /// A seat in the refresh that is under way, or in a new one with the duty to fly it. `None`
    /// when too many are under way.
    pub(super) fn join(self: &Arc<Self>, key: FlightKey) -> Option<(Seat, Option<Pilot>)> {
        let mut flights = self.lock();
        if let Some(receiver) = flights.get(&key) {
            return Some((Seat(receiver.clone()), None));
        }
        if flights.len() >= MAX_FLIGHTS {
            return None;
        }
        let (sender, receiver) = watch::channel(None);
        flights.insert(key, receiver.clone());
        let pilot = Pilot {
            flights: Arc::clone(self),
            key,
            sender,
        };
        Some((Seat(receiver), Some(pilot)))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FlightKey, watch::Receiver<Option<Outcome>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Waits for the end.
    pub(super) async fn wait(mut self) -> Outcome {
        let outcome = self.0.wait_for(Option::is_some).await;
        let outcome = outcome.ok().and_then(|outcome| outcome.clone());
        // The task was lost: the process is shutting down.
        outcome.unwrap_or(Err(AcquireError::unavailable(1)))
    }
}

impl Pilot {
    /// Tells those who wait. Who comes later begins anew, and finds in the vault what this one has
    /// left there.
    pub(super) fn land(self, outcome: Outcome) {
        self.flights.lock().remove(&self.key);
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        // After a landing another flight may have this key already.
        if self.sender.borrow().is_none() {
            self.flights.lock().remove(&self.key);
        }
    }
}

/// Each has cost a request of a signed-in user.
const MAX_FLIGHTS: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::SystemRandom, session::SessionId};

    fn key() -> FlightKey {
        (SessionId::new(&SystemRandom).digest(), Resource::SignIn)
    }

    #[actix_web::test]
    async fn whoever_comes_while_it_flies_waits_and_who_comes_later_flies_anew() {
        let flights = Arc::new(Flights::default());
        let key = key();
        let (first, pilot) = flights.join(key).unwrap();
        let (second, nobody) = flights.join(key).unwrap();
        assert!(nobody.is_none());
        pilot.unwrap().land(Err(AcquireError::Broken));
        assert_eq!(first.wait().await.err(), Some(AcquireError::Broken));
        assert_eq!(second.wait().await.err(), Some(AcquireError::Broken));
        assert!(flights.join(key).unwrap().1.is_some());
    }

    #[actix_web::test]
    async fn a_lost_flight_leaves_nobody_waiting() {
        let flights = Arc::new(Flights::default());
        let key = key();
        let (seat, pilot) = flights.join(key).unwrap();
        drop(pilot);
        assert_eq!(seat.wait().await.err(), Some(AcquireError::unavailable(1)));
        assert!(flights.join(key).unwrap().1.is_some());
    }

    #[test]
    fn flights_are_bounded() {
        let flights = Arc::new(Flights::default());
        let held: Vec<_> = (0..MAX_FLIGHTS).map(|_| flights.join(key())).collect();
        assert!(flights.join(key()).is_none());
        drop(held);
        assert!(flights.join(key()).is_some());
    }
}

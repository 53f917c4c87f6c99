//! The register of open connections: bounds their number, and closes overdue ones.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use super::{
    limits::Limits,
    watch::{Waiting, Watch},
};

/// All open connections of the server.
#[derive(Debug)]
pub(super) struct Connections {
    limits: Limits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    watches: HashMap<u64, Arc<Watch>>,
    next: u64,
    /// When the last warning about missing room was logged.
    warned: Option<Instant>,
}

/// A registered connection. Dropping it removes it from the register.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) watch: Arc<Watch>,
    id: u64,
    connections: Arc<Connections>,
}

impl Connections {
    pub(super) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            open: Mutex::default(),
        })
    }

    pub(super) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Registers a new connection. Without room it first closes some that wait for their client.
    ///
    /// Where none of them waits, Actix stops accepting at the bound, and new clients wait.
    pub(super) fn admit(self: &Arc<Self>) -> Admitted {
        let watch = Arc::new(Watch::new());
        let mut open = self.open();
        if open.watches.len() >= self.limits.room() {
            // Several at once, so that a flood does not search all of them each time.
            let number = (open.watches.len() / 64).max(1);
            open.make_room(number);
        }
        let id = open.next;
        open.next = id.wrapping_add(1);
        open.watches.insert(id, Arc::clone(&watch));
        drop(open);
        Admitted {
            watch,
            id,
            connections: Arc::clone(self),
        }
    }

    /// Closes overdue connections until the register is dropped.
    pub(super) async fn sweep(connections: Weak<Self>) {
        while let Some(period) = connections.upgrade().map(|open| open.limits.period) {
            tokio::time::sleep(period).await;
            if let Some(connections) = connections.upgrade() {
                let now = Instant::now();
                let limits = &connections.limits;
                connections.close_where(|watch| watch.is_overdue(now, limits));
                connections.empty_reserve();
            }
        }
    }

    /// Frees the last eighth, which new connections have used while all others were being answered.
    fn empty_reserve(&self) {
        let mut open = self.open();
        let excess = open.watches.len().saturating_sub(self.limits.room());
        if excess > 0 {
            open.make_room(excess);
        }
    }

    pub(super) fn close_all(&self) {
        self.close_where(|_| true);
    }

    fn close_where(&self, is_due: impl Fn(&Watch) -> bool) {
        self.open().watches.retain(|_, watch| {
            let due = is_due(watch);
            if due {
                watch.close();
            }
            !due
        });
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Closes up to `number` connections: those that have waited longest for their client.
    fn make_room(&mut self, number: usize) {
        self.warn_of_missing_room();
        let waiting = |(id, watch): (&u64, &Arc<Watch>)| Some((watch.waiting()?, *id));
        let mut waiting: Vec<(Waiting, u64)> = self.watches.iter().filter_map(waiting).collect();
        if number < waiting.len() {
            waiting.select_nth_unstable(number);
            waiting.truncate(number);
        }
        for (_, id) in waiting {
            if let Some(watch) = self.watches.remove(&id) {
                watch.close();
            }
        }
    }

    /// Logs a warning, at most once a minute, since any client can cause it.
    fn warn_of_missing_room(&mut self) {
        let now = Instant::now();
        let is_due = |at: Instant| now.saturating_duration_since(at) > MINUTE;
        if self.warned.is_none_or(is_due) {
            self.warned = Some(now);
            let open = self.watches.len();
            tracing::warn!(
                open,
                "connections that wait for their client are closed for new ones"
            );
        }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

impl Drop for Admitted {
    fn drop(&mut self) {
        self.connections.open().watches.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(connections: &Connections, admitted: &Admitted) -> bool {
        !connections.open().watches.contains_key(&admitted.id)
    }

    #[test]
    fn closes_idle_connections_first_and_the_oldest_of_them_before_others() {
        let connections = Connections::new(Limits::new(4));
        let pause = || std::thread::sleep(Duration::from_millis(2));
        let dripping = connections.admit();
        pause();
        let working = connections.admit();
        working.watch.begin_request();
        pause();
        let idle = connections.admit();
        idle.watch.begin_request();
        idle.watch.end_request();
        pause();
        // Room for four: the fifth closes the idle one, the next ones the oldest that waits.
        let fourth = connections.admit();
        assert!(!is_closed(&connections, &dripping));
        pause();
        let fifth = connections.admit();
        assert!(is_closed(&connections, &idle));
        assert!(!is_closed(&connections, &dripping));
        pause();
        let sixth = connections.admit();
        assert!(is_closed(&connections, &dripping));
        assert!(!is_closed(&connections, &fourth));
        drop((fifth, sixth));
        assert!(!is_closed(&connections, &working));
    }

    #[test]
    fn closes_no_connection_that_the_application_serves() {
        let connections = Connections::new(Limits::new(2));
        let working = || {
            let admitted = connections.admit();
            admitted.watch.begin_request();
            admitted
        };
        let open: Vec<_> = (0..5).map(|_| working()).collect();
        let last = working();
        assert_eq!(connections.open().watches.len(), 6);
        // Until some of them wait for their client again.
        open[0].watch.end_request();
        connections.empty_reserve();
        assert!(is_closed(&connections, &open[0]));
        assert!(!is_closed(&connections, &open[1]));
        drop((open, last));
        assert!(connections.open().watches.is_empty());
    }

    #[test]
    fn a_client_that_takes_a_byte_now_and_then_is_overdue() {
        let limits = Limits {
            write: Duration::from_millis(100),
            ..Limits::new(16)
        };
        for (bytes, overdue) in [(1, true), (1 << 20, false)] {
            let watch = Watch::new();
            watch.begin_request();
            for _ in 0..3 {
                watch.blocked();
                std::thread::sleep(Duration::from_millis(60));
                watch.sent(bytes);
            }
            watch.blocked();
            assert_eq!(
                watch.is_overdue(Instant::now(), &limits),
                overdue,
                "{bytes}"
            );
        }
    }

    #[test]
    fn a_connection_is_overdue_after_the_deadline_of_its_phase() {
        let limits = Limits::new(16);
        let later = |seconds| Instant::now() + Duration::from_secs(seconds);
        let overdue = |watch: &Watch, seconds| watch.is_overdue(later(seconds), &limits);
        let watch = Watch::new();
        assert!(!overdue(&watch, 9) && overdue(&watch, 11));
        watch.begin_request();
        assert!(!overdue(&watch, 3600), "the application has no deadline");
        watch.blocked();
        assert!(!overdue(&watch, 19) && overdue(&watch, 21));
        watch.sent(1);
        assert!(!overdue(&watch, 3600));
        watch.end_request();
        assert!(!overdue(&watch, 9) && overdue(&watch, 11));
    }
}

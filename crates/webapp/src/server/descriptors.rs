//! The limit of open descriptors, and the number of connections that it allows.

/// Raises the soft limit of open descriptors to the hard one, and returns the limit in force; `None` where
/// the system has no limit.
#[cfg(unix)]
pub fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // Some systems refuse their own maximum. The soft limit then stays.
    if limit.current == limit.maximum || setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum
    } else {
        limit.current
    }
}

/// Returns `None`: this system has no such limit.
#[cfg(not(unix))]
pub const fn raise_limit() -> Option<u64> {
    None
}

/// The number of connections that `descriptors` allow, at most `wanted`.
///
/// Files, the store and each worker thread need descriptors too, and an eighth is for calls to the provider.
pub fn connections(descriptors: Option<u64>, workers: usize, wanted: usize) -> usize {
    let reserved = RESERVED.saturating_add(workers.saturating_mul(OF_A_WORKER));
    let limit = descriptors.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let for_clients = (limit - limit / 8).saturating_sub(reserved);
    for_clients.max(FEWEST).min(wanted)
}

/// Standard streams, listeners, files and the store.
const RESERVED: usize = 48;
/// For each worker thread: its event queue, its connections to Redis (one to each primary), and one spare.
const OF_A_WORKER: usize = 8;
/// The minimum, which one browser needs. A limit below it shows in errors of the system.
const FEWEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_get_the_descriptors_that_the_process_does_not_need() {
        assert_eq!(connections(Some(128), 2, 4096), 48);
        assert_eq!(connections(Some(1024), 2, 4096), 832);
        assert_eq!(connections(Some(1 << 20), 2, 4096), 4096);
        assert_eq!(connections(None, 2, 4096), 4096);
        assert_eq!(connections(Some(32), 64, 4096), FEWEST);
        assert_eq!(connections(Some(1024), 2, 100), 100);
    }
}

//! The embedded durable store: one file, one writing process, nothing acknowledged is lost.
//!
//! A thread of its own, the keeper, opens the file and applies all changes. It takes whatever
//! waits into one transaction, so that concurrent sign-ins share one flush to the disk. Reads run
//! in the calling thread, on the pages that the database caches.

mod counters;
mod disk;
mod fault;
mod frozen;
mod keeper;
mod ledger;
mod members;
mod open;
mod options;
mod place;
mod queue;
mod reader;
mod recovery;
mod reserve;
mod row;
mod shared;
mod store;
mod sweep;
mod totals;

pub use options::FileOptions;
pub use store::FileStore;

//! The embedded durable store: one file, one writing process, no confirmed change is lost.
//!
//! The writer thread opens the file and applies all changes. It commits all queued changes in one
//! transaction, so that concurrent sign-ins share one flush to the disk. Reads run in the calling
//! thread, on the pages that the database caches.

mod admission;
mod commit;
mod counters;
mod disk_recovery;
mod disk_reserve;
mod disk_retry;
mod fault;
mod members;
mod open;
mod options;
mod queue;
mod read_only_file;
mod reader;
mod reserve_backend;
mod row;
mod shared;
mod store;
mod store_files;
mod sweep;
mod totals;
mod write_tables;
mod writer;
mod writer_loop;

pub use options::FileOptions;
pub use store::FileStore;

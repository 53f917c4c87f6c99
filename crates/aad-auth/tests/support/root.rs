//! Tests that give files to another user need root.

use std::{fs, os::unix::fs::MetadataExt};

/// Whether this process runs as root. Otherwise it says on standard error that the test is ignored;
/// with AAD_TEST_ALL=1 that is a failure.
pub(crate) fn as_root() -> bool {
    let own = tempfile::tempdir().unwrap();
    let is_root = fs::metadata(own.path()).unwrap().uid() == 0;
    if !is_root {
        let reason = "only root can give a file to another user";
        assert!(!everything_must_run(), "{reason} (AAD_TEST_ALL=1)");
        eprintln!("IGNORED: {reason}");
    }
    is_root
}

#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the tests, not of the product"
)]
fn everything_must_run() -> bool {
    std::env::var_os("AAD_TEST_ALL").is_some_and(|value| value == "1")
}

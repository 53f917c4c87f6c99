//! The conformance suite of the [`Store`](super::Store) trait (feature `testing`): one function for each
//! property. A back end passes if [`run_all`] returns. A broken property panics with a description.
//!
//! Run it on a multi-threaded Tokio runtime, so that the races are real.
//!
//! ```
//! use std::sync::Arc;
//! use aad_auth::{
//!     store::{MemoryStore, Timestamp},
//!     testing::{ManualClock, store_suite::{Subject, Time, run_all}},
//! };
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! run_all(async || {
//!     let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
//!     let store = MemoryStore::new(Arc::new(clock.clone())); // your back end here
//!     Subject::new(Arc::new(store), Time::Manual(clock))
//! })
//! .await;
//! # });
//! ```

pub mod expiry;
pub mod indexes;
pub mod limits;
pub mod races;
pub mod records;
mod subject;

pub use subject::{Subject, Time};

/// Runs every property, each on a store that `factory` creates. The stores may share one server, because
/// each property uses keys of its own.
pub async fn run_all(factory: impl AsyncFn() -> Subject) {
    macro_rules! run {
        ($($group:ident: $($property:ident),+;)+) => {
            $($($group::$property(&factory().await).await;)+)+
        };
    }
    run! {
        records: reads_what_was_written, keeps_any_bytes, creation_refuses_a_live_record,
            update_replaces_and_changes_the_version, update_refuses_an_old_version,
            update_of_a_missing_record_creates_nothing,
            update_refuses_the_version_of_a_deleted_predecessor, touch_never_creates,
            touch_leaves_value_and_version, deletion_is_idempotent, keeps_thousands_of_keys_apart,
            reads_two_at_once, tells_which_records_live, a_closed_store_refuses;
        expiry: an_expired_record_is_absent, an_expired_record_can_be_created_again,
            an_expired_record_cannot_be_updated_or_touched, update_starts_a_new_life,
            touch_lengthens_and_shortens_a_life, says_when_a_record_ends;
        races: one_creation_wins, one_update_wins_each_round, no_increment_is_lost,
            a_deleted_record_stays_deleted;
        indexes: lists_its_members, replaces_a_member_of_the_same_name, removes_one_member,
            sets_and_records_do_not_meet, an_expired_member_is_not_listed,
            a_set_lives_as_long_as_its_longest_member, members_may_dangle,
            concurrent_members_are_all_kept;
        limits: refuses_large_values, refuses_malformed_members, refuses_too_many_members,
            accepts_extreme_lives, application_data_leaves_sign_ins_their_room;
    }
}

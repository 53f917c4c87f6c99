use super::*;

type Runs = SingleFlight<u32, &'static str>;

#[tokio::test]
async fn concurrent_callers_share_one_run_and_a_later_caller_starts_a_new_one() {
    let runs = Arc::new(Runs::default());
    let (first, leader) = runs.join_or_start(1);
    let (second, none) = runs.join_or_start(1);
    assert!(none.is_none());
    let third = runs.join(&1).unwrap();
    leader.unwrap().finish("done");
    for waiter in [first, second, third] {
        assert_eq!(waiter.wait().await, Some("done"));
    }
    assert!(runs.join(&1).is_none());
    assert!(runs.join_or_start(1).1.is_some());
}

#[tokio::test]
async fn a_dropped_leader_ends_the_run_without_an_outcome() {
    let runs = Arc::new(Runs::default());
    let (waiter, leader) = runs.join_or_start(1);
    drop(leader);
    assert_eq!(waiter.wait().await, None);
    assert!(runs.join(&1).is_none());
    assert!(runs.join_or_start(1).1.is_some());
}

#[test]
fn a_limit_bounds_the_runs_and_not_the_callers_that_join() {
    let runs = Arc::new(Runs::default());
    let held: Vec<_> = (0..8)
        .map(|key| runs.join_or_start_within(key, 8))
        .collect();
    assert!(runs.join_or_start_within(8, 8).is_none());
    let (_waiter, leader) = runs.join_or_start_within(3, 8).unwrap();
    assert!(leader.is_none());
    drop(held);
    assert!(runs.join_or_start_within(8, 8).is_some());
}

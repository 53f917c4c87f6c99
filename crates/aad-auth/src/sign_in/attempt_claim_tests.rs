use super::*;
use crate::{
    clock::{ManualClock, Timestamp},
    config::{BaseUrl, ReturnTo},
    random::SystemRandom,
    seal::InstanceLabel,
    sign_in::{ATTEMPT_LIFETIME, AttemptPurpose, BindingCookie},
    store::MemoryStore,
};

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Two instances with one store. [`AttemptClaims::contend`] is what they do when it is shared.
fn two_instances() -> (AttemptClaims, AttemptClaims, Arc<MemoryStore>) {
    let clock = Arc::new(ManualClock::at(NOW));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    (on_store(&clock, &store), on_store(&clock, &store), store)
}

fn on_store(clock: &Arc<ManualClock>, store: &Arc<MemoryStore>) -> AttemptClaims {
    AttemptClaims {
        store: store.clone(),
        keys: Arc::new(Keys::new(&["secret"], InstanceLabel::new("a", "b", "c")).unwrap()),
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
        refused: RefusedRecords::default(),
    }
}

fn deep() -> ReturnTo {
    let base = BaseUrl::parse("https://app.example.test").unwrap();
    base.return_to("/deep")
}

fn attempt() -> Attempt {
    attempt_at(NOW)
}

fn attempt_at(now: Timestamp) -> Attempt {
    let browser = BindingCookie::new(&SystemRandom);
    Attempt::new(&SystemRandom, now, &browser, deep(), AttemptPurpose::SignIn)
}

async fn claim(instance: &AttemptClaims, attempt: &Attempt) -> Claim {
    match instance.claim_or_poll(attempt).await.unwrap() {
        Claimed::Mine(claim) => claim,
        Claimed::Done(_) => panic!("this is the first claim"),
    }
}

#[tokio::test]
async fn a_store_of_one_process_is_left_alone() {
    let (one, _, store) = two_instances();
    let Ok(Claimed::Mine(claim)) = one.take(&attempt()).await else {
        panic!("no other instance has a claim")
    };
    one.publish(claim, &Ok(deep())).await;
    assert_eq!(store.stats().records, Some(0));
}

#[tokio::test]
async fn the_second_one_learns_the_outcome_also_of_a_refusal() {
    let (one, other, _) = two_instances();
    for outcome in [Ok(deep()), Err(Refusal::NotAdmitted)] {
        let attempt = attempt();
        let held = claim(&one, &attempt).await;
        let waiting = other.claim_or_poll(&attempt);
        let (learned, ()) = futures_util::join!(waiting, one.publish(held, &outcome));
        let Ok(Claimed::Done(learned)) = learned else {
            panic!("redeemed twice")
        };
        assert_eq!(learned, outcome);
    }
}

#[tokio::test]
async fn what_used_nothing_up_is_free_for_another_instance() {
    let (one, other, _) = two_instances();
    let attempt = attempt();
    let held = claim(&one, &attempt).await;
    one.release(held).await;
    claim(&other, &attempt).await;
}

#[tokio::test]
async fn the_claim_of_one_that_died_lasts_as_long_as_the_attempt_and_no_longer() {
    let (one, other, store) = two_instances();
    let attempt = attempt();
    drop(claim(&one, &attempt).await);
    let key = one.key(&attempt.id).unwrap();
    let record = store.get(&key).await.unwrap().unwrap();
    assert_eq!(record.expires_at, NOW + ATTEMPT_LIFETIME);
    assert!(other.open(&attempt.id, &record.value).is_none());
}

#[tokio::test]
async fn what_was_refused_does_not_fill_the_store() {
    let (one, _, store) = two_instances();
    for (outcome, life) in [
        (Ok(deep()), ATTEMPT_LIFETIME),
        (Err(Refusal::NotAdmitted), REFUSAL_LIFE),
    ] {
        let attempt = attempt();
        let held = claim(&one, &attempt).await;
        one.publish(held, &outcome).await;
        let key = one.key(&attempt.id).unwrap();
        let record = store.get(&key).await.unwrap().unwrap();
        assert_eq!(record.expires_at, NOW + life);
    }
}

#[tokio::test]
async fn what_the_store_holds_is_sealed() {
    let (one, _, store) = two_instances();
    let attempt = attempt();
    let held = claim(&one, &attempt).await;
    one.publish(held, &Ok(deep())).await;
    let key = one.key(&attempt.id).unwrap();
    let record = store.get(&key).await.unwrap().unwrap();
    assert!(!record.value.windows(4).any(|part| part == b"deep"));
    // Of another attempt it does not open.
    assert!(one.open(&self::attempt().id, &record.value).is_none());
}

#[tokio::test]
async fn refusals_of_accepted_codes_are_bounded_in_number_until_they_expire() {
    let clock = Arc::new(ManualClock::at(NOW));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let claims = on_store(&clock, &store);
    let refuse = async |count: usize| {
        for _ in 0..count {
            let held = claim(&claims, &attempt()).await;
            claims.publish(held, &Err(Refusal::NotAdmitted)).await;
        }
        store.stats().records.unwrap()
    };
    assert_eq!(refuse(MAX_REFUSALS + 50).await, MAX_REFUSALS as u64);
    // An admitted user is told to the other instances all the same.
    let admitted = attempt();
    let held = claim(&claims, &admitted).await;
    claims.publish(held, &Ok(deep())).await;
    let key = claims.key(&admitted.id).unwrap();
    assert!(store.get(&key).await.unwrap().is_some());
    // Those that have expired make room for others.
    clock.advance(REFUSAL_LIFE);
    let later = attempt_at(clock.now());
    let held = claim(&claims, &later).await;
    claims.publish(held, &Err(Refusal::NotAdmitted)).await;
    let key = claims.key(&later.id).unwrap();
    assert!(store.get(&key).await.unwrap().is_some());
}

use http::HeaderMap;

use super::*;

const ADA: UserDigest = Some([1; 32]);
const ROBIN: UserDigest = Some([2; 32]);
const SECOND: Duration = Duration::from_secs(1);

fn call(
    circuit: &mut Circuit,
    user: UserDigest,
    verdict: HostVerdict,
    now: Instant,
) -> Option<CircuitChange> {
    let pass = circuit.admit(user, now).unwrap();
    circuit.note(pass, user, verdict, now)
}

/// A circuit that two users' failures have opened.
fn opened(now: Instant) -> Circuit {
    let mut circuit = Circuit::default();
    for user in [ADA, ROBIN, ADA, ROBIN] {
        assert_eq!(call(&mut circuit, user, HostVerdict::Failed, now), None);
    }
    let last = call(&mut circuit, ADA, HostVerdict::Failed, now);
    assert_eq!(last, Some(CircuitChange::Opened));
    circuit
}

#[test]
fn w12_five_failures_in_a_row_open_it_and_an_answer_between_starts_anew() {
    let now = Instant::now();
    let mut circuit = Circuit::default();
    for user in [ADA, ROBIN, ADA, ROBIN] {
        call(&mut circuit, user, HostVerdict::Failed, now);
    }
    call(&mut circuit, ROBIN, HostVerdict::Answered, now);
    for user in [ADA, ROBIN, ADA, ROBIN] {
        call(&mut circuit, user, HostVerdict::Failed, now);
        assert!(!circuit.is_open());
    }
    call(&mut circuit, ADA, HostVerdict::Failed, now);
    assert!(circuit.is_open());
}

#[test]
fn w12_the_failures_of_one_user_open_nothing_however_many() {
    let now = Instant::now();
    let mut circuit = Circuit::default();
    for _ in 0..1000 {
        call(&mut circuit, ADA, HostVerdict::Failed, now);
    }
    assert!(!circuit.is_open());
    call(&mut circuit, ROBIN, HostVerdict::Failed, now);
    assert!(!circuit.is_open(), "nor with one failure of another user");
    let State::Closed(failures) = &circuit.state else {
        panic!("closed");
    };
    assert!(failures.len() < FAILURES, "what is kept is bounded");
}

#[test]
fn w12_a_host_that_cannot_be_reached_opens_it_also_for_one_user() {
    let now = Instant::now();
    for (user, verdict) in [(ADA, HostVerdict::Unreachable), (None, HostVerdict::Failed)] {
        let mut circuit = Circuit::default();
        for _ in 0..FAILURES {
            assert!(!circuit.is_open());
            call(&mut circuit, user, verdict, now);
        }
        assert!(circuit.is_open());
    }
}

#[test]
fn w12_while_it_is_open_nothing_passes_and_the_wait_is_told() {
    let now = Instant::now();
    let mut circuit = opened(now);
    assert_eq!(circuit.admit(ROBIN, now).unwrap_err(), PAUSE);
    let later = now + PAUSE - SECOND;
    assert_eq!(circuit.admit(ADA, later).unwrap_err(), SECOND);
}

#[test]
fn w12_after_the_pause_one_call_tries_and_its_answer_closes() {
    let now = Instant::now();
    let mut circuit = opened(now);
    let later = now + PAUSE;
    let pass = circuit.admit(ADA, later).unwrap();
    for _ in 0..10 {
        assert_eq!(circuit.admit(ROBIN, later).unwrap_err(), PAUSE);
    }
    let change = circuit.note(pass, ADA, HostVerdict::Answered, later);
    assert_eq!(change, Some(CircuitChange::Closed));
    assert!(circuit.admit(ADA, later).is_ok() && circuit.admit(ROBIN, later).is_ok());
}

#[test]
fn w12_a_try_that_fails_leaves_it_open_and_the_next_one_is_anothers() {
    let now = Instant::now();
    let mut circuit = opened(now);
    let tried = now + PAUSE;
    let failed = tried + SECOND;
    let pass = circuit.admit(ADA, tried).unwrap();
    assert_eq!(circuit.note(pass, ADA, HostVerdict::Failed, failed), None);
    assert_eq!(circuit.admit(ROBIN, failed).unwrap_err(), PAUSE);
    let next = failed + PAUSE;
    assert_eq!(circuit.admit(ADA, next).unwrap_err(), TURN - PAUSE - SECOND);
    let change = call(&mut circuit, ROBIN, HostVerdict::Answered, next);
    assert_eq!(change, Some(CircuitChange::Closed));

    let mut alone = opened(now);
    call(&mut alone, ADA, HostVerdict::Failed, tried);
    assert!(alone.admit(ADA, tried + TURN).is_ok(), "not for ever");
}

#[test]
fn w12_a_try_that_hangs_does_not_delay_the_next_one() {
    let now = Instant::now();
    let mut circuit = opened(now);
    let later = now + PAUSE;
    let hanging = circuit.admit(ADA, later).unwrap();
    let change = call(&mut circuit, ROBIN, HostVerdict::Answered, later + PAUSE);
    assert_eq!(change, Some(CircuitChange::Closed));
    circuit.note(hanging, ADA, HostVerdict::Failed, later + TURN);
    assert!(!circuit.is_open());
}

#[test]
fn w12_calls_that_began_before_a_change_decide_nothing_after_it() {
    let now = Instant::now();
    let mut circuit = Circuit::default();
    let late: Vec<_> = (0..20).map(|_| circuit.admit(ADA, now).unwrap()).collect();
    for user in [ADA, ROBIN, ADA, ROBIN, ADA] {
        call(&mut circuit, user, HostVerdict::Failed, now);
    }
    let (first, rest) = late.split_first().unwrap();
    assert_eq!(circuit.note(*first, ADA, HostVerdict::Answered, now), None);
    assert!(circuit.is_open());
    call(&mut circuit, ROBIN, HostVerdict::Answered, now + PAUSE);
    for pass in rest {
        circuit.note(*pass, None, HostVerdict::Failed, now + PAUSE);
    }
    assert!(!circuit.is_open());
}

#[test]
fn w12_what_counts_as_a_failure() {
    let answer = |status: u16| {
        Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        })
    };
    for status in [200, 204, 302, 400, 401, 403, 404, 408, 429, 501] {
        assert_eq!(
            verdict(&answer(status)),
            Some(HostVerdict::Answered),
            "{status}"
        );
    }
    for status in [500, 502, 503, 504, 507, 599] {
        assert_eq!(
            verdict(&answer(status)),
            Some(HostVerdict::Failed),
            "{status}"
        );
    }
    let failure = |error, nothing_sent| {
        verdict(&Err(CallFailure {
            error,
            nothing_sent,
        }))
    };
    for (error, nothing_sent, expected) in [
        (
            TransportError::Unreachable,
            true,
            Some(HostVerdict::Unreachable),
        ),
        (TransportError::Tls, true, Some(HostVerdict::Unreachable)),
        (
            TransportError::Unreachable,
            false,
            Some(HostVerdict::Failed),
        ),
        (TransportError::Timeout, false, Some(HostVerdict::Failed)),
        (TransportError::Closed, false, Some(HostVerdict::Failed)),
        (TransportError::Broken, false, Some(HostVerdict::Failed)),
        (TransportError::TooLarge, false, Some(HostVerdict::Answered)),
        (TransportError::Insecure, true, None),
        (TransportError::NoTrustedRoots, true, None),
        (TransportError::Busy, true, None),
        (TransportError::Stopped, true, None),
    ] {
        assert_eq!(failure(error, nothing_sent), expected, "{error:?}");
    }
}

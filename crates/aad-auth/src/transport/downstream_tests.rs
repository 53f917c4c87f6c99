use super::*;

fn url(host: usize) -> Url {
    Url::parse(&format!("https://api-{host}.example.com/v1.0/me")).unwrap()
}

fn caller(user: u8, session: u8) -> Option<CallOwner> {
    Some(CallOwner {
        user: [user; 32],
        session: [session; 32],
    })
}

fn downstream() -> Arc<Downstream> {
    Downstream::new(&Bounds::default())
}

/// As many calls as are admitted, and why the next one is not.
fn fill(
    downstream: &Arc<Downstream>,
    host: usize,
    caller: impl Fn(usize) -> Option<CallOwner>,
) -> (Vec<DownstreamCall>, DownstreamRefused) {
    let mut held = Vec::new();
    loop {
        match downstream.admit(&url(host), caller(held.len()), Instant::now()) {
            Ok(call) => held.push(call),
            Err(refused) => return (held, refused),
        }
    }
}

#[test]
fn w10_one_session_is_bounded_and_leaves_another_of_the_same_user_its_own() {
    let downstream = downstream();
    let (held, refused) = fill(&downstream, 0, |_| caller(1, 1));
    assert_eq!((held.len(), refused), (24, DownstreamRefused::Session));
    let other_host = downstream.admit(&url(1), caller(1, 1), Instant::now());
    assert_eq!(
        other_host.err(),
        Some(DownstreamRefused::Session),
        "over all hosts"
    );
    assert!(
        downstream
            .admit(&url(0), caller(1, 2), Instant::now())
            .is_ok()
    );
    drop(held);
    assert!(
        downstream
            .admit(&url(0), caller(1, 1), Instant::now())
            .is_ok()
    );
}

#[test]
fn w10_one_user_is_bounded_however_many_sessions_and_leaves_others_theirs() {
    let downstream = downstream();
    let (held, refused) = fill(&downstream, 0, |n| caller(1, u8::try_from(n).unwrap()));
    assert_eq!((held.len(), refused), (48, DownstreamRefused::User));
    assert!(
        downstream
            .admit(&url(0), caller(2, 200), Instant::now())
            .is_ok()
    );
}

#[test]
fn w10_one_host_is_bounded_and_leaves_another_its_own() {
    let downstream = downstream();
    let someone = |n: usize| caller(u8::try_from(n).unwrap(), u8::try_from(n).unwrap());
    let (held, refused) = fill(&downstream, 0, someone);
    assert_eq!((held.len(), refused), (96, DownstreamRefused::Host));
    assert!(
        downstream
            .admit(&url(1), someone(200), Instant::now())
            .is_ok()
    );
    let other_port = Url::parse("https://api-0.example.com:8443/").unwrap();
    let other_port = downstream.admit(&other_port, someone(201), Instant::now());
    assert!(other_port.is_ok(), "another port is another host");
}

#[test]
fn w12_the_circuit_of_one_host_leaves_another_host_alone() {
    let downstream = downstream();
    let now = Instant::now();
    for _ in 0..5 {
        let call = downstream.admit(&url(0), None, now).unwrap();
        call.finish(HostVerdict::Failed, now);
    }
    let refused = downstream.admit(&url(0), None, now).err();
    assert!(matches!(
        refused,
        Some(DownstreamRefused::CircuitOpen { .. })
    ));
    assert!(downstream.admit(&url(1), None, now).is_ok());
    assert_eq!(downstream.open_circuits(), 1);
}

#[test]
fn w12_a_try_whose_caller_hangs_up_does_not_keep_the_circuit_open() {
    let downstream = downstream();
    let now = Instant::now();
    for _ in 0..5 {
        let call = downstream.admit(&url(0), None, now).unwrap();
        call.finish(HostVerdict::Unreachable, now);
    }
    let later = now + Duration::from_secs(60);
    drop(downstream.admit(&url(0), None, later).unwrap());
    assert!(downstream.admit(&url(0), None, later).is_err());
    let next = downstream.admit(&url(0), None, later + Duration::from_secs(5));
    assert!(next.is_ok());
}

#[test]
fn w10_what_is_remembered_is_bounded_and_hosts_in_use_are_kept() {
    let (downstream, began) = (downstream(), Instant::now());
    let busy = downstream.admit(&url(0), caller(1, 1), began);
    for host in 1..MAX_HOSTS + 100 {
        let later = began + Duration::from_millis(u64::try_from(host).unwrap());
        let call = downstream.admit(&url(host), caller(2, 2), later);
        assert!(call.is_ok());
    }
    let table = downstream.table();
    assert_eq!(table.hosts.len(), MAX_HOSTS);
    let knows = |host| {
        table
            .hosts
            .contains_key(&url(host).origin().ascii_serialization())
    };
    assert!(knows(0) && !knows(100) && knows(101), "the oldest go first");
    assert_eq!((table.users.0.len(), table.sessions.0.len()), (1, 1));
    drop(table);
    drop(busy);
    let table = downstream.table();
    assert!(table.users.0.is_empty() && table.sessions.0.is_empty());
}

#[test]
fn w10_calls_to_as_many_hosts_as_are_remembered_leave_no_room_for_one_more() {
    let downstream = downstream();
    let held: Vec<_> = (0..MAX_HOSTS)
        .map(|host| downstream.admit(&url(host), None, Instant::now()))
        .collect();
    let refused = downstream
        .admit(&url(MAX_HOSTS), None, Instant::now())
        .err();
    assert_eq!(refused, Some(DownstreamRefused::Host));
    drop(held);
}

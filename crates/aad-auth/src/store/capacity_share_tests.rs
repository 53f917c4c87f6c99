use super::*;

#[test]
fn the_kind_in_the_key_alone_decides_over_the_share() {
    for (key, share) in [
        ("label:a:digest", Share::ApplicationData),
        ("label:r:digest", Share::Marks),
        ("label:j:digest", Share::Marks),
        ("label:all:", Share::Marks),
        ("label:s:digest", Share::SignIn),
        ("label:v:a", Share::SignIn),
        ("a:s:a", Share::SignIn),
        ("label:ab:digest", Share::SignIn),
        ("a", Share::SignIn),
        ("", Share::SignIn),
    ] {
        assert_eq!(Share::of(key), share, "{key:?}");
    }
}

#[cfg(feature = "file")]
#[test]
fn each_share_has_its_bound_and_no_sum_overflows() {
    let share_limits = ShareLimits::new(6400);
    let held = |total, application| HeldBytes { total, application };
    for (share, held, bytes, admitted) in [
        (Share::ApplicationData, held(1599, 1599), 1, true),
        (Share::ApplicationData, held(1600, 1600), 1, false),
        (Share::SignIn, held(1600, 1600), 4700, true),
        (Share::SignIn, held(6300, 0), 1, false),
        (Share::ApplicationData, held(6300, 0), 1, false),
        (Share::Marks, held(6300, 0), 100, true),
        (Share::Marks, held(6300, 0), 101, false),
        (Share::Marks, held(1, 1), u64::MAX, false),
    ] {
        assert_eq!(
            share_limits.admits(share, held, bytes),
            admitted,
            "{share:?} {held:?}"
        );
    }
}

#[test]
fn full_and_nearly_full_shares_are_named() {
    let (full_shares, share_limits) = (FullShares::default(), ShareLimits::new(6400));
    let held = |total, application| HeldBytes { total, application };
    assert!(
        full_shares
            .warnings(share_limits, held(5000, 1000))
            .is_empty()
    );
    let nearly = full_shares.warnings(share_limits, held(6000, 1500));
    assert_eq!(nearly, [NEARLY_FULL, APPLICATION_NEARLY_FULL]);
    full_shares.note(Share::ApplicationData, false);
    full_shares.note(Share::SignIn, false);
    assert_eq!(
        full_shares.warnings(share_limits, held(0, 0)),
        [FULL, APPLICATION_FULL]
    );
    full_shares.note(Share::SignIn, true);
    assert_eq!(
        full_shares.warnings(share_limits, held(0, 0)),
        [APPLICATION_FULL]
    );
}

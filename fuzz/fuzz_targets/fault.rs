//! What a provider says when it refuses is read without panic; what is kept of it is bounded and
//! plain, since it is shown and logged.
#![no_main]

use aad_auth::{downstream::Fault, internals::provider::catalogue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let from_json = Fault::from_json(data);
    let text = String::from_utf8_lossy(data);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    for fault in [from_json, Fault::from_parameters(pairs)]
        .into_iter()
        .flatten()
    {
        assert!(fault.codes().len() <= 8);
        for shown in [fault.correlation_id(), fault.trace_id()]
            .into_iter()
            .flatten()
        {
            assert!(
                shown.len() <= 64 && !shown.chars().any(char::is_control),
                "{shown}"
            );
        }
        let advice = catalogue::advise(&fault);
        assert!(!advice.cause.is_empty() && !advice.next_step.is_empty());
    }
});

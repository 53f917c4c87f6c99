//! Metrics in the text format of Prometheus (version 0.0.4).

use std::{collections::BTreeMap, fmt::Write as _};

use aad_auth::metrics::{Metrics, ProviderState, StoreStats, TransportState};

/// Renders metrics. Labels are codes of this program only, so that none needs escaping.
pub(crate) fn render(metrics: &Metrics) -> String {
    let mut text = Text::default();
    events(&mut text, metrics);
    provider(&mut text, &metrics.provider);
    transport(&mut text, &metrics.transport);
    store(&mut text, metrics.store_kind, &metrics.store);
    text.0
}

fn events(text: &mut Text, metrics: &Metrics) {
    let events = &metrics.events;
    let (started, completed) = (events.sign_ins_started, events.sign_ins_completed);
    text.counter(
        "sign_ins_started",
        "Sign-ins sent to the provider.",
        started,
    );
    text.counter(
        "sign_ins_completed",
        "Sign-ins that ended in a session.",
        completed,
    );
    let help = "Sign-ins that ended in a page, by code.";
    text.by_code("sign_ins_refused", help, &events.sign_ins_refused);
    let help = "Refreshes for rechecks and for APIs, by outcome.";
    text.by_code("refreshes", help, &metrics.refreshes);
    let help = "Authorization codes whose redemption is in flight.";
    text.gauge("redemptions_in_flight", help, metrics.redemptions_in_flight);
    let help = "Bearer tokens accepted.";
    text.counter("bearer_tokens_accepted", help, events.bearers_accepted);
    let help = "Bearer tokens refused, by code.";
    text.by_code("bearer_tokens_refused", help, &events.bearers_refused);
    let help = "Cookies removed from requests because their names are disguised or doubled.";
    text.counter("cookies_removed", help, events.cookies_removed);
    let help = "Verified bearer tokens in the cache.";
    text.gauge("token_cache_entries", help, metrics.cached_tokens);
    let help = "Approximate memory of the token cache.";
    text.gauge("token_cache_bytes", help, metrics.cached_token_bytes);
}

fn provider(text: &mut Text, state: &ProviderState) {
    let totals = &state.totals;
    text.gauge("provider_keys", "Keys that can be used.", state.keys);
    let help = "Keys of the last key set that cannot be used.";
    text.gauge("provider_keys_skipped", help, state.skipped_keys);
    if let Some(loaded) = state.keys_loaded_at {
        let help = "When the keys were last loaded, in Unix time.";
        text.gauge("provider_keys_loaded_seconds", help, loaded.seconds());
    }
    if let Some(loaded) = state.metadata_loaded_at {
        let help = "When the metadata was last loaded, in Unix time.";
        text.gauge("provider_metadata_loaded_seconds", help, loaded.seconds());
    }
    let help = "Fetches of the metadata document.";
    text.counter("provider_metadata_fetches", help, totals.metadata_fetches);
    text.counter(
        "provider_key_fetches",
        "Fetches of the key set.",
        totals.key_fetches,
    );
    text.counter("provider_failures", "Loads that failed.", totals.failures);
    let help = "Failed loads since the last successful one.";
    text.gauge("provider_failures_in_a_row", help, state.failures_in_a_row);
    let help = "Tokens whose key was not in the key set.";
    text.counter("provider_unknown_keys", help, totals.unknown_keys);
    let help = "Tokens with an unknown key that caused no fetch.";
    text.counter("provider_fetches_saved", help, totals.fetches_saved);
    if let Some(skew) = state.clock_skew {
        let help = "The provider's clock minus this machine's.";
        text.gauge("provider_clock_skew_seconds", help, skew);
    }
}

fn transport(text: &mut Text, state: &TransportState) {
    let help = "Calls to the provider and to APIs in flight, by kind.";
    text.head("calls_in_flight", help, "gauge");
    for (kind, calls) in &state.calls_in_flight {
        text.sample("calls_in_flight", &format!("{{code=\"{kind}\"}}"), calls);
    }
    let help = "Calls that were not made because a bound was reached or a circuit was open.";
    text.by_code("calls_refused", help, &state.calls_refused);
    let help = "Hosts of APIs whose circuit breaker is open.";
    text.gauge("circuits_open", help, state.open_circuits);
}

fn store(text: &mut Text, kind: &str, stats: &StoreStats) {
    text.head("store_info", "The session store.", "gauge");
    text.sample("store_info", &format!("{{kind=\"{kind}\"}}"), 1);
    for (name, help, value) in [
        (
            "store_records",
            "Records and index members in the store.",
            stats.records,
        ),
        ("store_bytes", "Bytes in the store.", stats.bytes),
        (
            "store_capacity_bytes",
            "Capacity of the store in bytes.",
            stats.capacity,
        ),
    ] {
        if let Some(value) = value {
            text.gauge(name, help, value);
        }
    }
    text.counter(
        "store_expired",
        "Records removed as expired.",
        stats.expired,
    );
    text.counter(
        "store_refused",
        "Operations refused because the store was full.",
        stats.refused,
    );
    text.counter(
        "store_conflicts",
        "Updates refused because another writer was first.",
        stats.conflicts,
    );
    text.counter("store_commits", "Durable commits.", stats.commits);
    text.counter("store_failures", "Operations that failed.", stats.failures);
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn counter(&mut self, name: &str, help: &str, value: u64) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        self.sample(&name, "", value);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.head(name, help, "gauge");
        self.sample(name, "", value);
    }

    fn by_code(&mut self, name: &str, help: &str, counts: &BTreeMap<&'static str, u64>) {
        let name = format!("{name}_total");
        self.head(&name, help, "counter");
        for (code, count) in counts {
            self.sample(&name, &format!("{{code=\"{code}\"}}"), count);
        }
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP aad_auth_{name} {help}");
        let _ = writeln!(self.0, "# TYPE aad_auth_{name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "aad_auth_{name}{labels} {value}");
    }
}

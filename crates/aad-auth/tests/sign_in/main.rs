//! Sign-in from outside: a browser, an application with the middleware, and a real provider, all
//! over HTTP.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stderr,
    dead_code,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may fail loudly, and brings its own HTTP client"
)]

mod acquisition;
mod another_account;
mod application_data;
mod authorities;
mod back_channel;
mod bearer;
mod behind_nginx;
mod callback;
#[path = "../support/canaries.rs"]
mod canaries;
mod canary;
mod causes;
mod clock;
mod contract;
mod examples;
mod exposure;
mod flow;
mod forgotten_lines;
mod form_post;
mod fragment;
mod front_channel;
mod full_disk;
mod hints;
mod hooks;
mod instances;
mod junk_callbacks;
mod keyring;
mod large_heads;
mod large_user;
mod long_addresses;
mod loops;
mod outage;
mod page_design;
mod placement;
mod providers;
mod readiness;
mod redirects;
#[path = "../support/redis.rs"]
#[allow(
    dead_code,
    clippy::print_stderr,
    reason = "shared with the tests of the store"
)]
mod redis;
mod refuses;
mod revocation;
#[path = "../support/server.rs"]
mod server;
mod side_by_side;
mod sign_out;
mod signed_out;
mod slow_bodies;
mod stolen_store;
mod store_outage;
mod store_room;
mod streams;
mod support;
mod tabs;
mod tenants;
mod testing;
mod third_party;
mod two_clocks;
mod user_flows;

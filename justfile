# The daily commands; `just` lists them. Each also works when typed by hand.

# Lists the recipes.
default:
    @just --list

# Runs the application with the local emulator.
run *arguments:
    cargo run -p webapp -- {{arguments}}

# Unit tests of the middleware: the quick loop.
quick *filter:
    cargo test -p aad-auth --lib {{filter}}

# Every test.
test:
    cargo test --workspace

# Formatting, lints and documentation, as before a push.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps --locked
    scripts/supply-chain

# Each feature alone, and none (`cargo install cargo-hack`).
features:
    cargo hack clippy -p aad-auth -p webapp --each-feature --exclude-all-features --exclude-features default --locked -- -D warnings

# What crates.io would get.
package:
    cargo package --list --allow-dirty -p entra-emulator
    cargo package --list --allow-dirty -p aad-auth

# All that decides over a change; installs what it needs on Debian.
ci:
    .ci/run

# Pictures of all pages in target/screenshots.
screenshots:
    AAD_SCREENSHOTS=1 cargo test -p webapp --test browser -- pages

# What a request costs beside a bare Actix page.
bench *arguments:
    cargo run --release --manifest-path scripts/bench/Cargo.toml -- {{arguments}}

# Fuzzes each parser of bytes from outside, 30 seconds by default.
fuzz *arguments:
    scripts/fuzz {{arguments}}

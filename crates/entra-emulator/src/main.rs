//! The binary: a tenant on this machine.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}

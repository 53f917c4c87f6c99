//! The program `entra-emulator`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}

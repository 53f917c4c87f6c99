//! Configuration in code: one method for each setting of the table, one file for each group.

mod address;
mod build;
mod calls;
mod config_builder;
mod identity;
mod session;
mod sign_in;
mod tokens;
mod values;

pub use config_builder::ConfigBuilder;

#[cfg(test)]
mod environment_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
#[path = "builder_tests.rs"]
mod tests;

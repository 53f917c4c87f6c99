//! One handler a page.

mod home;
mod preferences;

pub use home::home;
pub use preferences::preferences;

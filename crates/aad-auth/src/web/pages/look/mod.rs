//! How the crate's own pages look: style sheet, colours, logo, and the files that pages load.

mod assets;
mod colour;
mod identity;
mod logo;
mod palette;
mod style_sheet;

pub(in crate::web) use assets::{ASSETS, Asset, PageAssets};
pub use identity::{Look, LookError};

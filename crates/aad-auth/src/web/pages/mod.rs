//! The crate's pages: their model, their design, and the HTML.

mod html;
mod look;
mod model;
mod page_html;
mod page_parts;

pub use look::{Look, LookError};
pub use model::{Action, PageKind, PageModel, Pages, Support};

pub(in crate::web) use html::escape;
pub(in crate::web) use look::{ASSETS, Asset, PageAssets};
pub(in crate::web) use page_html::PageWriter;

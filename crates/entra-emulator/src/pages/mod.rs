//! The emulator's pages: Tera templates, styles, and the policy that goes with them.

mod assets;
mod dashboard;
mod render;

pub(crate) use assets::{favicon, form_post_script, style};
pub(crate) use dashboard::{dashboard, set_fault, wrong_error_link};
pub(crate) use render::Pages;

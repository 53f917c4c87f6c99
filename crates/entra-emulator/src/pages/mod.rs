//! The HTML pages: templates, assets and the content security policy.

mod assets;
mod render;

pub(crate) use assets::{favicon, form_post_script, style};
pub(crate) use render::{Pages, form_target};

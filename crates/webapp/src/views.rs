//! The templates: embedded in the binary, read from disk while they are being edited.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Tera};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../templates"]
#[allow_missing = false]
struct Embedded;

/// Where the templates live in the source tree, seen from anywhere.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../templates");

/// Renders pages. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    parsed: Arc<Tera>,
    /// Set while templates are edited: every page is then rendered from what is on disk.
    folder: Option<Arc<PathBuf>>,
}

/// The templates cannot be read or parsed, or one cannot be rendered. For the log only: the text
/// lists the names of variables.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The folder of the templates.
    #[error("the templates cannot be read")]
    Read(#[from] io::Error),
    /// A fault in a template.
    #[error("{}", chain(.0))]
    Template(#[from] tera::Error),
}

impl Views {
    /// Parses every template, so that a fault in one stops the start.
    ///
    /// # Errors
    /// A template that cannot be parsed.
    pub fn load() -> Result<Self, ViewError> {
        let folder = Path::new(FOLDER);
        let editing = cfg!(debug_assertions) && folder.is_dir();
        Ok(Self {
            parsed: Arc::new(parse(embedded())?),
            folder: editing.then(|| Arc::new(folder.to_path_buf())),
        })
    }

    /// Renders a template with what surrounds a page (`layout`) and the page's own data (`page`).
    ///
    /// # Errors
    /// A fault in the template.
    pub fn render(
        &self,
        template: &str,
        layout: &impl Serialize,
        page: &impl Serialize,
    ) -> Result<String, ViewError> {
        let mut context = Context::new();
        context.insert("layout", layout);
        context.insert("page", page);
        let html = match &self.folder {
            Some(folder) => parse(on_disk(folder)?)?.render(template, &context)?,
            None => self.parsed.render(template, &context)?,
        };
        Ok(html)
    }
}

fn parse(templates: Vec<(String, String)>) -> Result<Tera, ViewError> {
    let mut tera = Tera::new();
    tera.add_raw_templates(templates)?;
    Ok(tera)
}

fn embedded() -> Vec<(String, String)> {
    Embedded::iter()
        .filter_map(|name| {
            let file = Embedded::get(&name)?;
            Some((
                name.into_owned(),
                String::from_utf8_lossy(&file.data).into_owned(),
            ))
        })
        .collect()
}

fn on_disk(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut templates = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name.filter(|name| name.ends_with(".html")) {
            templates.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    Ok(templates)
}

fn chain(error: &tera::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_parses_and_is_escaped_by_its_name() {
        let templates = embedded();
        assert!(templates.iter().any(|(name, _)| name == "base.html"));
        for (name, content) in &templates {
            assert!(name.ends_with(".html"), "{name} would not be escaped");
            assert!(!content.contains("| safe"), "{name} switches escaping off");
        }
        parse(templates).unwrap();
    }

    /// The content security policy forbids them, so that they would be dead at best.
    #[test]
    fn no_template_holds_inline_script_or_style() {
        for (name, content) in embedded() {
            for inline in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
                assert!(!content.contains(inline), "{name}: {inline}");
            }
        }
    }

    #[test]
    fn a_fault_is_an_error_and_not_half_a_page() {
        let views = Views::load().unwrap();
        assert!(views.render("home.html", &(), &()).is_err());
        assert!(views.render("missing.html", &(), &()).is_err());
    }
}

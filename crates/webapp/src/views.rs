//! The templates: embedded in the binary, or read from disk in debug builds.

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
struct TemplateFolder;

/// The source folder, in debug builds.
const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../templates");

/// Renders pages. Cheap to clone.
#[derive(Clone)]
pub struct Views {
    parsed: Arc<Tera>,
    /// Set in debug builds: every page is then rendered from the templates on disk.
    folder: Option<Arc<PathBuf>>,
}

/// A template that cannot be read, parsed or rendered. For the log only: the text has names of variables.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The folder cannot be read.
    #[error("the templates cannot be read")]
    Read(#[from] io::Error),
    /// A template is at fault.
    #[error("{}", chain(.0))]
    Template(#[from] tera::Error),
}

impl Views {
    /// Parses every template, so that a faulty one stops the start.
    ///
    /// # Errors
    /// A template that cannot be parsed.
    pub fn load() -> Result<Self, ViewError> {
        let folder = Path::new(SOURCE_FOLDER);
        let editing = cfg!(debug_assertions) && folder.is_dir();
        Ok(Self {
            parsed: Arc::new(parse(embedded())?),
            folder: editing.then(|| Arc::new(folder.to_path_buf())),
        })
    }

    /// Renders a template with the data of the layout and of the page.
    ///
    /// # Errors
    /// A template that is missing or faulty.
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
    TemplateFolder::iter()
        .filter_map(|name| {
            let file = TemplateFolder::get(&name)?;
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

    /// The Content-Security-Policy forbids them.
    #[test]
    fn no_template_holds_inline_script_or_style() {
        for (name, content) in embedded() {
            for inline in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
                assert!(!content.contains(inline), "{name}: {inline}");
            }
        }
    }

    #[test]
    fn a_faulty_template_is_an_error_and_not_half_a_page() {
        let views = Views::load().unwrap();
        assert!(views.render("home.html", &(), &()).is_err());
        assert!(views.render("missing.html", &(), &()).is_err());
    }
}

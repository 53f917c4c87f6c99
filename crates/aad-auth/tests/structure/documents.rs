//! The documents name files: a file that was moved or renamed must not stay in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_file_that_a_document_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let root = root.canonicalize().unwrap();
    let mut missing = Vec::new();
    let mut named = 0;
    for document in documents(&root) {
        let text = fs::read_to_string(&document).unwrap();
        for path in named_files(&text) {
            named += 1;
            if !exists(&root, &document, path) {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(named > 100, "{named}");
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_file_that_is_not_there_is_found_out() {
    let text = "see `web/no_such_file.rs`, `x.rs`, `GET /a/b.rs` and `src/lib.rs`";
    let named: Vec<_> = named_files(text).collect();
    assert_eq!(named, ["web/no_such_file.rs", "src/lib.rs"]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    assert!(!exists(&root, &root.join("README.md"), named[0]));
    assert!(exists(&root, &root.join("README.md"), named[1]));
}

/// Markdown, but for the changelog: it tells what was.
fn documents(root: &Path) -> Vec<PathBuf> {
    let folders = [
        "",
        "docs",
        "docs/decisions",
        "crates/aad-auth/docs",
        "scripts/slow",
    ];
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_markdown = path.extension().is_some_and(|extension| extension == "md");
            if is_markdown && !path.ends_with("CHANGELOG.md") {
                found.push(path);
            }
        }
    }
    found
}

/// Quoted paths with a folder and an extension that this repository has.
fn named_files(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|path| {
        let plain =
            |character: char| character.is_ascii_alphanumeric() || "/._-".contains(character);
        let is_file = [".rs", ".md", ".txt", ".js"]
            .iter()
            .any(|end| path.ends_with(end));
        let in_tree = !path.starts_with(['/', '.']) && !path.starts_with("target/");
        path.contains('/') && in_tree && path.chars().all(plain) && is_file
    })
}

/// Paths are written from the root, from a crate, or from the source of a crate.
fn exists(root: &Path, document: &Path, path: &str) -> bool {
    let bases = [
        root.to_owned(),
        document.parent().unwrap().to_owned(),
        root.join("crates"),
        root.join("crates/aad-auth"),
        root.join("crates/aad-auth/src"),
        root.join("crates/aad-auth/tests"),
        root.join("crates/webapp"),
        root.join("crates/webapp/src"),
        root.join("crates/entra-emulator/src"),
    ];
    bases.iter().any(|base| base.join(path).exists())
}

//! Each type, trait and function of the public face has an example, or names the place of one.

use std::{fs, path::Path};

use crate::source::Source;

#[test]
fn each_public_type_trait_and_function_has_an_example() {
    let krate = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = Source::read(krate);
    let listing = fs::read_to_string(krate.join("docs/public-api.txt")).unwrap();
    let modules = public_modules(&listing);
    let names: Vec<_> = modules
        .iter()
        .flat_map(|module| source.exported_docs(module))
        .collect();
    assert!(names.len() > 120, "{} names", names.len());
    let found: Vec<_> = modules
        .iter()
        .flat_map(|module| without_example(&source, module))
        .collect();
    assert!(
        found.is_empty(),
        "no example, and no link to one: {found:#?}"
    );
}

#[test]
fn finds_what_has_no_example() {
    let krate = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| fs::write(krate.path().join(path), text).unwrap();
    fs::create_dir(krate.path().join("src")).unwrap();
    write(
        "src/lib.rs",
        "mod room;
         pub use crate::room::{LIMIT, Bare, Coded, Linked, Made, Undocumented, bare, lost, part};
         use crate::room::Private;",
    );
    write(
        "src/room.rs",
        "/// No example.\npub struct Bare;
         /// ```\n/// ```\npub struct Coded;
         /// See [`Coded`] for an example.\npub trait Linked {}
         pub enum Undocumented {}
         /// No example.\npub fn bare() {}
         made!(/// Not here either.
             Made, 1);
         pub const LIMIT: usize = 1;
         pub struct Private;
         pub mod part {}",
    );
    let source = Source::read(krate.path());
    assert_eq!(
        without_example(&source, &[]),
        ["Bare", "Made", "Undocumented", "bare", "lost"]
    );
}

/// The exported names of a module that have no example. A name without a definition is one of them.
fn without_example(source: &Source, module: &[String]) -> Vec<String> {
    let has_example = |docs: &str| docs.contains("```") || docs.contains("for an example");
    let names = source.exported_docs(module).into_iter();
    let without = names.filter(|(_, docs)| !docs.is_some_and(has_example));
    without.map(|(name, _)| name).collect()
}

/// The root, and the modules right below it.
fn public_modules(listing: &str) -> Vec<Vec<String>> {
    let below = listing
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod aad_auth::"))
        .filter(|path| !path.contains("::"));
    let below = below.map(|name| vec![name.to_owned()]);
    std::iter::once(Vec::new()).chain(below).collect()
}

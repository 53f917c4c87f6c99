//! One name, one type: a reader who has met a type must not meet another one under its name.

use std::{collections::BTreeMap, path::Path};

use crate::source::visible_types;

#[test]
fn no_two_types_of_a_crate_have_one_name() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut twice = Vec::new();
    for name in ["aad-auth", "webapp", "entra-emulator"] {
        let mut files: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for one in visible_types(&crates.join(name)) {
            files.entry(one.name).or_default().push(one.file);
        }
        assert!(files.len() > 20, "{name} has {} types", files.len());
        twice.extend(files.into_iter().filter(|(_, files)| files.len() > 1));
    }
    assert!(twice.is_empty(), "{twice:#?}");
}

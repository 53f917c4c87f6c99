//! No circle of files, in any of the crates: a file is understood without those that use it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::source::Source;

type Uses = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

#[test]
fn no_files_use_each_other_in_a_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for name in ["aad-auth", "webapp", "entra-emulator"] {
        let uses = Source::read(&crates.join(name)).uses();
        found.extend(circles(&uses).iter().map(|circle| told(circle, &uses)));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_of_three_is_found_and_a_chain_is_not_one() {
    let uses = |pairs: &[(&str, &str)]| -> Uses {
        let mut uses = Uses::new();
        for (file, used) in pairs {
            uses.entry(file.into()).or_default().insert(used.into());
            uses.entry(used.into()).or_default();
        }
        uses
    };
    let circle = uses(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]);
    assert_eq!(circles(&circle).len(), 1);
    assert_eq!(circles(&circle)[0].len(), 3);
    assert!(circles(&uses(&[("a", "b"), ("b", "c"), ("a", "c")])).is_empty());
}

#[test]
fn the_reader_follows_what_a_module_hands_on() {
    let krate = Path::new(env!("CARGO_MANIFEST_DIR"));
    let uses = Source::read(krate).uses();
    let file = |path: &str| krate.join("src").join(path);
    // By `super::…`, and by a name that `config/mod.rs` hands on.
    assert!(uses[&file("store/memory/store.rs")].contains(&file("store/memory/memory_shard.rs")));
    assert!(uses[&file("validation/identifiers.rs")].contains(&file("config/guid.rs")));
    assert!(!uses[&file("config/guid.rs")].contains(&file("validation/identifiers.rs")));
}

/// The files that reach each other, in groups of two and more.
fn circles(uses: &Uses) -> Vec<Vec<PathBuf>> {
    let reach: BTreeMap<_, _> = uses
        .keys()
        .map(|file| (file, reached(file, uses)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for (file, reached) in &reach {
        if !reached.contains(*file) || seen.contains(*file) {
            continue;
        }
        let circle: Vec<_> = reached
            .iter()
            .filter(|other| reach[other].contains(*file))
            .cloned()
            .collect();
        seen.extend(circle.iter().cloned());
        circles.push(circle);
    }
    circles
}

fn reached(from: &Path, uses: &Uses) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_owned()];
    while let Some(file) = open.pop() {
        for used in uses.get(&file).into_iter().flatten() {
            if found.insert(used.clone()) {
                open.push(used.clone());
            }
        }
    }
    found
}

fn told(circle: &[PathBuf], uses: &Uses) -> String {
    let short = |file: &Path| {
        let text = file.to_string_lossy();
        text.split_once("crates/")
            .map_or(text.to_string(), |(_, rest)| rest.to_owned())
    };
    let mut lines = vec![format!("a circle of {} files:", circle.len())];
    for file in circle {
        let used: Vec<_> = uses[file]
            .iter()
            .filter(|used| circle.contains(used))
            .collect();
        let used: Vec<_> = used.iter().map(|used| short(used)).collect();
        lines.push(format!("  {} uses {}", short(file), used.join(", ")));
    }
    lines.join("\n")
}

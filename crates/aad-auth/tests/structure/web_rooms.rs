//! The rooms of `web`: each uses only those before it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::source::Source;

/// In the order of `web/mod.rs`.
const ROOMS: [&str; 8] = [
    "request",
    "pages",
    "instance",
    "answers",
    "access",
    "routes",
    "start",
    "application",
];

#[test]
fn no_room_of_web_uses_one_behind_it() {
    let web = web();
    let mut wrong = Vec::new();
    for (file, used) in Source::read(Path::new(env!("CARGO_MANIFEST_DIR"))).uses() {
        let Some(own) = room(&web, &file) else {
            continue;
        };
        let behind = used.iter().filter(|used| room(&web, used) > Some(own));
        wrong.extend(behind.map(|used| format!("{} uses {}", file.display(), used.display())));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_file_of_web_is_in_a_room() {
    let web = web();
    for entry in fs::read_dir(&web).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let is_room = ROOMS.contains(&name.as_str());
        assert!(is_room || name == "mod" || name == "fuzzing", "{name}");
    }
    let list = fs::read_to_string(web.join("mod.rs")).unwrap();
    let at = |room: &str| list.find(&format!("\nmod {room};"));
    let places: Vec<_> = ROOMS.iter().map(|room| at(room).unwrap()).collect();
    assert!(places.is_sorted(), "the list of mod.rs has another order");
}

fn web() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")
}

/// Which room a file is in; `None` outside of `web`, and for its list of rooms.
fn room(web: &Path, file: &Path) -> Option<usize> {
    let below = file.strip_prefix(web).ok()?;
    let first = below.iter().next()?.to_str()?.trim_end_matches(".rs");
    ROOMS.iter().position(|room| *room == first)
}

//! The layers of `ARCHITECTURE.md`: an arrow that points up fails here.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every layer with its height. A layer uses only lower ones.
const LAYERS: [(&str, u8); 13] = [
    ("config", 1),
    ("transport", 2),
    ("store", 2),
    ("provider", 3),
    ("client_auth", 4),
    ("validation", 4),
    ("grant", 5),
    ("graph", 5),
    ("session", 5),
    ("sign_in", 6),
    ("acquisition", 6),
    ("policy", 7),
    ("web", 8),
];

/// The files of the public face: they name every layer.
const FACE: [&str; 2] = ["lib", "internals"];

/// Every layer uses these; they use no layer.
const ROOT: [&str; 7] = [
    "clock", "observe", "random", "secret", "seal", "sync", "testing",
];

#[test]
fn no_arrow_points_up() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in files(&source) {
        let own = layer_of(&source, &file);
        let text = fs::read_to_string(&file).unwrap();
        for used in used_modules(&text) {
            if !allowed(&own, &used) {
                wrong.push(format!("{} uses crate::{used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_folder_is_a_known_layer() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs");
        assert!(
            FACE.contains(&name) || ROOT.contains(&name) || height(name).is_some(),
            "{name}"
        );
    }
}

#[test]
fn what_is_for_tests_only_is_behind_its_feature() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(source.join("lib.rs")).unwrap();
    assert!(lib.contains("#[cfg(feature = \"testing\")]\npub mod testing;"));
    let uses_it = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        layer_of(&source, file) != "testing" && used_modules(&text).contains(&"testing".to_owned())
    };
    let wrong: Vec<_> = files(&source).into_iter().filter(uses_it).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_scanner_sees_nested_imports() {
    let text = "use crate::{\n    clock::Clock,\n    web::{Auth, User},\n    seal,\n};\n/// [`Auth`](crate::Auth)\nuse crate::store::Key;\nlet x = crate::flow::LIFE;";
    assert_eq!(
        used_modules(text),
        ["clock", "web", "seal", "store", "flow"]
    );
    assert!(!allowed("session", "web"));
    assert!(!allowed("transport", "store"));
    assert!(allowed("session", "store"));
}

fn allowed(own: &str, used: &str) -> bool {
    if used.strip_suffix("_room").unwrap_or(used) == own
        || ROOT.contains(&used)
        || FACE.contains(&own)
        || own == "testing"
    {
        return true;
    }
    match (height(own), height(used)) {
        (Some(own), Some(used)) => used < own,
        // A name of the crate's root, such as a re-export, is not used inside.
        _ => false,
    }
}

/// A layer that shares its name with a public module is `<name>_room` in `lib.rs`.
fn height(layer: &str) -> Option<u8> {
    let layer = layer.strip_suffix("_room").unwrap_or(layer);
    let found = LAYERS.iter().find(|(name, _)| *name == layer);
    found.map(|(_, height)| *height)
}

fn layer_of(source: &Path, file: &Path) -> String {
    let below = file.strip_prefix(source).unwrap();
    let first = below.iter().next().unwrap().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// Links of the documentation may lead anywhere.
fn without_comments(text: &str) -> String {
    let code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(code).collect::<Vec<_>>().join("\n")
}

/// The first segment behind each `crate::`, also inside braces.
fn used_modules(text: &str) -> Vec<String> {
    let text = without_comments(text);
    let mut used = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut word = String::new();
            let mut first = true;
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && first && (character.is_alphanumeric() || character == '_') {
                    word.push(character);
                } else if depth == 0 && !word.is_empty() {
                    used.push(std::mem::take(&mut word));
                    first = false;
                }
                if depth == 0 && character == ',' {
                    first = true;
                }
            }
            if !word.is_empty() {
                used.push(word);
            }
        } else {
            let name = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_');
            used.push(name.collect());
        }
    }
    used.retain(|name| !name.is_empty());
    used
}
